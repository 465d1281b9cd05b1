"""A PostgreSQL that accepts no more connections: those that are alive are used, and dead ones are dropped."""

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from functools import partial

import psycopg
import pytest
from sqlalchemy import Connection, make_url, text

from howmuch.errors import Unavailable
from howmuch.storage.database import Database
from tests.databases import closing_database
from tests.storage.actions import url_of, works
from tests.storage.test_connections import backend_pid, kill

MOST = 4
"""Connections that PostgreSQL accepts from the role of a test."""


@pytest.fixture
def limited_url(postgres_database: Database) -> Iterator[str]:
    """The URL of a database for a role of the test's own, which may have few connections."""
    role = f"howmuch_test_{secrets.token_hex(6)}"
    with postgres_database.begin() as connection:
        connection.execute(text(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT {MOST}"))
    url = make_url(url_of(postgres_database)).set(username=role, drivername="postgresql")
    yield url.render_as_string(hide_password=False)
    with postgres_database.begin() as connection:
        connection.execute(text(f"DROP ROLE {role}"))


@pytest.fixture
def limited(limited_url: str) -> Iterator[Database]:
    """A pool that could have more connections than PostgreSQL accepts."""
    with closing_database(limited_url, pool_size=2 * MOST) as database:
        yield database


@contextmanager
def stranger(url: str) -> Iterator[None]:
    """Another program that has a connection."""
    with closing(psycopg.connect(url)):
        yield


def begin(database: Database) -> AbstractContextManager[Connection]:
    return database.begin(5.0)


def autocommit(database: Database) -> AbstractContextManager[Connection]:
    return database.autocommit(5.0)


@pytest.mark.parametrize("way", [begin, autocommit])
@pytest.mark.parametrize("dead", [1, MOST - 1])
def test_live_connections_beside_dead_ones(
    postgres_database: Database,
    limited: Database,
    limited_url: str,
    way: Callable[[Database], AbstractContextManager[Connection]],
    dead: int,
) -> None:
    """The last used connections end, and others take their places: the rest of the pool is used."""
    with ExitStack() as used, ExitStack() as others:
        taken = [used.enter_context(limited.read()) for _ in range(MOST)]
        pids = [backend_pid(connection) for connection in taken]
        used.close()
        # The last that was given back is the first in the pool.
        kill(postgres_database, *pids[:dead])
        for _ in range(dead):
            others.enter_context(stranger(limited_url))
        for _ in range(3 * MOST):
            with way(limited) as connection:
                assert backend_pid(connection) in pids[dead:]
    with ExitStack() as used:
        taken = [used.enter_context(limited.read()) for _ in range(MOST)]
        assert len({backend_pid(connection) for connection in taken}) == MOST


def test_more_threads_than_connections(limited: Database) -> None:
    """Calls that get no new connection wait for one that is in use, and are not refused."""

    def call(_number: int) -> bool:
        with limited.read() as connection:
            connection.execute(text("SELECT pg_sleep(0.005)"))
        return works(limited)

    with ThreadPoolExecutor(2 * MOST) as threads:
        assert all(threads.map(call, range(10 * MOST)))


def test_all_connections_stay_in_use(limited_url: str) -> None:
    """After the time for it, a call that waits for a connection is told that the server is busy."""
    with (
        closing_database(limited_url, pool_size=2 * MOST, pool_timeout_seconds=0.01) as database,
        ExitStack() as used,
    ):
        for _ in range(MOST):
            used.enter_context(database.read())
        for attempt in (partial(database.read), partial(database.autocommit, 5.0)):
            with pytest.raises(Unavailable) as caught, attempt():
                pytest.fail("there was one connection more")
            assert caught.value.reason == "DATABASE_BUSY"
        used.close()
        assert works(database)


def test_others_have_all_connections(limited: Database, limited_url: str) -> None:
    """With no connection of its own, the process says that the database is unavailable, until one is free."""
    with ExitStack() as others:
        for _ in range(MOST):
            others.enter_context(stranger(limited_url))
        with pytest.raises(Unavailable) as caught, limited.read():
            pytest.fail("there was one connection more")
        assert caught.value.reason == "DATABASE_UNAVAILABLE"
    assert works(limited)
