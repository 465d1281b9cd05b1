"""Connections that are all in use, lost, or cannot be made."""

import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select, text

from howmuch.errors import Unavailable
from howmuch.storage.database import Database, open_database
from tests.databases import closing_database
from tests.storage.actions import (
    increment,
    increment_and,
    insert_event,
    revision,
    url_of,
    works,
)


@pytest.fixture
def own_postgres(postgres_database: Database) -> Iterator[Database]:
    """A pool of connections of the test's own, to break."""
    with closing_database(url_of(postgres_database)) as database:
        yield database


def backend_pid(connection: Connection) -> int:
    return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def kill(database: Database, *pids: int) -> None:
    """Ends these connections of PostgreSQL, and returns when they are gone."""
    with database.read() as connection:
        for pid in pids:
            assert connection.execute(select(func.pg_terminate_backend(pid, 10_000))).scalar_one()


def test_pool_that_is_exhausted(database: Database) -> None:
    """With every connection in use a call is told that the server is busy; later calls work."""
    with closing_database(url_of(database), pool_size=1, pool_timeout_seconds=0.01) as own:
        with own.read():
            with pytest.raises(Unavailable) as caught, own.read():
                pytest.fail("there was a second connection")
            assert caught.value.reason == "DATABASE_BUSY"
        assert works(own)


def test_connections_killed_in_the_pool(
    postgres_database: Database, own_postgres: Database
) -> None:
    """After a restart of PostgreSQL all waiting connections are dead; calls notice nothing."""
    with own_postgres.read() as a, own_postgres.read() as b, own_postgres.read() as c:
        pids = [backend_pid(connection) for connection in (a, b, c)]
    kill(postgres_database, *pids)
    with own_postgres.begin() as a, own_postgres.read() as b, own_postgres.read() as c:
        assert not {backend_pid(connection) for connection in (a, b, c)} & set(pids)


def run_a_statement(connection: Connection) -> None:
    connection.execute(text("SELECT 1"))


def only_commit(_connection: Connection) -> None:
    pass


@pytest.mark.parametrize("then", [run_a_statement, only_commit])
def test_connection_killed_in_a_transaction(
    postgres_database: Database, own_postgres: Database, then: Callable[[Connection], None]
) -> None:
    """The call is told to try again, nothing of it is written, and the next call works."""
    event_id = insert_event(postgres_database)

    def be_killed(connection: Connection) -> None:
        kill(postgres_database, backend_pid(connection))
        then(connection)

    with pytest.raises(Unavailable) as caught:
        increment_and(be_killed, own_postgres, event_id)
    assert caught.value.reason == "DATABASE_UNAVAILABLE"
    with own_postgres.read() as connection:
        assert revision(connection, event_id) == 1


def test_server_that_is_not_there() -> None:
    """Where nothing listens, a call is told that the database is unavailable."""
    with socket.socket() as taken:
        # Bound, so that nobody else listens here, but not listening.
        taken.bind(("127.0.0.1", 0))
        url = f"postgresql://nobody@127.0.0.1:{taken.getsockname()[1]}/none"
        with (
            closing_database(url) as database,
            pytest.raises(Unavailable) as caught,
            database.read(),
        ):
            pytest.fail("something answered")
    assert caught.value.reason == "DATABASE_UNAVAILABLE"


def test_file_that_cannot_be_opened(tmp_path: Path) -> None:
    """A SQLite file in a directory that is not there is unavailable, not a fault."""
    url = f"sqlite:///{tmp_path}/none/howmuch.db"
    with (
        closing_database(url) as database,
        pytest.raises(Unavailable) as caught,
        database.begin(),
    ):
        pytest.fail("it opened")
    assert caught.value.reason == "DATABASE_UNAVAILABLE"


@pytest.mark.parametrize("url", ["mysql://root@localhost/howmuch", "oracle://localhost"])
def test_database_of_another_kind(url: str) -> None:
    """A URL of another kind of database is refused, with what is possible."""
    with pytest.raises(ValueError, match="use postgresql or sqlite"):
        open_database(url)


def test_new_sqlite_file_in_use_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The switch to the write-ahead log needs the file for itself, and waits until it has it."""
    file = tmp_path / "howmuch.db"
    waited = []
    with (
        closing(sqlite3.connect(file, isolation_level=None)) as holder,
        closing_database(f"sqlite:///{file}?timeout=0") as database,
    ):
        holder.execute("BEGIN EXCLUSIVE")

        def release(seconds: float) -> None:
            waited.append(seconds)
            holder.execute("COMMIT")

        monkeypatch.setattr("howmuch.storage.database.time.sleep", release)
        assert works(database)
    assert len(waited) == 1


def test_autocommit_is_no_transaction(own_postgres: Database) -> None:
    """What is written is there for all at once, and the time of a statement is not that of the call."""
    event_id = insert_event(own_postgres)
    with own_postgres.autocommit(5.0) as connection:
        assert connection.execute(text("SHOW statement_timeout")).scalar_one() == "5s"
        increment(connection, event_id)
        with own_postgres.read() as other:
            assert revision(other, event_id) == 2
    with own_postgres.begin(7.0) as connection:
        assert connection.execute(text("SHOW statement_timeout")).scalar_one() == "7s"


def test_autocommit_takes_no_connection_that_has_ended(
    postgres_database: Database, own_postgres: Database
) -> None:
    """Nobody may say of its one statement whether it was done: so a dead connection is noticed before."""
    with own_postgres.read() as a, own_postgres.read() as b:
        pids = [backend_pid(connection) for connection in (a, b)]
    kill(postgres_database, *pids)
    with own_postgres.autocommit(5.0) as connection:
        assert backend_pid(connection) not in pids
    with closing_database(url_of(postgres_database), prepared_statements=False) as behind_a_pooler:
        assert not behind_a_pooler.autocommits
