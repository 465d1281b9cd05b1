"""Statements that are sent together: they hold or fall as one, and errors are not lost."""

import psycopg
import pytest
from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from howmuch.errors import DeadlineExceeded, Unavailable
from howmuch.ids import EVENT, new_id
from howmuch.storage.database import Database, together
from howmuch.storage.tables import events
from tests.storage import rows


def count(connection: Connection, ids: list[str]) -> int:
    return connection.execute(select(func.count()).where(events.c.id.in_(ids))).scalar_one()


def insert_each(connection: Connection, ids: list[str]) -> None:
    for event_id in ids:
        connection.execute(insert(events), rows.event(id=event_id))


def test_statements_sent_together_are_there_after_the_block(database: Database) -> None:
    """One row a statement and many rows a statement; the transaction goes on behind them."""
    ids = [new_id(EVENT) for _ in range(5)]
    with database.begin() as connection:
        with together(connection):
            insert_each(connection, ids[:2])
            connection.execute(insert(events), [rows.event(id=event_id) for event_id in ids[2:]])
        assert count(connection, ids) == 5
    with database.read() as connection:
        assert count(connection, ids) == 5


def test_refused_statement_undoes_all_of_them(database: Database) -> None:
    """Whichever is refused, the error comes out, nothing stays, and the connection can go on."""
    taken, first, last = (new_id(EVENT) for _ in range(3))
    with database.begin() as connection:
        insert_each(connection, [taken])
    refused = pytest.raises((IntegrityError, psycopg.IntegrityError))
    with refused, database.begin() as connection, together(connection):
        insert_each(connection, [first, taken, last])
    with database.read() as connection:
        assert count(connection, [first, last]) == 0


def test_exception_in_the_block_undoes_all_of_them(database: Database) -> None:
    """An exception of the program's own comes out as it is, and nothing stays."""
    event_id = new_id(EVENT)

    def fail() -> None:
        with database.begin() as connection, together(connection):
            insert_each(connection, [event_id])
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        fail()
    with database.read() as connection:
        assert count(connection, [event_id]) == 0


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("SELECT pg_terminate_backend(pg_backend_pid())", Unavailable),
        ("SELECT pg_sleep(3600)", DeadlineExceeded),
    ],
)
def test_errors_at_the_end_of_the_block_are_told_as_others_are(
    postgres_database: Database, statement: str, error: type[Exception]
) -> None:
    """A connection that breaks and a deadline that passes mean there what they mean elsewhere."""
    with (
        pytest.raises(error),
        postgres_database.begin(timeout_seconds=0.3) as connection,
        together(connection),
    ):
        connection.execute(text(statement))
    with postgres_database.read() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
