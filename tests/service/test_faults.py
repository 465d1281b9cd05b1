"""Faults of every kind in the middle of a write: what the caller is told, and that nothing is left.

That a write of any method is whole or not at all is in test_lessons_at_once; here it is the kinds of fault.
"""

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import psycopg
import pytest
from sqlalchemy import Engine, event, text
from structlog.testing import capture_logs

from howmuch.v1 import expense_pb2
from howmuch.v1 import expense_service_pb2 as xs
from tests.service.api import Api, Failure, failure_of
from tests.service.world import contents

UNREACHABLE = ("UNAVAILABLE", "DATABASE_UNAVAILABLE")
CONFLICT = ("UNAVAILABLE", "DATABASE_CONFLICT")
LATE = ("DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED")
OURS = ("INTERNAL", "INTERNAL")
# Dialect, what the driver raises, what the caller is told.
FAULTS: list[tuple[str, type[Exception], str, tuple[str, str]]] = [
    ("sqlite", sqlite3.OperationalError, "disk I/O error", UNREACHABLE),
    ("sqlite", sqlite3.OperationalError, "database is locked", LATE),
    ("sqlite", sqlite3.OperationalError, "no such column", OURS),
    ("sqlite", RuntimeError, "a fault of ours", OURS),
    ("postgresql", psycopg.OperationalError, "server closed the connection", UNREACHABLE),
    ("postgresql", psycopg.errors.DeadlockDetected, "deadlock detected", CONFLICT),
    ("postgresql", psycopg.errors.QueryCanceled, "statement timeout", LATE),
    ("postgresql", psycopg.errors.UndefinedColumn, "no such column", OURS),
    ("postgresql", RuntimeError, "a fault of ours", OURS),
]

Write = Callable[[], object]


@pytest.fixture(params=["create", "update"])
def write(own_api: Api, request: pytest.FixtureRequest) -> Write:
    """A write with an idempotency key, of several statements."""
    ana = own_api.person("Ana")
    made = ana.event()
    both = (made.member_id, ana.guest(made.id, "Bo").id)
    headers = (("idempotency-key", "k"),)
    if request.param == "create":
        split = expense_pb2.Split(equal=expense_pb2.EqualSplit(member_ids=both))
        payments = [expense_pb2.Payment(member_id=both[0], amount="10.00")]
        dinner = expense_pb2.Expense(
            reason="Dinner", date="2026-11-22", payments=payments, split=split
        )
        new = xs.BatchCreateExpensesRequest(event_id=made.id, expenses=[dinner])
        return lambda: ana.expenses.BatchCreateExpenses(new, metadata=headers)
    expense = ana.spend(made.id, both[0], "10.00", *both)
    expense.amount = "11.00"
    changed = xs.UpdateExpenseRequest(expense=expense)
    changed.update_mask.paths.append("amount")
    return lambda: ana.expenses.UpdateExpense(changed, metadata=headers)


@pytest.fixture(autouse=True)
def short_log() -> Iterator[None]:
    """Tracebacks are not drawn, which takes structlog a second each where it is not configured."""
    with capture_logs():
        yield


@contextmanager
def before_each_statement(engine: Engine, act: Callable[[Any, int], None]) -> Iterator[list[int]]:
    """Calls `act` with the driver's connection and the number of the statement, from 1, as it is sent."""
    numbers: list[int] = []

    def execute(cursor: Any, *_more: object) -> None:
        numbers.append(len(numbers) + 1)
        act(cursor.connection, numbers[-1])

    names = ("do_execute", "do_executemany")
    for name in names:
        event.listen(engine, name, execute)
    try:
        yield numbers
    finally:
        for name in names:
            event.remove(engine, name, execute)


def attempt(write: Write) -> Failure | None:
    """How the write failed; None: it did not."""
    try:
        write()
    except grpc.RpcError as error:
        return failure_of(error)
    return None


def failures(api: Api, write: Write, act: Callable[[Any], None]) -> list[Failure]:
    """How the write fails when `act` meets its first statement, its second, ...; at last it succeeds."""
    before, found = contents(api.database), []
    for broken in itertools.count(1):

        def at(connection: Any, number: int, broken: int = broken) -> None:
            if number == broken:
                act(connection)

        with before_each_statement(api.database.engine, at) as numbers:
            failed = attempt(write)
        if failed is None:
            assert len(numbers) == broken - 1, "a fault was passed over"
            break
        found.append(failed)
        assert contents(api.database) == before, f"statement {broken} left something behind"
    after = contents(api.database)
    assert after != before
    write()
    assert contents(api.database) == after, "the same key did it again"
    return found


@pytest.mark.parametrize(
    ("dialect", "kind", "said", "told"), FAULTS, indirect=["dialect"], scope="module"
)
def test_l19_fault_at_any_statement_leaves_nothing(
    own_api: Api, write: Write, kind: type[Exception], said: str, told: tuple[str, str]
) -> None:
    """Whatever the driver raises is told as what it means, and the next try does all of it."""

    def fail(_connection: Any) -> None:
        raise kind(said)

    found = failures(own_api, write, fail)
    assert len(found) >= 5
    assert {(failed.code, failed.reason) for failed in found} == {told}


@pytest.mark.parametrize("dialect", ["postgresql", "pgbouncer"], indirect=True, scope="module")
def test_l19_connection_lost_at_any_statement_leaves_nothing(own_api: Api, write: Write) -> None:
    """Wherever the connection ends, nothing is left, and the write can be tried again."""

    def end(connection: Any) -> None:
        # What the driver takes for the process may be one of PgBouncer's.
        pid = connection.execute("SELECT pg_backend_pid()").fetchone()[0]
        with own_api.database.read() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})

    found = failures(own_api, write, end)
    assert len(found) >= 5
    assert {(failed.code, failed.reason) for failed in found} == {UNREACHABLE}
