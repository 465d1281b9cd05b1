"""The standard health service. Its watchers hold up neither a stop nor each other."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2

Send = Callable[[health_pb2.HealthCheckResponse | None], None]

ASKED_SECONDS = 30.0
"""Clients that use the health service ask at least this often."""

LAST_SEND_SECONDS = 0.1
"""How long the end of a stream waits for a message that is being sent."""

TELL_SECONDS = 0.5
"""How long a change of status waits for the messages about it, in all."""

_TELLING_THREADS = 32

_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
_SERVICE_UNKNOWN = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN


class _Watcher:
    """One stream of Watch. send: returns once gRPC's serving thread has sent the message."""

    def __init__(
        self, context: grpc.ServicerContext, send: Send, status: Callable[[], int]
    ) -> None:
        self._context = context
        self._send = send
        self._status = status
        self._last: int | None = None
        # One lock per stream, so that the last message has the present status.
        self._lock = threading.Lock()

    def tell(self) -> None:
        """Sends the status if it has changed."""
        with self._lock:
            status = self._status()
            if status != self._last:
                self._last = status
                self._send(health_pb2.HealthCheckResponse(status=status))

    def end(self) -> None:
        """Ends the stream. A client that takes no message is cut off."""
        if not self._lock.acquire(timeout=LAST_SEND_SECONDS):
            self._context.cancel()
            return
        try:
            self._send(None)
        finally:
            self._lock.release()


class HealthServicer(health.HealthServicer):
    """Like grpcio's own, which holds one lock over all streams while it sends to one of them.

    gRPC's serving thread waits for that lock when a stream ends, and the sending for the serving thread. So a
    watcher that leaves at the wrong moment would stop the whole server.
    """

    def __init__(self) -> None:
        # Marks Watch as a method that sends through a callback and holds no thread.
        super().__init__()
        self._statuses: dict[str, int] = {}
        self._watchers: set[_Watcher] = set()
        self._last_check = float("-inf")
        self._draining = False
        self._closed = False
        self._threads = ThreadPoolExecutor(_TELLING_THREADS, "health")

    @property
    def is_asked(self) -> bool:
        """Whether a client uses the service: a balancer, a probe, a client with several servers."""
        return bool(self._watchers) or time.monotonic() - self._last_check < ASKED_SECONDS

    def set(self, service: str, status: int) -> None:
        """Sets the status of a service by its full name. Empty means the whole server."""
        self._statuses[service] = status
        self._tell_all()

    def enter_graceful_shutdown(self) -> None:
        """Reports NOT_SERVING for everything from now on."""
        self._draining = True
        self._tell_all()

    def close(self) -> None:
        """Ends all streams, and those that are opened later."""
        self._closed = True
        for watcher in tuple(self._watchers):
            watcher.end()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def Check(
        self, request: health_pb2.HealthCheckRequest, context: grpc.ServicerContext
    ) -> health_pb2.HealthCheckResponse:
        """The status of a service. NOT_FOUND for an unknown one."""
        self._last_check = time.monotonic()
        status = self._status(request.service)
        if status == _SERVICE_UNKNOWN:
            context.set_code(grpc.StatusCode.NOT_FOUND)
            return health_pb2.HealthCheckResponse()
        return health_pb2.HealthCheckResponse(status=status)

    def Watch(  # type: ignore[override]  # without the form that holds a thread
        self,
        request: health_pb2.HealthCheckRequest,
        context: grpc.ServicerContext,
        send_response_callback: Any = None,
    ) -> None:
        """The status of a service now, and after each change."""
        watcher = _Watcher(context, send_response_callback, lambda: self._status(request.service))
        # Added before the first message, so that no change is missed.
        self._watchers.add(watcher)
        context.add_callback(lambda: self._watchers.discard(watcher))
        watcher.tell()
        if self._closed:
            watcher.end()

    def _tell_all(self) -> None:
        """Waits only briefly: a client that takes no message would hold up the others."""
        told = [self._threads.submit(watcher.tell) for watcher in tuple(self._watchers)]
        wait(told, timeout=TELL_SECONDS)

    def _status(self, service: str) -> int:
        status = self._statuses.get(service, _SERVICE_UNKNOWN)
        return _NOT_SERVING if self._draining and status != _SERVICE_UNKNOWN else status
