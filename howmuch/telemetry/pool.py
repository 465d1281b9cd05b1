"""Prometheus metrics of the pool of database connections."""

from prometheus_client import Counter, Gauge

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


class PoolMetrics:
    """Implements howmuch.storage.database.PoolObserver. size: most connections at once."""

    def __init__(self, size: int) -> None:
        MOST.set(size)
        self.taken = IN_USE.inc
        self.given_back = IN_USE.dec
        self.waits = WAITS.inc
        self.refused = REFUSALS.inc
