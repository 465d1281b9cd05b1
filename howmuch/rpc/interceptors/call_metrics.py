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
        counts: dict[str, Callable[[], None]] = {}

        def ended(started: float, code: str) -> None:
            end()
            observe(time.perf_counter() - started)
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
                ended(started, current_call().code.name)

        def counted_stream(request: Any, context: grpc.ServicerContext, send: Any) -> Any:
            started = time.perf_counter()
            begin()
            # A stream goes on after the behaviour has returned, and ends in another thread.
            if not context.add_callback(lambda: ended(started, ending_of(context).name)):
                ended(started, ending_of(context).name)
            return behavior(request, context, send)

        return counted_stream if method.streams else counted
