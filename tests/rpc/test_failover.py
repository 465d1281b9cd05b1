"""A standby of PostgreSQL takes over: writes go on there, and nothing that it never had is answered."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import psycopg
import pytest

from howmuch.storage import migrate
from howmuch.v1 import event_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from tests.databases import closing_database
from tests.postgres_server import PostgresServer, server_directory
from tests.postgres_server import answers as lets_in
from tests.rpc.running import running
from tests.service.api import Api, Person
from tests.services import start_pgbouncer
from tests.waiting import until

pytestmark = pytest.mark.slow


class Pair:
    """A primary and its standby, and a URL that names both, as docs/degradation.md has it."""

    def __init__(self, primary: PostgresServer, standby_directory: Path) -> None:
        self.primary = primary
        self.standby = primary.copy_to(standby_directory)
        hosts = "&".join(f"host={each.host}" for each in (self.primary, self.standby))
        self.url = f"postgresql://postgres@/postgres?{hosts}&target_session_attrs=read-write"

    def wait_for_standby(self) -> None:
        """From here on, a commit waits until the standby has it."""
        with psycopg.connect(self.primary.url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            connection.execute("SELECT pg_reload_conf()")
            sync = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
            until(lambda: connection.execute(sync).fetchone() == (1,), "the standby is waited for")

    def fail_over(self) -> None:
        """The primary dies, and the standby takes its place."""
        self.primary.kill()
        with psycopg.connect(self.standby.url, autocommit=True) as connection:
            assert connection.execute("SELECT pg_promote()").fetchone() == (True,)


@pytest.fixture
def pair(own_postgres: PostgresServer) -> Iterator[Pair]:
    with server_directory() as directory:
        made = Pair(own_postgres, directory)
        yield made
        made.standby.kill()


@contextmanager
def serving(url: str, **options: Any) -> Iterator[Api]:
    migrate.upgrade(url)
    with closing_database(url, **options) as database, running(database) as (_, api):
        yield api


@contextmanager
def pgbouncer_before(server: PostgresServer) -> Iterator[str]:
    """Its URL, with the settings of docs/pgbouncer.md."""
    with server_directory() as directory:
        url, process = start_pgbouncer(directory, server.url)
        try:
            until(lambda: lets_in(url), "PgBouncer answers")
            yield url
        finally:
            process.kill()
            process.wait()


def written(person: Person, event: event_pb2.Event, reason: str) -> bool:
    """Whether an expense was added; calls may fail until the standby has taken over."""
    try:
        person.spend(event.id, event.member_id, "10.00", event.member_id, reason=reason)
    except grpc.RpcError as error:
        if error.code() != grpc.StatusCode.UNAVAILABLE:
            raise
        return False
    return True


def answers(person: Person, event_id: str) -> list[Any]:
    listed = person.expenses.ListExpenses(xs.ListExpensesRequest(event_id=event_id))
    balances = person.events.GetBalances(es.GetBalancesRequest(event_id=event_id))
    return [listed, balances, person.revision(event_id)]


def test_writes_go_on_at_the_promoted_standby(pair: Pair) -> None:
    """With synchronous replication, every write that was acknowledged is there."""
    pair.wait_for_standby()
    with serving(pair.url) as api:
        ana = api.person("Ana")
        event = ana.event()
        assert written(ana, event, "Before")
        pair.fail_over()
        until(lambda: written(ana, event, "After"))
        listed, balances, revision = answers(ana, event.id)
    assert {expense.reason for expense in listed.expenses} == {"Before", "After"}
    assert balances.revision == revision == event.revision + len(listed.expenses)


def test_write_that_the_standby_never_had_is_not_answered(pair: Pair) -> None:
    """Without it, such a write is lost. Its revision gets other content, which is what all reads show."""
    with serving(pair.url) as api:
        ana = api.person("Ana")
        event = ana.event()
        with psycopg.connect(pair.primary.url) as connection:
            sent = "SELECT bool_and(replay_lsn = pg_current_wal_lsn()) FROM pg_stat_replication"
            until(lambda: connection.execute(sent).fetchone() == (True,), "the standby has it all")
        pair.standby.kill()
        assert written(ana, event, "Lost")
        lost = answers(ana, event.id)
        pair.primary.kill()
        pair.standby.start()
        pair.fail_over()
        until(lambda: written(ana, event, "Kept"))
        found = answers(ana, event.id)
        with running(api.database) as (_, fresh):
            assert found == answers(fresh.caller(ana.token), event.id)
    assert found[2] == lost[2]
    assert [expense.reason for expense in found[0].expenses] == ["Kept"]


def test_pgbouncer_lets_clients_in_soon_after_postgresql_is_back(
    own_postgres: PostgresServer,
) -> None:
    """With the `server_login_retry` of docs/pgbouncer.md, also when PgBouncer has found no server."""
    with (
        pgbouncer_before(own_postgres) as url,
        serving(url, prepared_statements=False) as api,
    ):
        ana = api.person("Ana")
        event = ana.event()
        own_postgres.kill()
        until(lambda: not written(ana, event, "Down"), "PgBouncer has found no server")
        own_postgres.start()
        until(lambda: written(ana, event, "Up"))
