"""Faults that hurt users of other systems, and how this one does not have them: calls at once, failures."""

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import grpc
import pytest
from sqlalchemy import Engine, event, update

from howmuch.errors import Unavailable
from howmuch.rpc.methods import Method
from howmuch.storage.tables import idempotency_keys
from howmuch.usecases.ledger_check import check_event
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_pb2
from howmuch.v1 import expense_service_pb2 as xs
from tests.databases import is_background
from tests.service.api import Api, Person, failure, failure_of
from tests.service.requests import FACTORIES, METHODS, call, name_of
from tests.service.world import World, contents

WRITES = {name_of(method): method for method in METHODS.values() if method.writes}


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Runs the calls in threads that start together: answers, and failures where they failed."""
    start = threading.Barrier(len(calls))

    def run(one: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return one()
        except grpc.RpcError as error:
            return failure_of(error)

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


@pytest.mark.parametrize("has_history", [False, True])
def test_l13_who_leaves_never_owes(postgres_api: Api, has_history: bool) -> None:
    """An expense and the leaving of its beneficiary, at once: one of the two is refused."""
    ana, bo = postgres_api.person("Ana"), postgres_api.person("Bo")
    event_id, mine = (made := ana.event()).id, made.member_id
    for _ in range(25):
        his = bo.join(ana, event_id).member_id
        if has_history:
            ana.spend(event_id, his, "1.00", his)
        leave = es.RemoveMemberRequest(event_id=event_id, member_id=his)
        spent, gone = at_once(
            partial(ana.spend, event_id, mine, "10.00", mine, his),
            partial(bo.events.RemoveMember, leave),
        )
        if isinstance(spent, expense_pb2.Expense):
            assert gone.reason == "BALANCE_OPEN"
            key = {"event_id": event_id, "expense_id": spent.id}
            ana.expenses.DeleteExpense(xs.DeleteExpenseRequest(**key))
            bo.events.RemoveMember(leave)
        else:
            assert spent.reason in ("MEMBER_INACTIVE", "MEMBER_UNKNOWN")
    with postgres_api.database.read() as connection:
        assert check_event(connection, event_id) == []


def key(value: str) -> tuple[tuple[str, str], ...]:
    """The metadata of a call with an idempotency key."""
    return (("idempotency-key", value),)


def count_expenses(person: Person, event_id: str) -> int:
    """How many there are."""
    return len(person.expenses.ListExpenses(xs.ListExpensesRequest(event_id=event_id)).expenses)


def test_l17_a_repeated_key_gives_the_same_answer(ana: Person, bo: Person) -> None:
    """What was done once is not done again; another request, a key of another user and a failure differ."""
    made = ana.event()
    bo.join(ana, made.id)
    revision = ana.revision(made.id)
    first = ana.spend(made.id, made.member_id, "1.00", metadata=key("k1"))
    assert ana.spend(made.id, made.member_id, "1.00", metadata=key("k1")) == first
    assert ana.revision(made.id) == revision + 1
    other_requests = (
        lambda: ana.spend(made.id, made.member_id, "2.00", metadata=key("k1")),
        lambda: ana.events.ArchiveEvent(
            es.ArchiveEventRequest(event_id=made.id), metadata=key("k1")
        ),
    )
    for other in other_requests:
        failed = failure(other)
        assert (failed.code, failed.reason) == ("FAILED_PRECONDITION", "IDEMPOTENCY_KEY_REUSED")
    assert bo.spend(made.id, made.member_id, "1.00", metadata=key("k1")).id != first.id
    failure(lambda: ana.spend(made.id, made.member_id, "x", metadata=key("k2")))
    ana.spend(made.id, made.member_id, "3.00", metadata=key("k2"))
    assert count_expenses(ana, made.id) == 3


def test_l17_a_key_belongs_to_one_method(api: Api, ana: Person) -> None:
    """Another method with a request of the very same bytes is another request."""
    event_id = ana.event().id
    archive, undo = es.ArchiveEventRequest(event_id=event_id), es.UnarchiveEventRequest()
    undo.ParseFromString(archive.SerializeToString())
    archived = ana.events.ArchiveEvent(archive, metadata=key("k"))
    failed = failure(lambda: ana.events.UnarchiveEvent(undo, metadata=key("k")))
    assert (failed.code, failed.reason) == ("FAILED_PRECONDITION", "IDEMPOTENCY_KEY_REUSED")
    assert ana.events.ArchiveEvent(archive, metadata=key("k")) == archived


def test_l17_a_key_is_kept_for_a_week(api: Api, ana: Person) -> None:
    """After seven days the same key is a new one, for any request, and is kept again."""
    made = ana.event()
    first = ana.spend(made.id, made.member_id, "1.00", metadata=key("k"))
    for amount, days in (("1.00", 6.9), ("2.00", 7.1), ("2.00", 0)):
        made_at = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
        statement = update(idempotency_keys).where(idempotency_keys.c.user_id == ana.user_id)
        with api.database.begin() as connection:
            connection.execute(statement.values(create_time=made_at))
        again = ana.spend(made.id, made.member_id, amount, metadata=key("k"))
        assert (again.id == first.id) is (days < 7)
        first = again
    assert count_expenses(ana, made.id) == 2


def test_l17_duplicates_at_once_are_one(api: Api, ana: Person) -> None:
    """However many calls with one key come together, one of them does it and all get its answer."""
    made = ana.event()
    for number in range(5):
        headers = key(f"k{number}")
        answers = at_once(
            *[lambda h=headers: ana.spend(made.id, made.member_id, "1.00", metadata=h)] * 8
        )
        assert all(answer == answers[0] for answer in answers), answers
        assert count_expenses(ana, made.id) == number + 1
    with api.database.read() as connection:
        assert check_event(connection, made.id) == []


@contextmanager
def watched(engine: Engine, fail_at: int = 0) -> Iterator[list[str]]:
    """Records statements and commits. The one with the number `fail_at`, from 1, is not carried out."""
    seen: list[str] = []

    def see(statement: str) -> None:
        if is_background():
            return
        seen.append(statement)
        if len(seen) == fail_at:
            raise Unavailable("DATABASE_UNAVAILABLE", "The fault that this test is about.")

    def execute(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        see(statement)

    def commit(_connection: object) -> None:
        see("COMMIT")

    event.listen(engine, "before_cursor_execute", execute)
    event.listen(engine, "commit", commit)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", execute)
        event.remove(engine, "commit", commit)


QUICK_ON_SQLITE = ("CreateExpense", "BatchCreateExpenses", "UpdateExpense", "AcceptInvitation")

# On PostgreSQL it is one statement, or as through PgBouncer; test_fast_add is about that.
WAYS = [
    pytest.param(
        "pgbouncer" if (dialect, name) == ("postgresql", "CreateExpense") else dialect,
        WRITES[name],
        id=f"{dialect}-{name}",
        marks=[pytest.mark.slow] if dialect == "sqlite" and name not in QUICK_ON_SQLITE else [],
    )
    for dialect in ("sqlite", "postgresql")
    for name in WRITES
]


@pytest.mark.parametrize(("dialect", "method"), WAYS, indirect=["dialect"], scope="module")
def test_l19_a_write_is_whole_or_not_at_all(own_api: Api, method: Method) -> None:
    """Wherever a write breaks off, every table is as before: history, mail and key included."""
    database, engine = own_api.database, own_api.database.engine
    (owner, request), (other, same) = (
        (world.owner, FACTORIES[name_of(method)](world, "owner"))
        for world in (World(own_api), World(own_api))
    )
    with watched(engine) as statements:
        call(other, method, same, metadata=key("k"))
    assert statements[-1] == "COMMIT"
    before = contents(database)
    for number, statement in enumerate(statements, 1):
        with watched(engine, fail_at=number):
            failed = failure(lambda: call(owner, method, request, metadata=key("k")))
        assert failed.code == "UNAVAILABLE", statement
        assert contents(database) == before, statement
    call(owner, method, request, metadata=key("k"))
    assert contents(database) != before
