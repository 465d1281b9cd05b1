"""Counts calls and measures their duration, under the names of gRPC's own middlewares."""

import time
from collections.abc import Callable
from typing import Any

import grpc
from prometheus_client import Counter, Gauge, Histogram

from howmuch.rpc.call import current_call
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor, ending_of
from howmuch.rpc.methods import Method

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds."""

HANDLED = Counter(
    "grpc_server_handled",
    "Calls by the code that they ended with.",
    ["grpc_service", "grpc_method", "grpc_code"],
)
SECONDS = Histogram(
    "grpc_server_handling_seconds",
    "From the request to the end of the call; a stream's is how long it was open.",
    ["grpc_service", "grpc_method"],
    buckets=BUCKETS,
)
QUEUED_SECONDS = Histogram(
    "howmuch_rpc_queued_seconds",
    "Time that a call waited for a thread and a place to work.",
    buckets=BUCKETS,
)
LOCK_SECONDS = Histogram(
    "howmuch_rpc_lock_wait_seconds",
    "Time that a call waited for locks of the database; calls that took none are left out.",
    buckets=BUCKETS,
)
IN_FLIGHT = Gauge(
    "grpc_server_in_flight",
    "Calls that are being served.",
    ["grpc_service", "grpc_method"],
    multiprocess_mode="livesum",
)


class MetricsInterceptor(MethodInterceptor):
    """Around the access log, whose Call has the code. Looks its metrics up once per method."""

    def wrap(self, method: Method, behavior: Behavior) -> Behavior:
        """Outermost, to measure everything."""
        service, _, name = method.path[1:].partition("/")
        observe = SECONDS.labels(service, name).observe
        in_flight = IN_FLIGHT.labels(service, name)
        begin, end = in_flight.inc, in_flight.dec
        queued, locked = QUEUED_SECONDS.observe, LOCK_SECONDS.observe
        counts: dict[str, Callable[[], None]] = {}

        def ended(seconds: float, code: str) -> None:
            end()
            observe(seconds)
            count = counts.get(code)
            if count is None:
                count = counts[code] = HANDLED.labels(service, name, code).inc
            count()

        def counted(request: Any, context: grpc.ServicerContext) -> Any:
            started = time.perf_counter()
            begin()
            try:
                return behavior(request, context)
            finally:
                call = current_call()
                waits = call.waits
                ended(waits.thread + time.perf_counter() - started - waits.request, call.code.name)
                queued(waits.queued)
                if waits.lock:
                    locked(waits.lock)

        def counted_stream(request: Any, context: grpc.ServicerContext, send: Any) -> Any:
            started = time.perf_counter()
            begin()

            # A stream goes on after the behaviour has returned, and ends in another thread.
            def over() -> None:
                ended(time.perf_counter() - started, ending_of(context).name)

            if not context.add_callback(over):
                over()
            return behavior(request, context, send)

        return counted_stream if method.streams else counted
