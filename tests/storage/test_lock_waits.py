"""Places of those that wait for a lock, and the transaction that has it."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select, text

from howmuch.storage.database import Database
from howmuch.storage.lock_waits import waiting_for
from tests.databases import closing_database
from tests.storage.actions import url_of
from tests.waiting import until

LOCK = text("SELECT pg_advisory_xact_lock(20261130)")
WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


def test_holder_of_a_lock_needs_no_place_to_lock_again(postgres_database: Database) -> None:
    """All places are taken by those that wait for it; the next transaction needs a place again."""
    with closing_database(url_of(postgres_database), pool_size=4) as database:

        def lock() -> int:
            with database.begin() as connection, waiting_for(connection, "event"):
                connection.execute(LOCK)
                return 1

        def waiting() -> int:
            with postgres_database.read() as connection:
                return int(connection.execute(WAITING).scalar_one())

        with ThreadPoolExecutor(2) as threads:
            with database.begin() as connection:
                with waiting_for(connection, "event"):
                    connection.execute(LOCK)
                others = [threads.submit(lock) for _ in range(2)]
                until(lambda: waiting() == 2, "two transactions wait")
                with waiting_for(connection, "event"):
                    connection.execute(select(1))
            assert [other.result(30) for other in others] == [1, 1]
