"""Transactions and their deadlines, on real databases."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from howmuch.errors import DeadlineExceeded
from howmuch.storage.database import Database
from howmuch.storage.tables import events
from tests.databases import QueryCounter, closing_database
from tests.storage import rows
from tests.storage.actions import increment, increment_and, revision, url_of, works

# Long enough for a transaction to open, short enough to wait for.
SOON = 0.2
ENDLESS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    " SELECT max(i) FROM n",
    "postgresql": "SELECT pg_sleep(3600)",
}


def test_begin_commits_at_the_end(database: Database, event_id: str) -> None:
    """What a write transaction did is there for the next one."""
    with database.begin() as connection:
        increment(connection, event_id)
    with database.read() as connection:
        assert revision(connection, event_id) == 2


def test_begin_rolls_back_where_the_block_raises(database: Database, event_id: str) -> None:
    """An exception leaves nothing behind, and comes out as it is."""

    def fail(_connection: Connection) -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        increment_and(fail, database, event_id)
    with database.read() as connection:
        assert revision(connection, event_id) == 1


def test_fault_of_ours_comes_out_as_it_is(database: Database, event_id: str) -> None:
    """An error that tells a caller nothing is not translated, nor is it its own cause."""
    row = rows.event(id=event_id)
    with pytest.raises(IntegrityError) as caught, database.begin() as connection:
        connection.execute(insert(events), row)
    assert caught.value.__cause__ is caught.value.orig


def test_read_cannot_write(database: Database, event_id: str) -> None:
    """A read-only transaction refuses to write; the next one on its connection can."""
    with closing_database(url_of(database), pool_size=1) as own:
        with pytest.raises(DBAPIError, match=r"(?i)read-?only"), own.read() as connection:
            increment(connection, event_id)
        with own.begin() as connection:
            increment(connection, event_id)
        with own.read() as connection:
            assert revision(connection, event_id) == 2


def test_read_sees_one_state(database: Database, event_id: str) -> None:
    """Commits of others during a read are seen by the next read only."""
    with database.read() as reading:
        assert revision(reading, event_id) == 1
        with database.begin() as writing:
            increment(writing, event_id)
        assert revision(reading, event_id) == 1
    with database.read() as reading:
        assert revision(reading, event_id) == 2


def test_writers_in_threads_lose_no_update(database: Database, event_id: str) -> None:
    """Eight threads read, add one and write, behind a lock on the row: every addition counts."""
    start = threading.Barrier(8)

    def add_ten(_thread: int) -> None:
        start.wait()
        for _ in range(10):
            with database.begin() as connection:
                row = select(events.c.revision).where(events.c.id == event_id).with_for_update()
                seen = connection.execute(row).scalar_one()
                connection.execute(
                    update(events).where(events.c.id == event_id).values(revision=seen + 1)
                )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add_ten, range(8)))
    with database.read() as connection:
        assert revision(connection, event_id) == 81


@pytest.mark.parametrize("timeout_seconds", [0.0, -1.0])
def test_deadline_that_has_passed_runs_nothing(
    database: Database, query_counter: QueryCounter, timeout_seconds: float
) -> None:
    """With no time left neither kind of transaction begins."""
    with query_counter(database.engine) as statements:
        with pytest.raises(DeadlineExceeded), database.begin(timeout_seconds):
            pytest.fail("it began")
        with pytest.raises(DeadlineExceeded), database.read(timeout_seconds):
            pytest.fail("it began")
    assert statements == []


@pytest.mark.parametrize("transaction", ["begin", "read"])
def test_statement_past_its_deadline_is_stopped(database: Database, transaction: str) -> None:
    """An endless statement ends in DeadlineExceeded, and its connection can be used again."""
    with closing_database(url_of(database), pool_size=1) as own:
        open_transaction = getattr(own, transaction)
        with pytest.raises(DeadlineExceeded), open_transaction(SOON) as connection:
            connection.execute(text(ENDLESS[database.dialect])).all()
        assert works(own)
        with own.begin() as connection:
            connection.execute(insert(events), rows.event())


def test_statement_past_its_deadline_undoes_the_transaction(
    database: Database, event_id: str
) -> None:
    """What came before the stopped statement is not written."""

    def run_endlessly(connection: Connection) -> None:
        connection.execute(text(ENDLESS[database.dialect])).all()

    with pytest.raises(DeadlineExceeded):
        increment_and(run_endlessly, database, event_id, SOON)
    with database.read() as connection:
        assert revision(connection, event_id) == 1


def test_writer_that_waits_for_another_past_its_deadline(database: Database, event_id: str) -> None:
    """Of two writers of one row the second gives up at its deadline; the first is undisturbed."""
    with database.begin() as first:
        increment(first, event_id)
        with pytest.raises(DeadlineExceeded), database.begin(SOON) as second:
            increment(second, event_id)
    with database.begin() as connection:
        increment(connection, event_id)
        assert revision(connection, event_id) == 3


def test_writer_of_another_process_past_its_deadline(database: Database, event_id: str) -> None:
    """It is the same where the writers share no memory: the lock is the database's."""
    with closing_database(url_of(database)) as other, database.begin() as first:
        increment(first, event_id)
        with pytest.raises(DeadlineExceeded), other.begin(SOON) as second:
            increment(second, event_id)


def test_reader_waits_for_no_writer(database: Database, event_id: str) -> None:
    """A read goes on beside an open write transaction, and sees the state before it."""
    with database.begin() as writing:
        increment(writing, event_id)
        with database.read() as reading:
            assert revision(reading, event_id) == 1


def test_sqlite_keeps_what_it_answered(sqlite_database: Database) -> None:
    """Each connection has the write-ahead log, full durability and foreign keys."""
    with sqlite_database.read() as connection:
        settings = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_query_counter_records_statements(database: Database, query_counter: QueryCounter) -> None:
    """Statements inside the block are recorded, those outside and BEGIN and COMMIT are not."""
    works(database)
    with query_counter(database.engine) as statements, database.begin() as connection:
        connection.execute(insert(events), [rows.event(), rows.event()])
        connection.execute(text("SELECT 2"))
    works(database)
    assert len(statements) == 2
    assert statements[1] == "SELECT 2"
