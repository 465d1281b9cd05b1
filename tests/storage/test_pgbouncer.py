"""PostgreSQL behind PgBouncer, where each transaction may get another connection."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import event, text

from howmuch.errors import Unavailable
from howmuch.storage import migrate
from howmuch.storage.database import Database
from tests.databases import closing_database, new_pgbouncer_url
from tests.services import PGBOUNCER_POOL_SIZE
from tests.storage.actions import url_of, works

# psycopg prepares what has run five times.
OFTEN = 10


@pytest.mark.parametrize(("prepared_statements", "kept"), [(True, 1), (False, 0)])
def test_statements_are_prepared_where_they_may_be(
    postgres_database: Database, prepared_statements: bool, kept: int
) -> None:
    """One that recurs stays with its connection, or nothing does."""
    options = {"pool_size": 1, "prepared_statements": prepared_statements}
    with closing_database(url_of(postgres_database), **options) as database:
        for _ in range(OFTEN):
            with database.read() as connection:
                connection.execute(text("SELECT 'recurs'"))
        with database.read() as connection:
            count = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%recurs%'"
            # Literally in it, or it would find itself.
            found = connection.execute(text(f"{count} AND statement NOT LIKE '%count%'"))
            assert found.scalar_one() == kept


@pytest.fixture
def own_database(postgres_server_url: str, pgbouncer_url: str) -> Iterator[Database]:
    """A database through PgBouncer, with more connections to it than it has to PostgreSQL."""
    with (
        new_pgbouncer_url(postgres_server_url, pgbouncer_url) as url,
        closing_database(
            url, pool_size=PGBOUNCER_POOL_SIZE * 2, prepared_statements=False
        ) as database,
    ):
        yield database


def test_no_connection_free_in_pgbouncer(own_database: Database) -> None:
    """Whoever PgBouncer lets wait in vain is told, and does not try all over again; later calls work."""
    assert works(own_database)
    connects: list[object] = []
    with ExitStack() as taken:
        for _ in range(PGBOUNCER_POOL_SIZE):
            taken.enter_context(own_database.read())
        event.listen(own_database.engine, "connect", lambda *made: connects.append(made))
        with pytest.raises(Unavailable) as caught, own_database.read(timeout_seconds=1.0):
            pytest.fail("there was one connection more")
    assert caught.value.reason == "DATABASE_UNAVAILABLE"
    assert len(connects) == 1
    assert works(own_database)


def test_migrations_through_pgbouncer(postgres_server_url: str, pgbouncer_url: str) -> None:
    """Their lock lasts as long as their transaction, so they may go that way."""
    with new_pgbouncer_url(postgres_server_url, pgbouncer_url, empty=True) as url:
        migrate.upgrade(url)
        migrate.upgrade(url)
        assert migrate.pending(url) == []
