"""A write that waited for an event goes by what it finds then; on PostgreSQL alone, which waits late."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from howmuch.v1 import event_pb2, expense_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from tests.rpc.running import locked, wait_for_waiting
from tests.service.api import DELETE_ME, Api, Person


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def draft(event: event_pb2.Event) -> expense_pb2.Expense:
    payments = [expense_pb2.Payment(member_id=event.member_id)]
    return expense_pb2.Expense(reason="Tram", date="2026-11-22", amount="9", payments=payments)


def add(person: Person, event: event_pb2.Event) -> str:
    request = xs.CreateExpenseRequest(event_id=event.id, expense=draft(event))
    return person.expenses.CreateExpense(request).currency_code


def add_batch(person: Person, event: event_pb2.Event) -> str:
    request = xs.BatchCreateExpensesRequest(event_id=event.id, expenses=[draft(event)] * 2)
    first, second = person.expenses.BatchCreateExpenses(request).expenses
    assert first.currency_code == second.currency_code
    return first.currency_code


@pytest.mark.parametrize("write", [add, add_batch])
def test_default_currency_is_that_of_the_event_now(
    postgres_api: Api, threads: ThreadPoolExecutor, write: Any
) -> None:
    """The currency of the event changes while the write waits: the new one is the default."""
    ana, database = postgres_api.person(), postgres_api.database
    event = ana.event(currency_code="EUR")
    changed = es.UpdateEventRequest(event=event_pb2.Event(id=event.id, currency_code="JPY"))
    with locked(database, event.id):
        update = threads.submit(ana.events.UpdateEvent, changed)
        wait_for_waiting(database, 1)
        added = threads.submit(write, ana, event)
        wait_for_waiting(database, 2)
    assert update.result(timeout=30).currency_code == "JPY"
    assert added.result(timeout=30) == "JPY"


def test_account_deleted_while_its_event_is_purged(
    postgres_api: Api, threads: ThreadPoolExecutor
) -> None:
    """The event is gone when its turn comes: the account goes all the same."""
    ana, database = postgres_api.person(), postgres_api.database
    event = ana.event()
    with database.begin() as connection:
        for table, column in (("members", "event_id"), ("events", "id")):
            statement = f"DELETE FROM {table} WHERE {column} = :id"
            connection.execute(text(statement), {"id": event.id})
        deleting = threads.submit(ana.users.DeleteMe, DELETE_ME)
        wait_for_waiting(database, 1)
    deleting.result(timeout=30)
