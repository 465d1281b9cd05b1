"""A whole server when things go wrong: late callers, a database that is away, a storm, a log that is read."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.protobuf.empty_pb2 import Empty
from sqlalchemy import text
from structlog.testing import capture_logs

from howmuch.rpc.grpc_server import GrpcServer
from howmuch.storage.database import Database
from howmuch.v1 import (
    event_pb2,
    event_service_pb2,
    event_service_pb2_grpc,
    user_service_pb2,
)
from tests.databases import closing_database
from tests.rpc.running import locked, me, refusal, rename, running, wait_for_waiting
from tests.service.api import Api, failure
from tests.waiting import until

TERMINATE_WAITING = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
TERMINATE = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = :name AND state = 'idle'"
)
PASSWORD = "correct horse battery staple"


def test_deadline_reaches_the_database(
    server: tuple[GrpcServer, Api], database: Database, pool: ThreadPoolExecutor
) -> None:
    """A call that waits for a lock ends at its deadline, in the database too, and writes nothing."""
    ana = server[1].person()
    event = ana.event()
    request = event_service_pb2.UpdateEventRequest(event=event_pb2.Event(id=event.id, name="Porto"))
    header = (("authorization", f"Bearer {ana.token}"),)
    with locked(database, event.id):
        stub = event_service_pb2_grpc.EventServiceStub(ana.channel)
        call = stub.UpdateEvent.future(request, metadata=header, timeout=4.0)
        wait_for_waiting(database, 1)
        error = call.exception(30)
        assert isinstance(error, grpc.RpcError)
        assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        # The lock is still held: nothing but the deadline ends the statement.
        wait_for_waiting(database, 0)
    assert ana.revision(event.id) == event.revision


def test_default_deadline_ends_calls_without_one(
    server: tuple[GrpcServer, Api], database: Database
) -> None:
    """A client that sets no deadline gets the server's, with a reason and a request id."""
    ana = server[1].person()
    event = ana.event()
    with running(database, max_deadline_seconds=0.5) as (_, bounded), locked(database, event.id):
        seen = failure(lambda: rename(bounded.caller(ana.token), event.id, "Porto"))
    assert (seen.code, seen.reason) == ("DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED")
    assert seen.message == ("The deadline passed before the work was done; nothing was written.")
    assert seen.details["RequestInfo"].request_id


def test_connections_that_are_cut_are_renewed(
    server: tuple[GrpcServer, Api], database: Database, pool: ThreadPoolExecutor
) -> None:
    """The call that was in the database is UNAVAILABLE; the next ones are answered."""
    ana = server[1].person()
    event = ana.event()
    with locked(database, event.id), database.engine.connect() as connection:
        call = pool.submit(rename, ana, event.id, "Porto")
        wait_for_waiting(database, 1)
        connection.execute(TERMINATE_WAITING)
        seen = refusal(call)
        connection.execute(TERMINATE, {"name": database.engine.url.database})
    assert (seen.code, seen.reason) == ("UNAVAILABLE", "DATABASE_UNAVAILABLE")
    for _ in range(20):
        assert me(ana).name == "Ana"
    assert rename(ana, event.id, "Porto").name == "Porto"


def test_database_that_is_away_is_unavailable(
    server: tuple[GrpcServer, Api], database: Database, postgres_server_url: str
) -> None:
    """While no connection can be made calls are UNAVAILABLE, to be tried again; then all goes on."""
    ana = server[1].person()
    name = database.engine.url.database
    with closing_database(postgres_server_url) as other, other.engine.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        connection.execute(TERMINATE, {"name": name})
        try:
            seen = failure(lambda: me(ana))
        finally:
            connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    assert (seen.code, seen.reason) == ("UNAVAILABLE", "DATABASE_UNAVAILABLE")
    assert seen.message == (
        "The database does not answer. Try again; with an idempotency key nothing is done twice."
    )
    assert me(ana).name == "Ana"


def test_storm_of_log_ins_leaves_other_calls_their_threads(
    database: Database, pool: ThreadPoolExecutor
) -> None:
    """Few log-ins wait for a hash; the others are told when to come back, and reads are answered."""
    with running(database, threads=6) as (server, api):
        ana = api.person()
        request = user_service_pb2.LogInRequest(email=ana.email, password="a password of hers")
        release = threading.Event()
        server._hasher._executor.submit(release.wait, 30)
        try:
            calls = [pool.submit(api.nobody().users.LogIn, request) for _ in range(8)]
            until(lambda: sum(call.done() for call in calls) == 6, "six log-ins are refused")
            assert me(ana).name == "Ana"
        finally:
            release.set()
        refused = [refusal(call) for call in calls if call.exception(30)]
        assert len(refused) == 6
        for seen in refused:
            assert (seen.code, seen.reason) == ("RESOURCE_EXHAUSTED", "TOO_MANY_PASSWORD_CHECKS")
            assert seen.details["RetryInfo"].retry_delay.ToMilliseconds() == 1000
        assert [call.result(30).user.name for call in calls if not call.exception()] == ["Ana"] * 2


def test_logs_have_no_secrets(server: tuple[GrpcServer, Api]) -> None:
    """Neither passwords nor tokens come into any line, when calls succeed and when they fail."""
    users = server[1].nobody().users
    email = f"{time.time_ns()}@example.com"
    with capture_logs() as lines:
        users.SignUp(user_service_pb2.SignUpRequest(email=email, password=PASSWORD, name="Ana"))
        opened = users.LogIn(user_service_pb2.LogInRequest(email=email, password=PASSWORD))
        wrong = user_service_pb2.LogInRequest(email=email, password=PASSWORD + "?")
        failure(lambda: users.LogIn(wrong))
        ana = server[1].caller(opened.token)
        change = user_service_pb2.ChangePasswordRequest(
            current_password=PASSWORD, new_password=PASSWORD + "!"
        )
        assert ana.users.ChangePassword(change) == Empty()
        failure(lambda: users.VerifyEmail(user_service_pb2.VerifyEmailRequest(token="t" * 43)))
        until(lambda: len(lines) >= 5, "a line for each call")
    text_of_all = repr(lines)
    assert "SignUp" in text_of_all
    for secret in (PASSWORD, opened.token, "t" * 43, "argon2", "Bearer"):
        assert secret not in text_of_all
