"""A server over a database that refuses to write, is full, or leads to another server than before."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import grpc
import psycopg
import pytest
from sqlalchemy import event, make_url, text
from structlog.testing import capture_logs

from howmuch.errors import Unavailable
from howmuch.storage import database_errors
from howmuch.storage.database import Database
from howmuch.storage.outage_log import OutageLog
from howmuch.v1 import event_service_pb2 as es
from tests.databases import closing_database, new_postgres_url, new_sqlite_url
from tests.ports import free_port
from tests.rpc.running import rename, running
from tests.service.api import Api, Person, failure
from tests.storage.actions import works


@pytest.fixture
def own_url(postgres_server_url: str) -> Iterator[str]:
    with new_postgres_url(postgres_server_url) as url:
        yield url


@pytest.fixture
def server(own_url: str) -> Iterator[Api]:
    with closing_database(own_url) as database, running(database) as (_, api):
        yield api


def admin(url: str) -> psycopg.Connection:
    return psycopg.connect(url, autocommit=True)


def set_read_only(url: str, value: str) -> None:
    """Decides for later connections, as if they led to a standby. Ends those that are idle."""
    name = make_url(url).database
    with admin(url) as connection:
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {value}")
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def writes(person: Person, event_id: str, member_id: str) -> list[Any]:
    """Calls that write in different ways: by one statement, and in a transaction."""
    return [
        lambda: person.spend(event_id, member_id, "1.00", member_id),
        lambda: rename(person, event_id, "Porto"),
        lambda: person.event(),
    ]


def test_database_that_accepts_no_changes(own_url: str, server: Api) -> None:
    """Writes are UNAVAILABLE, reads go on, and writes work as soon as a connection leads to a primary."""
    ana = server.person()
    made = ana.event()
    ana.spend(made.id, made.member_id, "1.00", made.member_id)
    set_read_only(own_url, "on")
    for write in writes(ana, made.id, made.member_id):
        seen = failure(write)
        assert (seen.code, seen.reason) == ("UNAVAILABLE", "DATABASE_READ_ONLY")
        assert seen.details["RetryInfo"].retry_delay.ToMilliseconds() > 0
    get = es.GetEventRequest(event_id=made.id)
    assert ana.events.GetEvent(get).name == "Lisbon"
    with admin(own_url) as connection:
        name = make_url(own_url).database
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    # The connection of the last read is alive, and refuses to write: that is noticed once.
    assert failure(lambda: rename(ana, made.id, "Porto")).reason == "DATABASE_READ_ONLY"
    for write in writes(ana, made.id, made.member_id):
        write()
    assert ana.events.GetEvent(get).name == "Porto"


def test_database_without_disk_space(own_url: str, server: Api) -> None:
    """Writes are UNAVAILABLE with a reason of their own, and reads go on."""
    ana = server.person()
    made = ana.event()
    with admin(own_url) as connection:
        connection.execute(
            "CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS"
            " $$BEGIN RAISE 'No space left on device' USING ERRCODE = 'disk_full'; END$$"
        )
        connection.execute(
            "CREATE TRIGGER no_space BEFORE INSERT ON changes EXECUTE FUNCTION no_space()"
        )
    for write in writes(ana, made.id, made.member_id):
        seen = failure(write)
        assert (seen.code, seen.reason) == ("UNAVAILABLE", "DATABASE_FULL")
    assert ana.revision(made.id) == made.revision
    with admin(own_url) as connection:
        connection.execute("DROP TRIGGER no_space ON changes")
    for write in writes(ana, made.id, made.member_id):
        write()


def test_sqlite_file_without_space(tmp_path: Path) -> None:
    """The same for a file that cannot grow."""
    with closing_database(new_sqlite_url(tmp_path)) as database:

        @event.listens_for(database.engine, "connect")
        def stay_small(connection: Any, _record: object) -> None:
            connection.execute("PRAGMA max_page_count = 1")

        with running(database) as (_, api):
            ana = api.person()
            made = ana.event()
            large = "x" * 10_000
            with suppress(grpc.RpcError):
                for _ in range(50):
                    ana.event(description=large)
            seen = failure(lambda: ana.event(description=large))
            assert (seen.code, seen.reason) == ("UNAVAILABLE", "DATABASE_FULL")
            assert ana.revision(made.id) == made.revision


def test_url_with_several_hosts(own_url: str) -> None:
    """The first host that is there and accepts changes is used."""
    url = make_url(own_url)
    hosts = f"{url.host}:{free_port()}", f"{url.host}:{url.port}"
    several = f"postgresql://{url.username}@/{url.database}?host={hosts[0]}&host={hosts[1]}"
    with closing_database(f"{several}&target_session_attrs=read-write") as database:
        assert works(database)
        set_read_only(own_url, "on")
        with pytest.raises(Unavailable), database.begin():
            pytest.fail("a standby was used")


def test_cause_of_an_outage_is_logged_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every call of an outage fails; the log says why once, without the statement."""
    clock = 1000.0
    monkeypatch.setattr("howmuch.storage.outage_log.time.monotonic", lambda: clock)
    cause = psycopg.OperationalError("the server closed the connection\nunexpectedly")
    outages = OutageLog()
    with capture_logs() as logs:
        for _ in range(100):
            outages.note(database_errors.unavailable(), cause)
        clock += 1.1
        outages.note(database_errors.unavailable(), cause)
        clock += 1.1
        outages.note(database_errors.busy(), cause)
    causes = [line["cause"] for line in logs if line["event"] == "database unavailable"]
    assert causes == ["the server closed the connection unexpectedly"] * 2


def test_connections_name_their_program(own_url: str) -> None:
    """An operator sees which part a connection belongs to, unless the URL says so itself."""

    def name_of(database: Database) -> Any:
        with database.read() as connection:
            return connection.execute(text("SHOW application_name")).scalar_one()

    with closing_database(own_url, application_name="howmuch worker") as database:
        assert name_of(database) == "howmuch worker"
    with closing_database(f"{own_url}?application_name=mine") as database:
        assert name_of(database) == "mine"
