"""What Prometheus reads of the gateway."""

from collections.abc import Callable

from prometheus_client import Counter, Gauge, Histogram

from howmuch.gateway.observer import Request

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

_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_OTHER = "_OTHER"
"""A method that HTTP does not name, whatever it was: clients could make up any number of series."""

_Seen = tuple[Callable[[], None], Callable[[float], None]]


class HttpMetrics:
    """See howmuch.gateway.observer.Observer. Series are looked up once for each kind of answer."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str, int], _Seen] = {}

    def connected(self) -> None:
        """Counts it."""
        CONNECTIONS.inc()

    def disconnected(self) -> None:
        """Counts it no more."""
        CONNECTIONS.dec()

    def unreadable(self, status: int) -> None:
        """Counts it: there is neither method nor route to name."""
        REQUESTS.labels("", "", status).inc()

    def began(self, request: Request) -> None:
        """Counts it as in flight."""
        IN_FLIGHT.inc()

    def routed(self, request: Request, grpc_path: str) -> None:
        """Does nothing."""

    def ended(self, request: Request, seconds: float) -> None:
        """Counts the answer and how long it took."""
        IN_FLIGHT.dec()
        key = (request.method, request.route, request.status)
        count, observe = self._seen.get(key) or self._first(key)
        count()
        observe(seconds)

    def _first(self, key: tuple[str, str, int]) -> _Seen:
        method, route, status = key
        name = method if method in _METHODS else _OTHER
        seen = (REQUESTS.labels(name, route, status).inc, SECONDS.labels(name, route).observe)
        if name is method:
            self._seen[key] = seen
        return seen
