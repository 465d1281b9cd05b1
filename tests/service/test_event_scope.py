"""Every statement of a call about one event names the event: the tables could be distributed by it.

docs/growing.md says what that is good for.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from howmuch.rpc.methods import Method
from howmuch.storage.tables import metadata
from tests.databases import QueryCounter
from tests.service.api import Api
from tests.service.bad_input import make_world
from tests.service.event_scope import EVENT_SCOPED, strays
from tests.service.requests import FACTORIES, METHODS, call, name_of
from tests.service.test_statements import COUNTS
from tests.service.world import World

# What calls that are about no one event may ask by, instead of by the event.
OTHER_KEYS = {
    ("members", "user_id"): "a user's events, and what a user is owed in all of them",
    ("invitations", "token"): "whoever is invited knows the token, and not yet the event",
    ("usage", "user_id"): "what a user has stored in all events, for their quota",
    ("seen_marks", "user_id"): "how far a user has read goes with the account",
    ("invitations", "email"): "the address of a user who is gone is taken out everywhere",
}

on_postgresql = pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)


@pytest.fixture
def statements_of(
    api: Api, query_counter: QueryCounter
) -> Callable[[Callable[[], Any]], list[str]]:
    """The statements that a call runs."""

    def run(send: Callable[[], Any]) -> list[str]:
        with query_counter(api.database.engine) as statements:
            send()
        return statements

    return run


def call_of(api: Api, method: Method) -> Callable[[], Any]:
    """A call that succeeds."""
    world = World(api)
    # The owner is in the event already.
    who = "stranger" if name_of(method) == "AcceptInvitation" else "owner"
    if name_of(method) == "WatchEvent":
        world.expense  # noqa: B018 - a stream without a change to send would wait for one
    return partial(call, world(who), method, FACTORIES[name_of(method)](world, who))


@on_postgresql
@pytest.mark.parametrize("method", METHODS.values(), ids=name_of)
def test_statements_of_a_method_name_the_event(
    api: Api, statements_of: Any, method: Method
) -> None:
    """Those about one event name it wherever they touch its tables; the others have a reason not to."""
    allowed = frozenset() if method.role else frozenset(OTHER_KEYS)
    statements = statements_of(call_of(api, method))
    assert statements
    assert [(strays(each, allowed), each) for each in statements if strays(each, allowed)] == []


@on_postgresql
def test_statements_of_larger_requests_name_the_event(api: Api, statements_of: Any) -> None:
    """Filters, batches and new money make other statements of the same methods."""
    world = make_world(api)
    roles = {name_of(method): method.role for method in METHODS.values()}
    for rpc, change, *_ in COUNTS:
        request = world.request(rpc, change)
        statements = statements_of(partial(world.send, rpc, request))
        assert statements, rpc
        allowed = frozenset() if roles[rpc] else frozenset(OTHER_KEYS)
        assert [each for each in statements if strays(each, allowed)] == []


@on_postgresql
def test_every_exception_is_needed(api: Api, statements_of: Any) -> None:
    """A key that nothing asks by any more is no exception."""
    statements = [
        statement
        for method in METHODS.values()
        if not method.role
        for statement in statements_of(call_of(api, method))
    ]
    for key in OTHER_KEYS:
        others = frozenset(OTHER_KEYS) - {key}
        assert any(strays(statement, others) for statement in statements), key


BY_ID = "WHERE expenses.id = %(id_1)s::VARCHAR"
IN_EVENT = "expenses.event_id = %(event_id_1)s::VARCHAR"


BOTH = "FROM expenses JOIN shares ON shares.expense_id = expenses.id"
RENAMED = "FROM expenses AS expenses_1 JOIN members ON members.id = expenses_1.id"
BAD = [
    (f"SELECT expenses.id FROM expenses {BY_ID}", ["expenses"]),
    (f"UPDATE expenses SET version=%(version)s::INTEGER {BY_ID}", ["expenses"]),
    (f"DELETE FROM expenses {BY_ID}", ["expenses"]),
    ("INSERT INTO shares (expense_id, member_id) VALUES (%(a)s, %(b)s)", ["shares"]),
    (f"SELECT shares.owed_minor {BOTH} {BY_ID} AND {IN_EVENT}", ["shares"]),
    (f"SELECT expenses_1.id {RENAMED}", ["expenses", "members"]),
    ("SELECT events.name FROM events WHERE events.name = %(name_1)s", ["events"]),
    ("SELECT events.id FROM events JOIN users ON events.id = users.id", ["events"]),
]


@pytest.mark.parametrize(("statement", "found"), BAD)
def test_statement_without_the_event_is_found(statement: str, found: list[str]) -> None:
    """What asks by an id alone, or joins by one, would ask every node."""
    assert strays(statement) == found


def test_tables_of_events() -> None:
    """Whoever adds a table decides whether it is one of an event."""
    outside = {"users", "sessions", "account_tokens", "outbox", "dead_letters", "deliveries"}
    outside |= {"idempotency_keys", "invited_addresses", "mail_counts"}
    assert metadata.tables.keys() - EVENT_SCOPED == outside
