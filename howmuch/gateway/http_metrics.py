"""Prometheus metrics of the gateway."""

from collections.abc import Callable
from typing import NamedTuple

from prometheus_client import Counter, Gauge, Histogram

from howmuch.gateway.observer import Observer, Request
from howmuch.gateway.routes import STANDARD_METHODS

BUCKETS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds."""

REQUESTS = Counter(
    "howmuch_http_requests", "HTTP requests by their answer.", ["method", "route", "status"]
)
SECONDS = Histogram(
    "howmuch_http_request_duration_seconds",
    "From the headers of a request to the end of its answer.",
    ["method", "route"],
    buckets=BUCKETS,
)
IN_FLIGHT = Gauge(
    "howmuch_http_requests_in_flight",
    "Requests that are being answered.",
    multiprocess_mode="livesum",
)
CONNECTIONS = Gauge(
    "howmuch_http_connections", "Open connections of clients.", multiprocess_mode="livesum"
)

_OTHER = "_OTHER"
"""Label of all other methods: clients must not be able to create any number of series."""


class _Series(NamedTuple):
    increment: Callable[[], None]
    observe: Callable[[float], None]


class HttpMetrics(Observer):
    """Counts requests and connections. Caches the series of each method, route and status."""

    def __init__(self) -> None:
        self._series: dict[tuple[str, str, int], _Series] = {}

    def connected(self) -> None:
        CONNECTIONS.inc()

    def disconnected(self) -> None:
        CONNECTIONS.dec()

    def unreadable(self, status: int) -> None:
        REQUESTS.labels("", "", status).inc()

    def began(self, request: Request) -> None:
        IN_FLIGHT.inc()

    def ended(self, request: Request, seconds: float) -> None:
        IN_FLIGHT.dec()
        method, route, status = key = request.method, request.route, request.status
        series = self._series.get(key)
        if series is None:
            known = method in STANDARD_METHODS
            name = method if known else _OTHER
            count = REQUESTS.labels(name, route, status).inc
            series = _Series(count, SECONDS.labels(name, route).observe)
            if known:
                self._series[key] = series
        series.increment()
        series.observe(seconds)
