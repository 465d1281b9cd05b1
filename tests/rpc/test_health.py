"""Watchers of the health service, as gRPC's serving thread meets them."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, cast

import grpc
import pytest
from grpc_health.v1 import health_pb2

from howmuch.rpc.health import HealthServicer

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class Stream:
    """A call of Watch. during_send: what happens before gRPC has sent a message."""

    def __init__(self, during_send: Callable[[], object] = lambda: None) -> None:
        self.sent: list[int | None] = []
        self._during_send = during_send
        self._callbacks: list[Callable[[], None]] = []

    def add_callback(self, callback: Callable[[], None]) -> None:
        self._callbacks.append(callback)

    def send(self, response: Any) -> None:
        self._during_send()
        self.sent.append(response and response.status)

    def leave(self) -> None:
        """What gRPC's serving thread does when the client is gone."""
        for callback in self._callbacks:
            callback()


@pytest.fixture
def servicer() -> HealthServicer:
    """It serves."""
    made = HealthServicer()
    made.set("", SERVING)
    return made


def watch(servicer: HealthServicer, stream: Stream) -> Stream:
    context = cast(grpc.ServicerContext, stream)
    servicer.Watch(health_pb2.HealthCheckRequest(), context, stream.send)
    return stream


@pytest.mark.parametrize("news", ["watch", "set", "enter_graceful_shutdown"])
def test_watcher_that_leaves_does_not_wait_for_a_message_to_another(
    servicer: HealthServicer, news: str
) -> None:
    """Who sends waits for the thread that serves; so that one must not wait for who sends."""
    leaver = watch(servicer, Stream())
    left: list[Future[None]] = []
    with ThreadPoolExecutor(1) as serving_thread:

        def let_it_leave() -> None:
            if armed.is_set():
                left.append(serving_thread.submit(leaver.leave))
                left[-1].result(10)

        armed = threading.Event()
        other = Stream(let_it_leave)
        if news == "watch":
            armed.set()
            watch(servicer, other)
        else:
            watch(servicer, other)
            armed.set()
            servicer.set("", NOT_SERVING) if news == "set" else servicer.enter_graceful_shutdown()
    assert left
    assert other.sent[-1] == (SERVING if news == "watch" else NOT_SERVING)


def test_who_watches_is_told_and_sent_away(servicer: HealthServicer) -> None:
    """NOT_SERVING once, then the end; who comes later gets both at once, and uses up no grace."""
    early = watch(servicer, Stream())
    assert servicer.is_asked
    servicer.enter_graceful_shutdown()
    servicer.set("", SERVING)
    servicer.close()
    late = watch(servicer, Stream())
    assert early.sent == [SERVING, NOT_SERVING, None]
    assert late.sent == [NOT_SERVING, None]
    for stream in (early, late):
        stream.leave()
    assert not servicer.is_asked


def test_checks_count_as_asking(servicer: HealthServicer) -> None:
    """Probes and balancers may check, and not watch."""
    assert not servicer.is_asked
    servicer.Check(health_pb2.HealthCheckRequest(), cast(grpc.ServicerContext, Stream()))
    assert servicer.is_asked
