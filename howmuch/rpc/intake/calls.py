"""Threads and bounds for the calls of one server."""

from collections.abc import Mapping
from dataclasses import dataclass

import grpc

from howmuch.rpc.intake.handlers import Handler, method_handler, register, standard_handler
from howmuch.rpc.intake.places import Places
from howmuch.rpc.intake.threads import CallThreads
from howmuch.rpc.intake.waiting import Bounds, WaitingCalls, WaitingWatch

_QUEUE_PER_PLACE = 4
"""Threads for each place, of calls that have their message. Further calls wait without a thread."""

_STANDARD_THREADS = 48
_STANDARD_BOUNDS = Bounds(seconds=20.0, most=32, most_slow=24, per_network=12, per_connection=4)
"""Of health and reflection, whose calls are short. Streams of health count only while they send."""

_UNANSWERED_BOUNDS = Bounds(
    seconds=20.0,
    most=8192,
    most_slow=1024,
    per_network=256,
    per_connection=256,
    most_bytes=64 * 1024 * 1024,
)
"""Of answers that the client does not take."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Bounds of calls whose request does not arrive.

    request_wait_seconds: that each may wait. most: that may wait at the same time; each holds a thread.
    per_network, per_connection: that may wait for longer than a second.
    """

    request_wait_seconds: float = 5.0
    most: int = 512
    per_network: int = 64
    per_connection: int = 32


class CallIntake:
    """places: calls that work at the same time, those past gRPC included."""

    def __init__(self, places: int, patience: Patience) -> None:
        self.patience = patience
        self.places = Places(places)
        self.threads = CallThreads(patience.most + _QUEUE_PER_PLACE * places, "rpc")
        self.direct_threads = CallThreads(places, "rpc-direct")
        self.waiting = WaitingCalls(
            "request",
            Bounds(
                seconds=patience.request_wait_seconds,
                most=patience.most,
                most_slow=max(patience.per_network, patience.most // 8),
                per_network=patience.per_network,
                per_connection=patience.per_connection,
            ),
        )
        self._unanswered = WaitingCalls("answer", _UNANSWERED_BOUNDS)
        self._standard_threads = CallThreads(_STANDARD_THREADS, "rpc-standard")
        self._standard = WaitingCalls("standard service", _STANDARD_BOUNDS)
        self._watch = WaitingWatch(self.waiting, self._unanswered, self._standard)

    def add_methods(self, server: grpc.Server, handlers: Mapping[str, Handler]) -> None:
        """Registers handlers that take an iterator of bytes as their request. handlers: by path."""
        register(
            server,
            {path: method_handler(each, self._unanswered) for path, each in handlers.items()},
        )

    def add_standard_methods(self, server: grpc.Server, handlers: Mapping[str, Handler]) -> None:
        """Registers the handlers of health and reflection."""
        register(
            server,
            {
                path: standard_handler(
                    each, self._standard, self._unanswered, self._standard_threads
                )
                for path, each in handlers.items()
            },
        )

    def start(self) -> None:
        """Ends calls that wait too long, from now on. Each kind of call has a thread."""
        self._watch.start()
        for threads in (self.threads, self.direct_threads, self._standard_threads):
            threads.start_one()

    def stop(self) -> None:
        """Takes no more calls, and waits for none."""
        self._watch.stop()
        for threads in (self.threads, self.direct_threads, self._standard_threads):
            threads.shutdown(wait=False, cancel_futures=True)
