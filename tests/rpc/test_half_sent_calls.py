"""Clients that begin calls and do not go on keep nobody else from the server."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from grpc_health.v1 import health_pb2
from structlog.testing import capture_logs

from howmuch.rpc.grpc_server import GrpcServer
from howmuch.rpc.intake.calls import Patience
from howmuch.storage.database import Database
from howmuch.v1 import (
    expense_pb2,
    expense_service_pb2,
    user_pb2,
    user_service_pb2,
    user_service_pb2_grpc,
)
from tests.health import Health
from tests.rpc.raw_http2 import Metadata, RawHttp2, message
from tests.rpc.running import running
from tests.rpc.test_in_process import InProcess
from tests.service.api import Api, Person, failure
from tests.waiting import SECONDS, until

LOG_IN = "/howmuch.v1.UserService/LogIn"
GET_ME = "/howmuch.v1.UserService/GetMe"
WATCH = "/howmuch.v1.EventService/WatchEvent"
HEALTH = "/grpc.health.v1.Health/Check"
HEALTH_WATCH = "/grpc.health.v1.Health/Watch"
REFLECTION = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
STREAMS = 40
LONG = 3600.0
LARGE = 1000


def three_bytes(client: RawHttp2, path: str, session: Metadata) -> None:
    for _ in range(STREAMS):
        client.half_sent(path, session)


def headers_only(client: RawHttp2, path: str, session: Metadata) -> None:
    for _ in range(STREAMS):
        client.begin(path, session)


def all_but_the_last_byte(client: RawHttp2, path: str, session: Metadata) -> None:
    for _ in range(STREAMS):
        client.send(client.begin(path, session), message(b"x" * 20_000)[:-1])


@pytest.fixture
def patient(database: Database) -> Iterator[tuple[GrpcServer, Api]]:
    """A server that would wait an hour for a message."""
    with running(database, patience=Patience(request_wait_seconds=LONG)) as both:
        yield both


def ask(person: Person) -> str:
    """A call with a short deadline: it must not wait for the others."""
    stub = user_service_pb2_grpc.UserServiceStub(person.channel)
    return stub.GetMe(user_service_pb2.GetMeRequest(), metadata=bearer(person), timeout=8).name


@pytest.mark.parametrize("begin", [three_bytes, headers_only, all_but_the_last_byte])
@pytest.mark.parametrize("path", [GET_ME, LOG_IN, WATCH, HEALTH, HEALTH_WATCH, REFLECTION])
def test_half_sent_calls_leave_others_their_threads(
    patient: tuple[GrpcServer, Api],
    path: str,
    begin: Callable[[RawHttp2, str, Metadata], None],
) -> None:
    """One connection with more half-sent calls than there are threads."""
    _, api = patient
    ana = api.person()
    with RawHttp2(api.target) as client:
        begin(client, path, bearer(ana))
        client.wait_until_read()
        for _ in range(3):
            assert ask(ana) == "Ana"


def bearer(person: Person) -> tuple[tuple[str, str | bytes], ...]:
    return (("authorization", f"Bearer {person.token}"),)


def test_several_connections_leave_others_their_threads(patient: tuple[GrpcServer, Api]) -> None:
    """As many half-sent calls as may wait, and more, over ten connections."""
    server, api = patient
    ana = api.person()
    with ExitStack() as stack:
        clients = [stack.enter_context(RawHttp2(api.target)) for _ in range(10)]
        for client in clients:
            for _ in range(80):
                client.half_sent(GET_ME, bearer(ana))
        for client in clients:
            client.wait_until_read()
        for _ in range(3):
            assert ask(ana) == "Ana"
        # Calls that the server has ended are counted until their threads have seen it.
        most = Patience().most + len(clients)
        until(lambda: len(server._intake.waiting) <= most, "the calls beyond the bound end")


def test_half_sent_calls_end_in_time(database: Database) -> None:
    """Also those whose client sends a byte now and then; the log says why."""
    with (
        running(database, patience=Patience(request_wait_seconds=0.5)) as (_, api),
        capture_logs() as lines,
        trickling(api, bearer(api.person())) as client,
    ):
        until(lambda: len(client.ended) == STREAMS, "all calls have ended")
        until(lambda: len(ends(lines)) == STREAMS, "all lines are there")
    assert ends(lines) == ["DEADLINE_EXCEEDED"] * STREAMS


def ends(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """Codes of the calls whose request did not arrive."""
    return [line["code"] for line in lines if line.get("reason") == "REQUEST_NOT_RECEIVED"]


@contextmanager
def trickling(api: Api, session: Metadata) -> Iterator[RawHttp2]:
    """A client that sends a byte of each of its calls every tenth of a second."""
    stop = threading.Event()
    with RawHttp2(api.target) as client:
        streams = [client.begin(GET_ME, session) for _ in range(STREAMS)]
        message_bytes = message(b"x" * 1000)

        def trickle() -> None:
            for byte in message_bytes:
                for stream in streams:
                    client.send(stream, bytes([byte]))
                if stop.wait(0.1):
                    return

        thread = threading.Thread(target=trickle)
        thread.start()
        try:
            yield client
        finally:
            stop.set()
            thread.join()


def test_slow_calls_of_one_connection_are_few(database: Database) -> None:
    """Of calls that wait for over a second, those beyond the bound end; the others are kept."""
    patience = Patience(request_wait_seconds=LONG, per_connection=5)
    with running(database, patience=patience) as (server, api), RawHttp2(api.target) as client:
        session = bearer(api.person())
        for _ in range(STREAMS):
            client.half_sent(GET_ME, session)
        until(lambda: len(client.ended) == STREAMS - 5, "the calls beyond the bound have ended")
        until(lambda: len(server._intake.waiting) == 5, "the others wait")


def test_slow_calls_end_where_they_are_most(database: Database) -> None:
    """Who sends slowly is not ended for the many of somebody else."""
    patience = Patience(
        request_wait_seconds=LONG, most=STREAMS, per_network=LARGE, per_connection=LARGE
    )
    with running(database, patience=patience) as (_, api), ExitStack() as stack:
        session = bearer(api.person())
        slow, flood = (stack.enter_context(RawHttp2(api.target)) for _ in range(2))
        stream = slow.begin(GET_ME, session)
        slow.send(stream, message(b"")[:2])
        slow.wait_until_read()
        for _ in range(STREAMS * 2):
            flood.half_sent(GET_ME, session)
        until(lambda: len(flood.ended) >= STREAMS / 2, "some of the many have ended")
        slow.send(stream, message(b"")[2:], last=True)
        until(lambda: stream in slow.ended, "the slow call is answered")
        assert stream in slow.answered


@pytest.mark.parametrize("path", [GET_ME, HEALTH, HEALTH_WATCH])
def test_clients_that_take_no_answers_leave_others_their_threads(
    patient: tuple[GrpcServer, Api], path: str
) -> None:
    """A window of 0: the server may not send one byte of an answer."""
    _, api = patient
    ana = api.person()
    with RawHttp2(api.target, window=0) as client:
        for _ in range(STREAMS):
            client.send(client.begin(path, bearer(ana)), message(b""), last=True)
        client.wait_until_read()
        for _ in range(3):
            assert ask(ana) == "Ana"


def test_calls_within_the_process_do_not_wait_for_half_sent_ones(database: Database) -> None:
    """Those are the calls of REST in `howmuch run`."""
    patience = Patience(request_wait_seconds=LONG, most=20)
    with running(database, patience=patience, threads=2) as (server, api):
        ana = api.person()
        with RawHttp2(api.target) as client:
            for _ in range(STREAMS):
                client.half_sent(GET_ME, bearer(ana))
            client.wait_until_read()
            answer = InProcess(server, ana).call(GET_ME, user_service_pb2.GetMeRequest())
            assert user_pb2.User.FromString(answer.wire).name == "Ana"


def test_a_call_without_a_session_is_not_waited_for(patient: tuple[GrpcServer, Api]) -> None:
    """Headers alone are enough to refuse it."""
    _, api = patient
    with RawHttp2(api.target) as client:
        streams = {client.begin(GET_ME) for _ in range(STREAMS)}
        until(lambda: client.ended == streams, "all calls are refused")


def test_large_request_of_an_unknown_session_is_not_decoded(
    patient: tuple[GrpcServer, Api],
) -> None:
    """Its session is checked first; the error is not about what is in it."""
    _, api = patient
    request = expense_service_pb2.BatchCreateExpensesRequest(
        expenses=[expense_pb2.Expense()] * 100_000
    )
    seen = failure(lambda: api.caller("unknown").expenses.BatchCreateExpenses(request))
    assert seen.reason == "SESSION_INVALID"
    seen = failure(lambda: api.person().expenses.BatchCreateExpenses(request))
    assert seen.reason == "REQUEST_TOO_COMPLEX"


def test_clients_that_take_no_health_do_not_hold_up_a_stop(database: Database) -> None:
    """Their streams are cut off; the others learn that the server stops."""
    with running(database) as (server, api), RawHttp2(api.target, window=0) as client:
        for _ in range(4):
            client.send(client.begin(HEALTH_WATCH), message(b""), last=True)
        client.wait_until_read()
        watch = Health(api.channel).watch(health_pb2.HealthCheckRequest())
        assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
        stopped = threading.Thread(target=server.stop, args=(LONG,))
        stopped.start()
        assert next(watch).status == health_pb2.HealthCheckResponse.NOT_SERVING
        stopped.join(SECONDS)
        assert not stopped.is_alive()
