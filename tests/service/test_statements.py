"""How many SQL statements each hot method takes, whatever the number of members and expenses.

The first of each is the one that finds session, membership and event.
"""

from collections.abc import Callable
from typing import Any

import pytest

from howmuch.v1 import expense_pb2
from tests.databases import QueryCounter
from tests.service.api import Api
from tests.service.bad_input import EXPENSE, World, make_world

# The numbers are those of servers with everything for speed.
pytestmark = pytest.mark.fast_path

KEY = (("idempotency-key", "one"),)
MONEY = {"expense.amount": "12.00", "expense.payments": [{"member_id": "$ana"}]}
TO_THREE = {"expense.split": {"equal": {"member_ids": ["$ana", "$bo", "$cy"]}}}

# Method, change of the request that is accepted, statements on SQLite and on PostgreSQL, where what is
# inserted into several tables is one statement; and behind a pooler, where that is another number.
COUNTS: list[tuple[Any, ...]] = [
    ("GetMe", {}, 2, 2),
    ("ListSessions", {}, 2, 2),
    ("ListEvents", {}, 2, 2),
    ("GetMyBalances", {}, 2, 2),
    ("GetEvent", {}, 1, 1),
    ("ListMembers", {}, 2, 2),
    ("GetBalances", {}, 3, 3),
    ("GetSettlement", {}, 2, 2),
    ("GetTotals", {}, 4, 4),
    ("ListChanges", {}, 3, 3),
    ("GetBalances", {"as_of_date": "2026-11-22"}, 4, 4),
    ("GetTotals", {"as_of_date": "2026-11-22"}, 4, 4),
    ("GetExpense", {}, 2, 2),
    # Session, which expenses, and where they have not been listed before, their shares and rows.
    ("ListExpenses", {"page_size": 500}, 4, 4),
    ("ListExpenses", {"member_id": "$bo", "text": "dinner", "order_by": "create_time"}, 2, 2),
    ("ListExpenseVersions", {}, 4, 4),
    # Session, lock, members, expense, shares, balances, debts, change, message, count of own changes. On
    # PostgreSQL what was seen of the members is enough for the next one, unless that is split over whoever is
    # there.
    ("CreateExpense", TO_THREE, 10, 3, 3),
    ("CreateExpense", TO_THREE, 10, 1, 3),
    ("CreateExpense", {"expense.split": {}}, 10, 3, 4),
    ("CreateExpense", {"expense.split": {}}, 10, 1, 4),
    ("BatchCreateExpenses", {}, 10, 3),
    ("BatchCreateExpenses", {"expenses": [EXPENSE] * 100}, 10, 3),
    # Session, lock, members, expense with shares, members again, expense, change, message.
    ("UpdateExpense", {"expense.reason": "Supper"}, 9, 6),
    # Nothing is different: session, lock, members, expense, members again, unlock.
    ("UpdateExpense", {"expense.reason": "Supper"}, 6, 5),
    # And shares out and in, balances, debts.
    ("UpdateExpense", MONEY, 13, 7),
    # And balances, debts.
    ("DeleteExpense", {}, 11, 6),
    ("AddComment", {}, 8, 4),
    ("ListComments", {}, 2, 2),
    ("GetMyOverview", {}, 3, 3),
    ("ListMyChanges", {}, 3, 3),
    ("MarkSeen", {}, 3, 4),
    ("SearchEvents", {}, 3, 3),
    ("ListCurrencies", {}, 2, 2),
    ("ListRecentlyUsed", {}, 5, 5),
    ("AddMember", {}, 9, 6),
]


@pytest.fixture(params=["few", "many"])
def world(api: Api, request: pytest.FixtureRequest) -> World:
    """An event with few or many members and expenses."""
    made = make_world(api)
    if request.param == "many":
        for name in map(str, range(30)):
            made.people["ana"].guest(made.names["event"], name)
        more = {**EXPENSE, "split": expense_pb2.Split()}
        made.send(
            "BatchCreateExpenses", made.request("BatchCreateExpenses", {"expenses": [more] * 60})
        )
    return made


@pytest.fixture
def statements_of(
    api: Api, query_counter: QueryCounter
) -> Callable[[Callable[[], Any]], list[str]]:
    """The statements that a call runs."""

    def run(call: Callable[[], Any]) -> list[str]:
        with query_counter(api.database.engine) as statements:
            call()
        return statements

    return run


def test_statements_of_each_method(api: Api, world: World, statements_of: Any) -> None:
    """The numbers are exact, and the same with few and with many members and expenses."""
    seen = []
    # Of SQLite the first, of PostgreSQL the second, behind a pooler the last.
    on = 0 if api.database.dialect == "sqlite" else 1 if api.database.autocommits else -1
    for rpc, change, *_ in COUNTS:
        request = world.request(rpc, change)
        seen.append((rpc, change, len(statements_of(lambda: world.send(rpc, request)))))  # noqa: B023
    assert seen == [(rpc, change, counts[on]) for rpc, change, *counts in COUNTS]


def test_statements_of_a_call_with_an_idempotency_key(
    api: Api, world: World, statements_of: Any
) -> None:
    """To look the key up, and to store the answer, unless one does it all; repeated, none writes."""
    request = world.request("CreateExpense")

    def call() -> Any:
        return world.send("CreateExpense", request, metadata=KEY)

    counts = [12, 4, 4] if api.database.dialect == "sqlite" else [5, 4, 4]
    if api.database.autocommits:
        counts = [3, 8, 7]
    assert [len(statements_of(call)) for _ in range(3)] == counts
