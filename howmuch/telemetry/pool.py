"""Prometheus metrics of the pool of database connections, and of the waits for locks."""

from prometheus_client import Counter, Gauge, Histogram

MOST = Gauge(
    "howmuch_database_connections_max",
    "Connections that may be in use at once.",
    multiprocess_mode="livesum",
)
IN_USE = Gauge(
    "howmuch_database_connections_in_use",
    "Connections that are in use.",
    multiprocess_mode="livesum",
)
WAITS = Counter(
    "howmuch_database_connection_waits", "Transactions that had to wait for a connection."
)
REFUSALS = Counter(
    "howmuch_database_connection_refusals", "Transactions that got no connection in time."
)

LOCK_WAITS = Histogram(
    "howmuch_database_lock_wait_seconds",
    "Time that a write took to lock its event or account.",
    buckets=(0.005, 0.025, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
)


class PoolMetrics:
    """Implements howmuch.storage.database.PoolObserver. size: most connections at once."""

    def __init__(self, size: int) -> None:
        MOST.set(size)
        self.taken = IN_USE.inc
        self.given_back = IN_USE.dec
        self.waits = WAITS.inc
        self.refused = REFUSALS.inc
        self.waited_for_lock = LOCK_WAITS.observe
