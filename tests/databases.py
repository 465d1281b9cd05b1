"""Databases for tests: a migrated one of each kind per test process, and more of them on demand.

The kinds are SQLite, PostgreSQL, and PostgreSQL through PgBouncer. By itself a test that takes `dialect` runs
on the first two. Marks change that:
- `also_through_pgbouncer`: runs through PgBouncer as well, among the slow tests.
- `sliced(elsewhere=...)`: runs whole on PostgreSQL; on the others only where the function, which takes the
  parameters of the test by name, says so.
- `pytest --database=pgbouncer tests/service` runs everything on one kind.

A database is migrated once per process and kind. The others are copies of it.

Tests share the migrated database and leave their rows in it; each makes users and events with ids
of its own, so nothing needs to be cleared. Every database has a random name and is dropped at the
end.
"""

import functools
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event, make_url

from howmuch.storage import migrate
from howmuch.storage.database import Database, open_database

QueryCounter = Callable[[Engine], AbstractContextManager[list[str]]]


KINDS = ("sqlite", "postgresql", "pgbouncer")
LOCK_SECONDS = 3600.0
TEMPLATES: dict[str, str] = {}
"""URL of a PostgreSQL server to the name of a migrated database in it, which is copied."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database", choices=KINDS, help="the kind of database to run tests on; default: each"
    )


def pytest_configure(config: pytest.Config) -> None:
    for marker in (
        "also_through_pgbouncer: runs on PostgreSQL behind PgBouncer as well",
        "sliced(elsewhere): runs whole on PostgreSQL, and in part on the others",
    ):
        config.addinivalue_line("markers", marker)


def pytest_unconfigure() -> None:
    for server_url, name in TEMPLATES.items():
        with server_of(server_url) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests run on each kind of database that is wanted, unless they name their own."""
    named = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    own = hasattr(metafunc.module, "dialect") or any("dialect" in names for names in named)
    if "dialect" in metafunc.fixturenames and not own:
        also = metafunc.definition.get_closest_marker("also_through_pgbouncer")
        chosen = metafunc.config.getoption("--database")
        behind = pytest.param("pgbouncer", marks=pytest.mark.slow)
        kinds = [chosen] if chosen else [*KINDS[:2], behind] if also else KINDS[:2]
        metafunc.parametrize("dialect", kinds, indirect=True, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what a sliced test does not run on the other databases."""
    if not config.getoption("--database"):
        items[:] = [item for item in items if not is_left_out(item)]


def is_left_out(item: pytest.Item) -> bool:
    mark = item.get_closest_marker("sliced")
    if mark is None or not isinstance(item, pytest.Function):
        return False
    parameters = dict(item.callspec.params)
    return parameters.pop("dialect") != "postgresql" and not mark.kwargs["elsewhere"](**parameters)


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
    with closing_database(new_sqlite_url(tmp_path_factory.mktemp("sqlite"))) as database:
        yield database


@pytest.fixture(scope="session")
def postgres_database(postgres_server_url: str) -> Iterator[Database]:
    """The migrated PostgreSQL database of this process."""
    with new_postgres_url(postgres_server_url) as url, closing_database(url) as database:
        yield database


@pytest.fixture(scope="session")
def postgresql_database(postgres_database: Database) -> Database:
    """`postgres_database` by the name of its dialect."""
    return postgres_database


@pytest.fixture(scope="session")
def pgbouncer_database(postgres_server_url: str, pgbouncer_url: str) -> Iterator[Database]:
    """A migrated PostgreSQL database that PgBouncer gives a connection for each transaction."""
    with (
        new_pgbouncer_url(postgres_server_url, pgbouncer_url) as url,
        closing_database(url, prepared_statements=False) as database,
    ):
        yield database


@pytest.fixture
def fresh_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., str]]:
    """A function from a dialect to the URL of a database, the test's own. empty: it has no tables."""
    with ExitStack() as made:

        def make(dialect: str, *, empty: bool = False) -> str:
            if dialect == "sqlite":
                return new_sqlite_url(tmp_path, empty=empty)
            server_url = request.getfixturevalue("postgres_server_url")
            return made.enter_context(new_postgres_url(server_url, empty=empty))

        yield make


@pytest.fixture
def query_counter() -> QueryCounter:
    """Records the SQL statements that calls run on an engine, in any thread:

        with query_counter(database.engine) as statements:
            ...
        assert len(statements) == 2, statements

    BEGIN and COMMIT are not among them; one statement for many rows counts once.
    """
    return recorded_statements


def is_background() -> bool:
    """Whether this thread writes now and then what calls have counted, for no call of its own."""
    return threading.current_thread().name in ("quotas", "session-use")


@contextmanager
def recorded_statements(engine: Engine) -> Iterator[list[str]]:
    statements: list[str] = []

    def record(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not is_background():
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", record)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", record)


@contextmanager
def closing_database(url: str, **options: Any) -> Iterator[Database]:
    """`open_database`, closed at the end of the block.

    A write waits for a lock as long as its call has time, unless the test says otherwise: a test that
    holds a lock until something else happens must not race with the 5 s of the program.
    """
    database = open_database(url, **{"lock_timeout_seconds": LOCK_SECONDS, **options})
    try:
        yield database
    finally:
        database.dispose()


def new_sqlite_url(directory: Path, *, empty: bool = False) -> str:
    """A migrated database. empty: one that has no tables, and no file."""
    file = directory / f"{new_name()}.db"
    if not empty:
        file.write_bytes(migrated_file())
    return f"sqlite:///{file}"


@functools.cache
def migrated_file() -> bytes:
    """The file of a migrated SQLite database."""
    with TemporaryDirectory() as directory:
        migrate.upgrade(new_sqlite_url(Path(directory), empty=True))
        [file] = Path(directory).iterdir()
        return file.read_bytes()


@contextmanager
def new_postgres_url(server_url: str, *, empty: bool = False) -> Iterator[str]:
    """A migrated database, until the end of the block. empty: one that has no tables."""
    if not empty and server_url not in TEMPLATES:
        name = TEMPLATES[server_url] = new_name()
        create(server_url, name, "template0")
        migrate.upgrade(url_of(server_url, name))
    name = new_name()
    create(server_url, name, "template0" if empty else TEMPLATES[server_url])
    try:
        yield url_of(server_url, name)
    finally:
        with server_of(server_url) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def server_of(url: str) -> AbstractContextManager[psycopg.Connection]:
    return closing(psycopg.connect(url, autocommit=True))


def create(server_url: str, name: str, template: str) -> None:
    """A copy of a database that has no connections."""
    with server_of(server_url) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")


def url_of(server_url: str, name: str) -> str:
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


@contextmanager
def new_pgbouncer_url(server_url: str, pgbouncer_url: str, *, empty: bool = False) -> Iterator[str]:
    """A new database of the server, as it is reached through PgBouncer."""
    with new_postgres_url(server_url, empty=empty) as url:
        through = make_url(pgbouncer_url).set(database=make_url(url).database)
        yield through.render_as_string(hide_password=False)


def new_name() -> str:
    return f"howmuch_test_{secrets.token_hex(6)}"
