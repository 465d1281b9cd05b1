"""A stop under load: what the gateway has begun to receive is answered, and what is broken off looks so."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from howmuch.gateway.http_server import GatewayServer
from howmuch.gateway.options import GatewayOptions
from tests.cli.program import running
from tests.gateway import schema
from tests.gateway.http_client import send
from tests.gateway.load import Load
from tests.gateway.statuses import check_status
from tests.gateway.upstreams import Steps, upstream
from tests.gateway.watched_logs import nothing_went_wrong
from tests.gateway.wire_client import WireClient
from tests.waiting import until

UNAVAILABLE = 14
GRACE_SECONDS = 4.0
CLIENTS = 8
EVERYTHING = schema.methods()["Responses.Get"].request_class


class Recorder:
    """An upstream that answers with what it was asked, and knows which requests came to it."""

    def __init__(self) -> None:
        self.came: set[str] = set()

    def __call__(self, request: bytes, context: grpc.ServicerContext) -> list[bytes]:
        self.came.add(EVERYTHING.FromString(request).id)
        return [request]


class Started:
    """A gateway, and its port also when it has stopped."""

    def __init__(self, server: GatewayServer) -> None:
        self._server = server
        self.port = server.port
        self.is_stopped = False

    def stop(self, grace_seconds: float) -> None:
        self.is_stopped = True
        self._server.stop(grace_seconds)


@contextmanager
def started(upstream_port: int) -> Iterator[Started]:
    server = GatewayServer(schema.descriptor_set(), f"127.0.0.1:{upstream_port}", GatewayOptions())
    server.start()
    running = Started(server)
    until(lambda: readiness(running.port) == 200, "the connection to the upstream")
    try:
        yield running
    finally:
        if not running.is_stopped:
            running.stop(0.0)


@contextmanager
def stopping(server: Started, grace_seconds: float) -> Iterator["Future[None]"]:
    """A stop that has begun, in a block; done once it is over."""
    with ThreadPoolExecutor(1) as executor:
        stop = executor.submit(server.stop, grace_seconds)
        until(lambda: readiness(server.port) != 200, "the beginning of the stop")
        yield stop


def readiness(port: int) -> int:
    return send(port, "GET", "/readyz").status


def is_listening(port: int) -> bool:
    return send(port, "GET", "/healthz").status != 0


def stop_under_load(port: int, stop: Callable[[], object], came: set[str]) -> None:
    """Stops while clients ask, and checks that what came as far as the service has its answer."""
    loads = [Load(port, keep=True), Load(port, keep=False)]

    async def run() -> None:
        stopped = asyncio.create_task(stop_soon())
        await asyncio.gather(*(load.run(CLIENTS, f"{load.keep}") for load in loads))
        await stopped

    async def stop_soon() -> None:
        while min(len(load.answered) for load in loads) < 100:
            await asyncio.sleep(0.02)
        await asyncio.to_thread(stop)

    asyncio.run(run())
    for load in loads:
        assert load.wrong == []
        assert load.refused == CLIENTS
        assert [lost for lost in load.silent if lost in came] == []
    assert loads[0].closes > 0


def test_stop_under_load_loses_nothing() -> None:
    """Connections that stay and new ones, without a pause; the last answer of each says that it is."""
    recorder = Recorder()
    with (
        nothing_went_wrong(),
        upstream(recorder) as upstream_port,
        started(upstream_port) as server,
    ):
        stop_under_load(server.port, lambda: server.stop(GRACE_SECONDS), recorder.came)


def test_program_that_is_stopped_under_load_loses_nothing(tmp_path: Path) -> None:
    """The same by SIGTERM, with exit code 0."""
    recorder = Recorder()
    with (
        upstream(recorder) as upstream_port,
        gateway_program(tmp_path, upstream_port) as program,
    ):
        port = int(program.rest.rpartition(":")[2])
        stop_under_load(port, program.process.terminate, recorder.came)
        assert program.process.wait(30) == 0
        assert "Traceback" not in program.log


@contextmanager
def gateway_program(tmp_path: Path, upstream_port: int, *more: str) -> Iterator[Any]:
    descriptors = tmp_path / "set.binpb"
    descriptors.write_bytes(schema.descriptor_set())
    arguments = ["--descriptor-set", str(descriptors), "--upstream", f"127.0.0.1:{upstream_port}"]
    with running(
        tmp_path / "log", *arguments, "--listen", "127.0.0.1:0", *more, command="gateway"
    ) as program:
        yield program


def test_second_signal_ends_at_once(tmp_path: Path) -> None:
    """Whatever is in flight, and however long it might still take."""
    steps = Steps()
    with (
        upstream(lambda request, context: steps.paced([request], context)) as upstream_port,
        gateway_program(tmp_path, upstream_port, "--shutdown-timeout-seconds", "600") as program,
    ):
        port = int(program.rest.rpartition(":")[2])
        with WireClient(port) as client:
            client.write("GET", "/v1/resp?id=a")
            assert client.is_open(0.3)
            program.process.send_signal(signal.SIGTERM)
            until(lambda: readiness(port) != 200, "the beginning of the stop")
            assert program.process.poll() is None
            program.process.send_signal(signal.SIGTERM)
            assert program.process.wait(30) == -signal.SIGTERM


def test_readyz_says_no_before_anything_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Balancers have time to look elsewhere, while all that comes is answered."""
    monkeypatch.setattr("howmuch.gateway.http_server._LAME_DUCK_SECONDS", 5.0)
    with upstream(Recorder()) as upstream_port, started(upstream_port) as server:
        with WireClient(server.port) as before, stopping(server, 20.0) as stop:
            assert before.ask("GET", "/v1/resp?id=a").values("connection") == ["close"]
            reply = send(server.port, "GET", "/readyz")
            assert (reply.status, reply.body) == (503, b"draining\n")
            assert reply.values("retry-after") == ["1"]
            assert send(server.port, "GET", "/healthz").status == 200
            assert send(server.port, "GET", "/v1/resp?id=b").status == 200
            stop.result(30.0)
        assert not is_listening(server.port)


def test_call_in_flight_is_answered_after_the_doors_are_closed() -> None:
    """It has the grace; its connection ends with its answer."""
    steps = Steps()
    with (
        upstream(lambda request, context: steps.paced([request], context)) as upstream_port,
        started(upstream_port) as server,
        WireClient(server.port) as client,
    ):
        client.write("GET", "/v1/resp?id=a")
        assert client.is_open(0.2)
        with stopping(server, 20.0) as stop:
            until(lambda: not is_listening(server.port), "closed doors")
            steps.give()
            reply = client.reply()
            assert (reply.status, reply.body, reply.complete) == (200, b'{"id":"a"}', True)
            assert client.read_all() == b""
            stop.result(20.0)


@pytest.mark.parametrize(
    ("begun", "rest"),
    [
        (b"GET /v1/resp?id=a HTTP/1.1\r\nhos", b"t: x\r\n\r\n"),
        (b"POST /v1/create HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{", b'"id":"a"}'),
    ],
    ids=["headers", "body"],
)
def test_request_that_has_begun_is_answered(begun: bytes, rest: bytes) -> None:
    """Even where the rest of it comes when nothing new is accepted any more."""
    with (
        nothing_went_wrong(),
        upstream(Recorder()) as upstream_port,
        started(upstream_port) as server,
        WireClient(server.port) as client,
    ):
        client.send(begun)
        assert client.is_open(0.2)
        with stopping(server, 8.0) as stop:
            until(lambda: not is_listening(server.port), "closed doors")
            client.send(rest)
            reply = client.reply()
            assert (reply.status, reply.body, reply.complete) == (200, b'{"id":"a"}', True)
            stop.result(20.0)


def test_requests_in_one_piece_are_all_answered() -> None:
    """Those behind the one that is under way have come, too."""
    steps = Steps()
    with (
        upstream(lambda request, context: steps.paced([request], context)) as upstream_port,
        started(upstream_port) as server,
        WireClient(server.port) as client,
    ):
        for name in "abc":
            client.write("GET", f"/v1/resp?id={name}")
        assert client.is_open(0.2)
        with stopping(server, 20.0) as stop:
            steps.give(3)
            bodies = [client.reply().body for _ in "abc"]
            assert bodies == [b'{"id":"%s"}' % name.encode() for name in "abc"]
            stop.result(25.0)


def test_call_that_outlives_the_grace_is_told() -> None:
    """In JSON as all errors, or by a broken connection; the stop does not wait for it."""
    steps = Steps()
    with (
        upstream(lambda request, context: steps.paced([request], context)) as upstream_port,
        started(upstream_port) as server,
        WireClient(server.port) as client,
    ):
        client.write("GET", "/v1/resp?id=a")
        assert client.is_open(0.2)
        with stopping(server, 1.0) as stop:
            reply = client.reply()
            stop.result(30.0)
        assert steps.over.wait(30.0), "the call goes on for nobody"
    if reply.status:
        check_status(reply, 503, UNAVAILABLE)


def test_stop_of_an_idle_gateway_does_not_wait() -> None:
    """Idle connections are closed, and the rest of the grace is not waited for."""
    with (
        upstream(Recorder()) as upstream_port,
        started(upstream_port) as server,
        WireClient(server.port) as idle,
        WireClient(server.port) as used,
    ):
        assert used.ask("GET", "/v1/resp?id=a").status == 200
        with stopping(server, 600.0) as stop:
            assert idle.read_all() == used.read_all() == b""
            stop.result(30.0)
