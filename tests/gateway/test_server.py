"""The gateway and an upstream that fails, hangs, dies and comes back; clients that leave; deadlines."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.far import far
from tests.gateway.backend import Backend, most_seconds_left, running_backend
from tests.gateway.engine import closed_port, running_gateway
from tests.gateway.http_client import send
from tests.gateway.statuses import check_status, reason_of
from tests.gateway.upstream_process import STREAM_MESSAGES, Running, running_process
from tests.gateway.watched_logs import nothing_went_wrong
from tests.gateway.wire_client import WireClient
from tests.ports import free_port
from tests.waiting import until

UNAVAILABLE, DEADLINE_EXCEEDED, INVALID_ARGUMENT = 14, 4, 3


@pytest.fixture
def process() -> Iterator[Running]:
    # On a port that nobody else gets while it is away.
    with running_process(free_port()) as running:
        yield running


def test_upstream_that_is_down_is_503_without_internals() -> None:
    """The error says that the service is not there, and not where it should be; /readyz says it too."""
    with closed_port() as closed, running_gateway(closed) as port:
        status = check_status(send(port, "GET", "/v1/resp"), 503, UNAVAILABLE)
        assert str(closed) not in str(status)
        assert send(port, "GET", "/readyz").status == 503
        assert send(port, "GET", "/healthz").status == 200


def test_upstream_that_comes_back_is_found_without_a_restart(process: Running) -> None:
    """Killed: 503. Another on the same port: 200, also on a connection that was there all the time."""
    with running_gateway(process.port) as port, WireClient(port) as client:
        assert client.ask("GET", "/v1/resp?id=a").content == b'{"id":"a"}'
        process.kill()
        until(lambda: client.ask("GET", "/v1/resp").status == 503, "503 of the killed upstream")
        check_status(client.ask("GET", "/v1/resp"), 503, UNAVAILABLE)
        until(lambda: send(port, "GET", "/readyz").status == 503, "/readyz of the killed one")
        with running_process(process.port):
            until(lambda: client.ask("GET", "/v1/resp").status == 200, "the one that came back")
            until(lambda: send(port, "GET", "/readyz").status == 200, "/readyz of that one")


def test_upstream_that_is_far_away_is_reached(backend: Backend) -> None:
    """The first request waits until the connection is made, however long that takes on its way."""
    backend.answer({"response": {"id": "a"}})
    with far(backend.port, 0.5) as there, running_gateway(there.port) as port:
        assert send(port, "GET", "/v1/resp?id=a").content == b'{"id":"a"}'
        assert there.connections == 1


# A client of this test that was cut off may still hold its socket when it is collected.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_upstream_killed_in_a_call_is_503(process: Running) -> None:
    """Who waits is told at once, as a complete error without a word about sockets."""
    with running_gateway(process.port) as port, WireClient(port) as client:
        assert client.ask("GET", "/v1/resp").status == 200
        client.write("GET", "/v1/resp?id=hang")
        assert client.is_open(0.3)
        process.kill()
        check_status(client.reply(), 503, UNAVAILABLE)


@pytest.mark.parametrize(
    ("accept", "item"),
    [
        ("application/x-ndjson", b'{"error":{"code":14,'),
        ("text/event-stream", b'event: error\ndata: {"code":14,'),
    ],
)
def test_upstream_killed_in_a_stream_is_an_error_item(
    process: Running, accept: str, item: bytes
) -> None:
    """Lines and events end with an item that tells of it, after all that had come before."""
    with running_gateway(process.port) as port, WireClient(port) as client:
        client.write("GET", "/v1/watch?id=hang", {"accept": accept})
        head = client.read_until(b'{"id":"hang"}', STREAM_MESSAGES)
        assert head.startswith(b"HTTP/1.1 200 ")
        process.kill()
        rest = client.read_until(b"\r\n0\r\n\r\n")
        assert item in rest
        assert rest.endswith(b"\r\n0\r\n\r\n")
        assert (head + rest).count(b'{"id":"hang"}') == STREAM_MESSAGES
        assert b"127.0.0.1" not in rest


def test_upstream_killed_in_an_array_breaks_the_connection(process: Running) -> None:
    """A JSON array that is not complete never looks so: no last chunk, no closing bracket."""
    with running_gateway(process.port) as port, WireClient(port) as client:
        client.write("GET", "/v1/watch?id=hang")
        head = client.read_until(b'{"id":"hang"}', STREAM_MESSAGES)
        process.kill()
        answer = head + client.read_all()
        assert answer.count(b'{"id":"hang"}') == STREAM_MESSAGES
        assert b"]" not in answer
        assert b"\r\n0\r\n" not in answer


def test_client_that_leaves_cancels_its_call() -> None:
    """The upstream does not work for nobody; nothing of it is an error in the log."""
    with (
        nothing_went_wrong(),
        running_backend() as backend,
        running_gateway(backend.port) as port,
    ):
        for method, target, body in (
            ("GET", "/v1/resp", None),
            ("POST", "/v1/create", b"{}"),
            ("GET", "/v1/watch", None),
            ("POST", "/v1/chat", b"[{}]"),
        ):
            backend.answer({"delay": 600})
            with WireClient(port) as client:
                client.write(method, target, body=body)
                backend.await_calls(1)
            backend.calls()  # Waits until the call is over, long before its 600 s.


def test_client_that_leaves_a_stream_cancels_it(process: Running) -> None:
    """Between two messages, too: the next call finds the gateway with nothing under way."""
    with nothing_went_wrong(), running_gateway(process.port, max_streams=1) as port:
        with WireClient(port) as client:
            client.write("GET", "/v1/watch?id=endless")
            assert b"endless" in client.read_until(b'{"id":"endless"}')
            assert send(port, "GET", "/v1/watch").status == 503
        until(lambda: send(port, "GET", "/v1/watch").status == 200, "the end of the stream")


def test_client_that_leaves_while_its_body_is_awaited_makes_no_call(
    backend: Backend, gateway_port: int
) -> None:
    """Half a body is no request."""
    backend.answer({})
    with nothing_went_wrong():
        with WireClient(gateway_port) as client:
            client.write("POST", "/v1/create", {"content-length": "20"}, b'{"id":"a"')
            assert client.is_open(0.2)
        assert send(gateway_port, "GET", "/v1/resp?id=after").status == 200
        assert [call.method for call in backend.calls()] == ["Responses.Get"]


def seconds_left(backend: Backend) -> float:
    [call] = backend.calls()
    assert call.seconds_left is not None
    return call.seconds_left


@pytest.mark.parametrize(
    ("target", "headers", "at_most", "more_than"),
    [
        ("/v1/resp", {}, 30, 20),
        ("/v1/resp", {"grpc-timeout": "5S"}, 5, 2),
        ("/v1/resp", {"grpc-timeout": "4000m"}, 4, 2),
        ("/v1/resp", {"x-server-timeout": "7.5"}, 7.5, 5),
        ("/v1/resp", {"grpc-timeout": "9H"}, 300, 290),
        ("/v1/resp", {"x-server-timeout": "100000"}, 300, 290),
        ("/v1/resp", {"grpc-timeout": "5S", "x-server-timeout": "100"}, 5, 2),
        ("/v1/watch", {}, 3600, 3590),
        ("/v1/watch", {"grpc-timeout": "5S"}, 5, 2),
    ],
)
def test_deadline_reaches_the_upstream(
    backend: Backend,
    gateway_port: int,
    target: str,
    headers: dict[str, str],
    at_most: float,
    more_than: float,
) -> None:
    """The caller's, under the maximum; otherwise the default. Streams have a maximum of their own."""
    backend.answer({})
    assert send(gateway_port, "GET", target, headers).status == 200
    assert more_than < seconds_left(backend) <= most_seconds_left(at_most)


@pytest.mark.parametrize(
    "headers",
    [
        {"grpc-timeout": "5"},
        {"grpc-timeout": "123456789S"},
        {"grpc-timeout": "-1S"},
        {"grpc-timeout": "5s"},
        {"x-server-timeout": "NaN"},
        {"x-server-timeout": "-1"},
        {"x-server-timeout": "1e3"},
        {"x-server-timeout": "²"},
    ],
)
def test_deadline_that_is_none_is_400(
    backend: Backend, gateway_port: int, headers: dict[str, str]
) -> None:
    """Not a guess, and no call."""
    backend.answer({})
    status = check_status(send(gateway_port, "GET", "/v1/resp", headers), 400, INVALID_ARGUMENT)
    assert reason_of(status) == "HEADER_INVALID"
    assert backend.calls() == []


@pytest.mark.parametrize(
    ("options", "headers"),
    [
        ({}, {"grpc-timeout": "100m"}),
        ({}, {"grpc-timeout": "0S"}),
        ({"default_deadline_seconds": 0.1}, {}),
        ({"max_deadline_seconds": 0.1}, {"x-server-timeout": "50"}),
        ({"max_stream_seconds": 0.1}, {"accept": "application/x-ndjson"}),
    ],
)
def test_call_beyond_its_deadline_is_504(options: dict[str, Any], headers: dict[str, str]) -> None:
    """Whoever set it."""
    target = "/v1/watch" if "max_stream_seconds" in options else "/v1/resp"
    with running_backend() as backend, running_gateway(backend.port, **options) as port:
        backend.answer({"delay": 600})
        check_status(send(port, "GET", target, headers), 504, DEADLINE_EXCEEDED)


def test_requests_beyond_the_bound_are_503_and_the_others_go_on(backend: Backend) -> None:
    """With Retry-After; what is not a call is answered all the same."""
    with running_gateway(backend.port, max_concurrent_requests=2) as port:
        backend.answer({"delay": 600})
        with WireClient(port) as first, WireClient(port) as second:
            first.write("GET", "/v1/resp")
            second.write("GET", "/v1/resp")
            backend.await_calls(2)
            refused = send(port, "GET", "/v1/resp")
            status = check_status(refused, 503, UNAVAILABLE)
            assert reason_of(status) == "TOO_MANY_REQUESTS_IN_FLIGHT"
            assert refused.values("retry-after") == ["1"]
            assert send(port, "GET", "/healthz").status == 200
        backend.answer({})
        until(lambda: send(port, "GET", "/v1/resp").status == 200, "room for a request")


def test_bodies_on_their_way_take_no_room_from_calls(backend: Backend) -> None:
    """Who sends slowly does not shut out those who have sent."""
    backend.answer({})
    with (
        running_gateway(backend.port, max_concurrent_requests=2) as port,
        WireClient(port) as first,
        WireClient(port) as second,
    ):
        for slow in (first, second):
            slow.write("POST", "/v1/create", {"content-length": "9"}, b'{"id"')
            assert slow.is_open(0.2)
        assert send(port, "GET", "/v1/resp").status == 200
        for slow in (first, second):
            slow.send(b':""}')
            assert slow.reply().status == 200
