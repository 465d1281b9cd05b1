"""Clients that are slow, greedy or silent: each costs little, for a bounded time, and stops nobody else."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import psutil
import pytest

from tests.gateway.backend import Backend
from tests.gateway.engine import running_gateway
from tests.gateway.http_client import Reply, request_bytes, send
from tests.gateway.statuses import check_status, reason_of
from tests.gateway.watched_logs import nothing_went_wrong
from tests.gateway.wire_client import KEPT, WireClient
from tests.waiting import until

INVALID_ARGUMENT = 3
SHORT = {"header_timeout_seconds": 0.6, "body_timeout_seconds": 0.6}
REQUEST = b"GET /v1/resp HTTP/1.1\r\nhost: x\r\n\r\n"
HEAD = b"POST /v1/create HTTP/1.1\r\nhost: x\r\n"


@pytest.fixture(autouse=True)
def answer(backend: Backend) -> Iterator[None]:
    backend.answer({"response": {"id": "a"}})
    with nothing_went_wrong():
        yield


def drip(client: WireClient, data: bytes) -> None:
    """A byte at a time, until the gateway answers or ends the connection. Bounded by the data."""
    for byte in data:
        try:
            client.send(bytes([byte]))
        except ConnectionError:
            return
        if not client.is_open(0.05):
            return
    raise AssertionError(f"took {len(data)} bytes, however slowly they came")


@pytest.mark.parametrize(
    ("begun", "dripped"),
    [
        (b"", REQUEST[:-2] + b"a: b\r\n" * 100),
        (REQUEST, REQUEST[:-2] + b"a: b\r\n" * 100),
        (HEAD + b"content-length: 1000\r\n\r\n", b" " * 999),
        (HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1\r\n \r\n" * 100),
        (HEAD + b"transfer-encoding: chunked\r\n\r\n0\r\n", b"a: b\r\n" * 100),
        (HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1" + b";x" * 300),
    ],
    ids=["headers", "headers-again", "body", "chunks", "trailers", "extensions"],
)
def test_request_that_drips_is_408(backend: Backend, begun: bytes, dripped: bytes) -> None:
    """Its time counts from its beginning: a byte now and then buys no more."""
    with running_gateway(backend.port, **SHORT) as port, WireClient(port) as client:
        client.send(begun)
        if begun == REQUEST:
            assert client.reply().status == 200
        drip(client, dripped)
        reply = client.reply("POST")
        assert reason_of(check_status(reply, 408, INVALID_ARGUMENT)) == "REQUEST_TOO_SLOW"
        assert client.read_all() == b""


def test_silent_connection_is_closed(backend: Backend) -> None:
    """One that never says anything when headers are due; one that has been answered a little later."""
    with (
        running_gateway(backend.port, header_timeout_seconds=0.6, keep_alive_seconds=1) as port,
        WireClient(port) as silent,
        WireClient(port) as answered,
    ):
        assert answered.ask("GET", "/v1/resp").status == 200
        assert answered.read_all() == b""
        assert silent.reply().status in (0, 408)
        assert silent.read_all() == b""


@pytest.mark.parametrize("sent", [b"\r\n", b"\r", b"\r\n\r\n"])
def test_empty_line_does_not_keep_a_connection(backend: Backend, sent: bytes) -> None:
    """What is no request buys no time."""
    with (
        running_gateway(backend.port, keep_alive_seconds=1, **SHORT) as port,
        WireClient(port) as client,
    ):
        assert client.ask("GET", "/v1/resp").status == 200
        client.send(sent)
        client.read_all()  # Comes to an end.


def in_one_piece(client: WireClient, data: bytes) -> None:
    client.send(data)


def in_many_pieces(client: WireClient, data: bytes) -> None:
    for start in range(0, len(data), 1000):
        try:
            client.send(data[start : start + 1000])
        except ConnectionError:
            return
        time.sleep(0)


@pytest.mark.parametrize("sends", [in_one_piece, in_many_pieces])
@pytest.mark.parametrize(
    "request_",
    [
        b"GET /v1/resp HTTP/1.1\r\nhost: x\r\na: " + b"a" * 60_000 + b"\r\n\r\n",
        b"GET /v1/resp HTTP/1.1\r\nhost: x\r\n" + b"a: b\r\n" * 12_000 + b"\r\n",
        b"GET /v1/resp HTTP/1.1\r\nhost: x\r\n" + b"a" * 60_000 + b": b\r\n\r\n",
        b"GET /v1/resp?id=" + b"a" * 60_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /" + b"a/" * 30_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n",
        b"A" * 60_000,
        b"\r\n" * 30_000,
    ],
    ids=["value", "lines", "name", "query", "path", "method", "nothing"],
)
def test_headers_beyond_the_bound_are_refused(
    backend: Backend,
    request_: bytes,
    sends: Callable[[WireClient, bytes], None],
) -> None:
    """In whatever pieces they come; what is refused is no call. Empty lines just take their time."""
    with (
        running_gateway(backend.port, header_timeout_seconds=3.0) as port,
        WireClient(port) as client,
    ):
        sends(client, request_)
        reply = client.reply()
        # Where the rest of it was still on its way, the system may break the connection.
        assert reply.status in (0, 400, 408, 414, 431), reply
    assert backend.calls() == []


def test_trailers_are_bounded(gateway_port: int) -> None:
    """As headers are: they are not collected for as long as the body may take."""
    lines = b"a: b\r\n" * 1000
    with WireClient(gateway_port) as client:
        client.send(HEAD + b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n")
        with pytest.raises(ConnectionError):  # noqa: PT012 - any of them may be the one refused
            for _ in range(2000):
                client.send(lines)


def test_answer_that_is_not_read_is_given_up(backend: Backend) -> None:
    """After write_timeout_seconds, whether it is a stream or one large message."""
    large = {"fString": "x" * 7_000_000}
    backend.answer({"response": large, "responses": [large, large]})
    with running_gateway(backend.port, write_timeout_seconds=0.6) as port:
        # From then on the connection to the service stands.
        assert send(port, "GET", "/v1/single/x").status == 200
        for target in ("/v1/resp", "/v1/watch"):
            with open_descriptors_back(), WireClient(port, receive_buffer=4096) as client:
                client.write("GET", target)
                until(lambda: has_server_side(port), f"the beginning of {target}")
                until(lambda: not has_server_side(port), f"the end of {target}")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_rest_of_an_answer_that_is_not_read_is_given_up(backend: Backend) -> None:
    """Even where little of it is left, and the gateway has long finished: nobody holds a connection so."""
    # How much the system takes off the gateway's hands differs, so that all sizes are tried: with one
    # of them a part of the answer, less than is worth pausing for, is left with the gateway.
    options = {"write_timeout_seconds": 0.6, "keep_alive_seconds": 1.0}
    with running_gateway(backend.port, **options) as port:
        for batch in range(0, 110, 22):
            with ExitStack() as stack:
                for step in range(batch, batch + 22):
                    backend.answer({"response": {"fString": "x" * (step * 45_000)}})
                    client = stack.enter_context(WireClient(port, receive_buffer=4096))
                    client.write("GET", "/v1/resp", {"accept-encoding": "identity"})
                    backend.await_calls(1)
                until(lambda: not has_server_side(port), f"the end of all in {batch}")


def has_server_side(port: int) -> bool:
    """Whether this process still holds an accepted connection on a port that it listens on."""
    return any(
        each.laddr.port == port and each.status == psutil.CONN_ESTABLISHED
        for each in psutil.Process().net_connections("tcp4")
    )


@contextmanager
def open_descriptors_back() -> Iterator[None]:
    """No file descriptor is left that was not there before."""
    this = psutil.Process()
    before = this.num_fds()
    yield
    until(lambda: this.num_fds() <= before, "closed descriptors")


def test_idle_and_slow_connections_stop_nobody(backend: Backend) -> None:
    """1,000 idle ones, 100 in their headers and 100 in their bodies, while 200 requests are answered."""
    with running_gateway(backend.port) as port, ExitStack() as stack:
        for number in range(1200):
            client = stack.enter_context(WireClient(port))
            if number % 12 == 0:
                client.send(REQUEST[:-3])
            elif number % 12 == 6:
                client.send(HEAD + b"content-length: 10\r\n\r\n{")
        with WireClient(port) as kept:
            for _ in range(100):
                assert kept.ask("GET", "/v1/resp").body == b'{"id":"a"}'
        for _ in range(100):
            assert send(port, "GET", "/v1/resp").body == b'{"id":"a"}'


def test_connections_beyond_the_bound_are_closed(backend: Backend) -> None:
    """Where all are in use: those that were there go on, and one that ends makes room."""
    with running_gateway(backend.port, max_connections=3) as port, ExitStack() as stack:
        kept = [stack.enter_context(WireClient(port)) for _ in range(3)]
        for client in kept:
            client.send(REQUEST[:-2])
            assert client.is_open(0.1)
        for _ in range(10):
            assert send(port, "GET", "/v1/resp").status == 503
        for client in kept[1:]:
            client.send(b"\r\n")
            assert client.reply().status == 200
            client.send(REQUEST[:-2])
        kept[0].close()
        until(lambda: send(port, "GET", "/v1/resp").status == 200, "room for one")


def test_clients_that_break_off_leave_nothing_behind(backend: Backend) -> None:
    """At every place of a request and of its answer; the gateway has no error of it."""
    whole = request_bytes(0, "POST", "/v1/create", KEPT, b'{"id":"b"}')
    with running_gateway(backend.port) as port:
        assert send(port, "GET", "/v1/resp").status == 200
        with open_descriptors_back():
            for length in range(0, len(whole) + 1, 2):
                with WireClient(port) as client:
                    client.send(whole[:length])
            for target in ("/v1/resp", "/v1/watch"):
                for _ in range(50):
                    with WireClient(port) as client:
                        client.write("GET", target)
                        client.socket.recv(10)
                with WireClient(port) as client:
                    client.send(request_bytes(port, "GET", target, KEPT, None) * 50)
                    client.socket.recv(10)
        replies: list[Reply] = [send(port, "GET", "/v1/resp") for _ in range(10)]
        assert [reply.status for reply in replies] == [200] * 10
