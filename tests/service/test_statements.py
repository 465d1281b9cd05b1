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

KEY = (("idempotency-key", "one"),)
MONEY = {"expense.amount": "12.00", "expense.payments": [{"member_id": "$ana"}]}

# Method, change of the request that is accepted, statements on SQLite and on PostgreSQL, where what is
# inserted into several tables is one statement.
COUNTS: list[tuple[str, dict[str, Any], int, int]] = [
    ("GetMe", {}, 2, 2),
    ("ListSessions", {}, 2, 2),
    ("ListEvents", {}, 2, 2),
    ("GetMyBalances", {}, 2, 2),
    ("GetEvent", {}, 1, 1),
    ("ListMembers", {}, 2, 2),
    ("GetBalances", {}, 3, 3),
    ("GetSettlement", {}, 2, 2),
    ("GetTotals", {}, 4, 4),
    ("ListChanges", {}, 2, 2),
    ("GetExpense", {}, 2, 2),
    ("ListExpenses", {}, 3, 3),
    ("ListExpenses", {"member_id": "$bo", "text": "dinner", "order_by": "create_time"}, 3, 3),
    ("ListExpenseVersions", {}, 3, 3),
    # Session, lock, members, expense, shares, balances, debts, change, message.
    ("CreateExpense", {"expense.split": {"equal": {"member_ids": ["$ana", "$bo", "$cy"]}}}, 9, 3),
    ("CreateExpense", {"expense.split": {}}, 9, 4),
    ("BatchCreateExpenses", {}, 9, 3),
    ("BatchCreateExpenses", {"expenses": [EXPENSE] * 100}, 9, 3),
    # Session, lock, members, expense with shares, members again, expense, change, message.
    ("UpdateExpense", {"expense.reason": "Supper"}, 8, 6),
    # Nothing is different: session, lock, members, expense, members again, unlock.
    ("UpdateExpense", {"expense.reason": "Supper"}, 6, 5),
    # And shares out and in, balances, debts.
    ("UpdateExpense", MONEY, 12, 7),
    # And balances, debts.
    ("DeleteExpense", {}, 10, 6),
    ("AddMember", {}, 7, 5),
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
    on = ("sqlite", "postgresql").index(api.database.dialect)
    for rpc, change, *_ in COUNTS:
        request = world.request(rpc, change)
        seen.append((rpc, change, len(statements_of(lambda: world.send(rpc, request)))))  # noqa: B023
    assert seen == [(rpc, change, counts[on]) for rpc, change, *counts in COUNTS]


def test_idempotency_key_adds_two_statements(api: Api, world: World, statements_of: Any) -> None:
    """One to look the key up and one to store the answer; a repeated call only looks it up."""
    request = world.request("CreateExpense")

    def call() -> Any:
        return world.send("CreateExpense", request, metadata=KEY)

    first = {"sqlite": 11, "postgresql": 5}[api.database.dialect]
    assert [len(statements_of(call)) for _ in range(2)] == [first, 4]
