"""The log of outages, with the cause that the driver names."""

import threading
import time

import structlog
from sqlalchemy import exc as sa_exc

from howmuch.errors import HowmuchError
from howmuch.runtime.one_line import one_line

log = structlog.get_logger()

INTERVAL_SECONDS = 1.0
"""During an outage every call fails, mostly for the same cause."""

_OUTAGES = {"DATABASE_UNAVAILABLE", "DATABASE_READ_ONLY", "DATABASE_FULL"}


class OutageLog:
    """Any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._logged_at = float("-inf")

    def note(self, error: HowmuchError, cause: BaseException | None) -> None:
        """Logs the cause of an error that means an outage, at most once a second."""
        if cause is None or error.reason not in _OUTAGES:
            return
        with self._lock:
            now = time.monotonic()
            if now - self._logged_at < INTERVAL_SECONDS:
                return
            self._logged_at = now
        # Of SQLAlchemy's error only the driver's: the rest is a statement.
        orig = cause.orig if isinstance(cause, sa_exc.DBAPIError) else cause
        log.warning("database unavailable", cause=one_line(orig or cause))
