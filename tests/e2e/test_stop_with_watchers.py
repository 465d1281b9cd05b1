"""Open streams do not hold up a stop: they end with an error that clients repeat, and the program is gone."""

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import grpc
import httpx
import pytest

from howmuch.v1 import event_service_pb2, event_service_pb2_grpc
from tests.cli.program import Running, running
from tests.e2e.test_degradation import Friends
from tests.waiting import until

WATCHERS = 5
GRACE = ("--shutdown-timeout-seconds", "600")
"""A stop that used up its grace would not end in the time of a test."""


def arguments(directory: Path) -> tuple[str, ...]:
    return ("--data-dir", str(directory / "data"), "--grpc-listen", "127.0.0.1:0", *GRACE)


@contextmanager
def watching(rest: str, friends: Friends) -> Iterator[list[str]]:
    """Streams of changes over REST; a list of how each ended."""
    ends: list[str] = []
    begun = threading.Barrier(WATCHERS + 1)

    def watch() -> None:
        headers = {**friends.ana.headers, "accept": "text/event-stream"}
        path = f"{rest}/v1/events/{friends.event['id']}:watch"
        with httpx.stream("GET", path, headers=headers, timeout=60) as answer:
            lines = answer.iter_lines()
            next(lines)
            begun.wait(60)
            *_, last = (line for line in lines if line)
            ends.append(last)

    threads = [threading.Thread(target=watch) for _ in range(WATCHERS)]
    for thread in threads:
        thread.start()
    begun.wait(60)
    yield ends
    for thread in threads:
        thread.join(60)


@pytest.mark.slow
def test_run_with_watchers_stops_at_once(tmp_path: Path) -> None:
    """Over REST and gRPC together; a call that comes before the lame duck is over is still answered."""
    with (
        running(tmp_path / "log", *arguments(tmp_path)) as server,
        Friends(server) as friends,
        grpc_watch(server, friends) as codes,
        watching(server.rest, friends) as ends,
    ):
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(60) == 0
        until(lambda: len(ends) == WATCHERS and codes)
    assert all("GATEWAY_STOPS" in end and '"code":14' in end for end in ends), ends
    assert codes == [grpc.StatusCode.UNAVAILABLE]


@pytest.mark.slow
def test_gateway_and_serve_with_watchers_stop_at_once(tmp_path: Path) -> None:
    """First the gateway, then the server behind it."""
    with ExitStack() as stack:
        server = stack.enter_context(running(tmp_path / "log", *arguments(tmp_path)))
        friends = stack.enter_context(Friends(server))
        codes = stack.enter_context(grpc_watch(server, friends))
        to = ("--upstream", server.address, "--listen", "127.0.0.1:0")
        gateway = stack.enter_context(
            running(tmp_path / "gateway.log", *to, *GRACE, command="gateway")
        )
        with watching(gateway.rest, friends) as ends:
            gateway.process.send_signal(signal.SIGTERM)
            assert gateway.process.wait(60) == 0
        assert all("GATEWAY_STOPS" in end for end in ends), ends
        assert codes == []


@contextmanager
def grpc_watch(server: Running, friends: Friends) -> Iterator[list[grpc.StatusCode]]:
    """A stream over gRPC; a list with its code, once it has ended."""
    codes: list[grpc.StatusCode] = []
    with grpc.insecure_channel(server.address) as channel:
        stream = event_service_pb2_grpc.EventServiceStub(channel).WatchEvent(
            event_service_pb2.WatchEventRequest(event_id=friends.event["id"]),
            metadata=(("authorization", friends.ana.headers["authorization"]),),
        )
        next(stream)

        def read() -> None:
            try:
                list(stream)
            except grpc.RpcError:
                codes.append(stream.code())

        thread = threading.Thread(target=read)
        thread.start()
        yield codes
        stream.cancel()
        thread.join(60)
