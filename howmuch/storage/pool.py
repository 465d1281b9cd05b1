"""The pool of connections: those that are alive are used, and those that have ended are dropped."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy import exc as sa_exc
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from howmuch.storage.database_errors import busy

# SQLAlchemy names the logger of a pool after its class, and tells of each one that it disposes of.
logging.getLogger(f"{__name__}.LivePool").setLevel(logging.WARNING)

# After the database has refused a connection, threads wait this long for one that is alive.
_CROWDED_SECONDS = 1.0


class LivePool(QueuePool):
    """A QueuePool that never keeps the place of a connection that has ended.

    SQLAlchemy's own puts such a place on top of the pool and connects again when it is next used. While the
    database accepts no new connection, every call would meet that place, beside connections that are alive.
    """

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        if record.dbapi_connection is None:
            self._dec_overflow()
        else:
            super()._do_return_conn(record)


class Connections:
    """Opens the connections of an engine, as long as the database takes more, and knows which are in use.

    timeout_seconds: how long a thread waits for one that is in use.
    """

    def __init__(self, engine: Engine, timeout_seconds: float) -> None:
        self._engine = engine
        self._timeout_seconds = timeout_seconds
        # Those that are in use, or being opened.
        self._busy = 0
        self._changed = threading.Condition()
        self._crowded_until = float("-inf")

    def take(self, give_up_at: float) -> Connection:
        """An idle connection, or a new one; `give_back` takes it.

        If the database takes no more, a connection that another thread uses will soon be idle.
        """
        give_up_at = min(give_up_at, time.monotonic() + self._timeout_seconds)
        while True:
            is_crowded = time.monotonic() < self._crowded_until
            if is_crowded and not self._await_idle(give_up_at) and self._busy:
                raise busy()
            with self._changed:
                self._busy += 1
            try:
                return self._engine.connect()
            except sa_exc.OperationalError as error:
                self._release()
                self._crowded_until = time.monotonic() + _CROWDED_SECONDS
                if not self._await_idle(give_up_at):
                    if self._busy:
                        raise busy() from error
                    raise
            except BaseException:
                self._release()
                raise

    def give_back(self, connection: Connection) -> None:
        """Closes a connection, and tells those that wait for one."""
        try:
            connection.close()
        finally:
            self._release()

    @contextmanager
    def used(self, connection: Connection) -> Iterator[None]:
        """Gives the connection back at the end."""
        try:
            yield
        finally:
            self.give_back(connection)

    def _release(self) -> None:
        with self._changed:
            self._busy -= 1
            self._changed.notify_all()

    def _await_idle(self, give_up_at: float) -> bool:
        """Whether a connection is idle, now or as soon as another thread has given it back."""
        pool: Any = self._engine.pool
        with self._changed:
            self._changed.wait_for(
                lambda: pool.checkedin() or not self._busy,
                max(0.0, give_up_at - time.monotonic()),
            )
            return bool(pool.checkedin())
