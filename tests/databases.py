"""Databases for tests: a migrated one of each kind per test process, and empty ones on demand.

The kinds are SQLite, PostgreSQL, and PostgreSQL through PgBouncer, which takes part where a test asks for it
by `pytest.mark.also_through_pgbouncer`, or alone: `pytest --database=pgbouncer tests/service`.

Tests share the migrated database and leave their rows in it; each makes users and events with ids
of its own, so nothing needs to be cleared. Every database has a random name and is dropped at the
end.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event, make_url

from howmuch.storage import migrate
from howmuch.storage.database import Database, open_database

QueryCounter = Callable[[Engine], AbstractContextManager[list[str]]]


KINDS = ("sqlite", "postgresql", "pgbouncer")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database", choices=KINDS, help="the kind of database to run tests on; default: each"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "also_through_pgbouncer: runs on PostgreSQL behind PgBouncer as well"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests run on each kind of database that is wanted, unless they name their own."""
    named = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    own = hasattr(metafunc.module, "dialect") or any("dialect" in names for names in named)
    if "dialect" in metafunc.fixturenames and not own:
        also = metafunc.definition.get_closest_marker("also_through_pgbouncer")
        chosen = metafunc.config.getoption("--database")
        kinds = [chosen] if chosen else KINDS if also else KINDS[:2]
        metafunc.parametrize("dialect", kinds, indirect=True, scope="session")


@pytest.fixture(scope="session")
def dialect(request: pytest.FixtureRequest) -> str:
    """The test runs once for each kind of database; this is its name."""
    return str(request.param)


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest, dialect: str) -> Database:
    """A migrated database, shared by the tests of this process; the test runs on each kind."""
    migrated: Database = request.getfixturevalue(f"{dialect}_database")
    return migrated


@pytest.fixture(scope="session")
def sqlite_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The migrated SQLite database of this process."""
    yield from migrated(new_sqlite_url(tmp_path_factory.mktemp("sqlite")))


@pytest.fixture(scope="session")
def postgres_database(postgres_server_url: str) -> Iterator[Database]:
    """The migrated PostgreSQL database of this process."""
    with new_postgres_url(postgres_server_url) as url:
        yield from migrated(url)


@pytest.fixture(scope="session")
def postgresql_database(postgres_database: Database) -> Database:
    """`postgres_database` by the name of its dialect."""
    return postgres_database


@pytest.fixture(scope="session")
def pgbouncer_database(postgres_server_url: str, pgbouncer_url: str) -> Iterator[Database]:
    """A migrated PostgreSQL database that PgBouncer gives a connection for each transaction."""
    with new_pgbouncer_url(postgres_server_url, pgbouncer_url) as url:
        yield from migrated(url, prepared_statements=False)


@pytest.fixture
def fresh_database(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[str], str]]:
    """A function from a dialect to the URL of a database without tables, the test's own."""
    with ExitStack() as made:

        def make(dialect: str) -> str:
            if dialect == "sqlite":
                return new_sqlite_url(tmp_path)
            server_url = request.getfixturevalue("postgres_server_url")
            return made.enter_context(new_postgres_url(server_url))

        yield make


@pytest.fixture
def query_counter() -> QueryCounter:
    """Records the SQL statements that run on an engine, whichever thread runs them:

        with query_counter(database.engine) as statements:
            ...
        assert len(statements) == 2, statements

    BEGIN and COMMIT are not among them; one statement for many rows counts once.
    """
    return recorded_statements


@contextmanager
def recorded_statements(engine: Engine) -> Iterator[list[str]]:
    statements: list[str] = []

    def record(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", record)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", record)


def migrated(url: str, **options: float) -> Iterator[Database]:
    migrate.upgrade(url)
    with closing_database(url, **options) as database:
        yield database


@contextmanager
def closing_database(url: str, **options: Any) -> Iterator[Database]:
    """`open_database`, closed at the end of the block."""
    database = open_database(url, **options)
    try:
        yield database
    finally:
        database.dispose()


def new_sqlite_url(directory: Path) -> str:
    return f"sqlite:///{directory / new_name()}.db"


@contextmanager
def new_postgres_url(server_url: str) -> Iterator[str]:
    name = new_name()
    with closing(psycopg.connect(server_url, autocommit=True)) as server:
        # template0 has no connections, so several processes can copy it at once.
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        with closing(psycopg.connect(server_url, autocommit=True)) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def new_pgbouncer_url(server_url: str, pgbouncer_url: str) -> Iterator[str]:
    """A new database of the server, as it is reached through PgBouncer."""
    with new_postgres_url(server_url) as url:
        through = make_url(pgbouncer_url).set(database=make_url(url).database)
        yield through.render_as_string(hide_password=False)


def new_name() -> str:
    return f"howmuch_test_{secrets.token_hex(6)}"
