"""A database that is put back to an earlier state under a running server: no lost content is answered."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from howmuch.storage import migrate
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_pb2
from howmuch.v1 import expense_service_pb2 as xs
from tests.databases import closing_database, new_pgbouncer_url, new_postgres_url
from tests.rpc.running import running
from tests.service.api import Person

CLOSE = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"


@pytest.fixture
def server(postgres_server_url: str) -> Any:
    """A connection to PostgreSQL that may make and drop databases."""
    with psycopg.connect(postgres_server_url, autocommit=True) as connection:
        yield connection


def answers(person: Person, event_id: str, expense_id: str) -> list[Any]:
    one = xs.GetExpenseRequest(event_id=event_id, expense_id=expense_id)
    return [
        person.expenses.GetExpense(one),
        person.expenses.ListExpenses(xs.ListExpensesRequest(event_id=event_id)),
        person.events.GetBalances(es.GetBalancesRequest(event_id=event_id)),
        person.events.GetTotals(es.GetTotalsRequest(event_id=event_id)),
    ]


def revise(person: Person, expense: expense_pb2.Expense, reason: str, amount: str) -> None:
    changed = expense_pb2.Expense(
        event_id=expense.event_id, id=expense.id, reason=reason, amount=amount
    )
    person.expenses.UpdateExpense(xs.UpdateExpenseRequest(expense=changed))


def add(person: Person, expense: expense_pb2.Expense, reason: str, amount: str) -> None:
    payer = expense.payments[0].member_id
    person.spend(expense.event_id, payer, amount, payer, reason=reason)


@pytest.mark.parametrize("pooler", [False, True])
@pytest.mark.parametrize("write", [revise, add])
def test_lost_revision_is_not_answered_again(
    postgres_server_url: str,
    request: pytest.FixtureRequest,
    server: Any,
    write: Callable[..., None],
    pooler: bool,
) -> None:
    """The next write gets the number of the lost one, and other content: that is what all reads show.

    pooler: the connections of howmuch stay, and only those behind the pooler are lost.
    """
    where = (
        new_pgbouncer_url(postgres_server_url, request.getfixturevalue("pgbouncer_url"))
        if pooler
        else new_postgres_url(postgres_server_url)
    )
    with where as url:
        name = make_url(url).database
        migrate.upgrade(url)
        opened = closing_database(url, prepared_statements=not pooler)
        with opened as database, running(database) as (_, api):
            ana = api.person("Ana")
            event = ana.event()
            ana.guest(event.id, "Cy")
            first = ana.spend(event.id, event.member_id, "10.00", event.member_id)
            server.execute(CLOSE, [name])
            server.execute(f"CREATE DATABASE {name}_backup TEMPLATE {name}")
            write(ana, first, "Lost", "20.00")
            lost = answers(ana, event.id, first.id)
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")
            server.execute(f"ALTER DATABASE {name}_backup RENAME TO {name}")
            write(ana, first, "Kept", "30.00")
            found = answers(ana, event.id, first.id)
            with running(database) as (_, fresh):
                assert found == answers(fresh.caller(ana.token), event.id, first.id)
        assert found[2].revision == lost[2].revision
        assert "Lost" not in str(found)
        assert "Kept" in str(found)
