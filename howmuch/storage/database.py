"""The database: PostgreSQL through psycopg, or a SQLite file, behind context managers.

`Database.begin` is a write transaction. `Database.read` is a read-only transaction whose statements all see
one state of the data. The drivers run in autocommit mode and this module opens the transaction by hand. On
PostgreSQL its mode and its limits of time then travel with BEGIN in one message. On SQLite it can be
BEGIN IMMEDIATE.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg
from sqlalchemy import Connection, Engine, event
from sqlalchemy import exc as sa_exc

from howmuch.errors import HowmuchError
from howmuch.storage.begin import (
    SERVER,
    begin_postgresql,
    begin_sqlite,
    is_locked,
    is_ready,
    which_server,
)
from howmuch.storage.database_errors import (
    busy,
    deadline_exceeded,
    lock_timeout,
    translate,
    unavailable,
)
from howmuch.storage.engine import make_engine
from howmuch.storage.lock_waits import LockWaits
from howmuch.storage.outage_log import OutageLog
from howmuch.storage.pool import Connections

# The longest that one statement runs if the caller sets no deadline.
DEFAULT_TIMEOUT_SECONDS = 30.0
DEFAULT_LOCK_TIMEOUT_SECONDS = 5.0
# The lock of all writers of a SQLite file.
_WRITER = "writer"


class PoolObserver(Protocol):
    """Observes the pool. Each method is called by the thread that uses the connection."""

    def taken(self) -> None:
        """A connection is in use from now on."""

    def given_back(self) -> None:
        """The connection is free again."""

    def waits(self) -> None:
        """All connections are in use, so a thread waits for one."""

    def refused(self) -> None:
        """The thread has waited in vain."""


class Database:
    """One pool of connections to one database. Threads may share it."""

    def __init__(
        self,
        engine: Engine,
        *,
        pool_size: int,
        pool_timeout_seconds: float,
        lock_timeout_seconds: float,
        prepared_statements: bool,
    ) -> None:
        self.engine = engine
        self.dialect: str = engine.dialect.name
        self.autocommits = self.dialect == "postgresql" and prepared_statements
        """Whether `autocommit` may be used."""
        self.lock_waits = LockWaits(pool_size, lock_timeout_seconds)
        self.lock_waits.attach(engine)
        self._lock_seconds = lock_timeout_seconds
        self._behind_pooler = self.dialect == "postgresql" and not prepared_statements
        self._connects = 0
        self._servers: dict[str, int] = {}
        self._counting = threading.Lock()
        event.listen(engine, "connect", self._count)
        # SQLite has one writer at a time. Threads of this process queue for this lock in order. If they
        # polled for SQLite's file lock, some would starve.
        self._writer = threading.Lock() if self.dialect == "sqlite" else None
        # The pool's own wait ignores the caller's deadline, so threads wait for this semaphore first.
        self._free = threading.BoundedSemaphore(pool_size)
        self._connections = Connections(engine, pool_timeout_seconds)
        self._pool_size = pool_size
        self._pool_timeout_seconds = pool_timeout_seconds
        self.pool_observer: PoolObserver | None = None
        self.outage_log: OutageLog | None = None
        """Set before the first transaction. None means that the pool is not observed."""

    @contextmanager
    def begin(self, timeout_seconds: float | None = None) -> Iterator[Connection]:
        """A write transaction: commits at the end of the block, rolls back if the block raises.

        timeout_seconds: how long waiting and each statement may take; None means 30 s.
        Raises DeadlineExceeded past that, Unavailable if the database cannot be reached.
        """
        timeout = DEFAULT_TIMEOUT_SECONDS if timeout_seconds is None else timeout_seconds
        with self._writing(timeout), self._transaction(timeout, read_only=False) as connection:
            yield connection

    @contextmanager
    def read(self, timeout_seconds: float | None = None) -> Iterator[Connection]:
        """A read-only transaction over one state of the data. Arguments and errors as `begin`."""
        timeout = DEFAULT_TIMEOUT_SECONDS if timeout_seconds is None else timeout_seconds
        with self._transaction(timeout, read_only=True) as connection:
            yield connection

    @contextmanager
    def autocommit(self, timeout_seconds: float) -> Iterator[Connection]:
        """A connection in which each statement is a transaction of its own.

        Requires `autocommits`: PostgreSQL without a pooler that changes the connection between transactions.
        timeout_seconds: how long waiting for the connection may take. A statement stops after 5 s, and waits
        at most 0.1 s for a lock. Errors as `begin`.
        """
        with self._taken(timeout_seconds):
            connection = self._open_autocommit(time.monotonic() + timeout_seconds)
            with self._connections.used(connection):
                yield connection

    def dispose(self) -> None:
        self.engine.dispose()

    def generation_of(self, connection: Connection) -> int:
        """A number for the connections so far and for the server of this one; see runtime.cache.

        After a failover, the next connection leads to another server, and so may the next transaction of an
        old one behind a pooler. Connections to the server from before may still be there.
        """
        server = connection.info.get(SERVER, "")
        number = self._servers.get(server)
        if number is None:
            with self._counting:
                number = self._servers.setdefault(server, len(self._servers))
        return self._connects * 2**20 + number

    def _count(self, driver: Any, record: Any) -> None:
        self._connects += 1
        if self.autocommits:
            record.info[SERVER] = which_server(driver)

    @contextmanager
    def _writing(self, timeout_seconds: float) -> Iterator[None]:
        if self._writer is None:
            yield
            return
        if not self._writer.acquire(blocking=False):
            with self.lock_waits.place(_WRITER):
                seconds = min(timeout_seconds, self._lock_seconds)
                if not self._writer.acquire(timeout=max(seconds, 0.0)):
                    raise lock_timeout() if seconds < timeout_seconds else deadline_exceeded()
        try:
            yield
        finally:
            self._writer.release()

    @contextmanager
    def _transaction(self, timeout_seconds: float, *, read_only: bool) -> Iterator[Connection]:
        with self._taken(timeout_seconds):
            connection = self._open(timeout_seconds, read_only=read_only)
            with self._connections.used(connection), connection.begin():
                yield connection

    @contextmanager
    def _taken(self, timeout_seconds: float) -> Iterator[None]:
        """Holds one place in the pool, and translates errors of the driver."""
        self._take_connection(timeout_seconds)
        observer = self.pool_observer
        if observer is not None:
            observer.taken()
        try:
            yield
        except sa_exc.DBAPIError as error:
            if (translated := translate(error)) is None:
                raise
            self._note(translated, error)
            raise translated from error
        except HowmuchError as error:
            self._note(error, error.__cause__)
            raise
        finally:
            if observer is not None:
                observer.given_back()
            self._free.release()

    def _note(self, error: HowmuchError, cause: BaseException | None) -> None:
        if self.outage_log is not None:
            self.outage_log.note(error, cause)

    def _take_connection(self, timeout_seconds: float) -> None:
        """Waits until a connection is free. The caller releases `_free` afterwards."""
        if timeout_seconds <= 0:
            raise deadline_exceeded()
        if self._free.acquire(blocking=False):
            return
        observer = self.pool_observer
        if observer is not None:
            observer.waits()
        if not self._free.acquire(timeout=min(timeout_seconds, self._pool_timeout_seconds)):
            if observer is not None:
                observer.refused()
            if timeout_seconds < self._pool_timeout_seconds:
                raise deadline_exceeded()
            raise busy()

    def _open(self, timeout_seconds: float, *, read_only: bool) -> Connection:
        """A connection with an open transaction.

        Connections that waited in the pool may be dead, for example after a restart of the database. If BEGIN
        fails, nothing has been done yet, so the next connection is tried. At most `pool_size` are dead.
        """
        give_up_at = time.monotonic() + timeout_seconds
        for tries_left in range(self._pool_size, -1, -1):
            connection = self._connections.take(give_up_at)
            try:
                self._begin(connection, timeout_seconds, read_only=read_only)
                return connection
            except psycopg.OperationalError as error:
                connection.invalidate(error)
                self._connections.give_back(connection)
                # A pooler such as PgBouncer may let each connection wait before it refuses it.
                if not tries_left or time.monotonic() > give_up_at:
                    raise unavailable() from error
            except sqlite3.OperationalError as error:
                self._connections.give_back(connection)
                if is_locked(error) and self._lock_seconds < timeout_seconds:
                    raise lock_timeout() from error
                if (translated := translate(error)) is None:
                    raise
                raise translated from error
        raise AssertionError("unreachable: the last try returns or raises")

    def _begin(self, connection: Connection, timeout_seconds: float, *, read_only: bool) -> None:
        limits = timeout_seconds, self._lock_seconds
        if self.dialect == "sqlite":
            begin_sqlite(connection, *limits, read_only=read_only)
        else:
            asks = self._behind_pooler
            begin_postgresql(connection, *limits, read_only=read_only, asks_server=asks)

    def _open_autocommit(self, give_up_at: float) -> Connection:
        """A connection that is alive, as far as can be seen without asking the database."""
        for _ in range(self._pool_size + 1):
            connection = self._connections.take(give_up_at)
            if is_ready(connection):
                return connection
            connection.invalidate()
            self._connections.give_back(connection)
        raise unavailable()


def open_database(
    url: str,
    *,
    pool_size: int = 16,
    pool_timeout_seconds: float = 5.0,
    lock_timeout_seconds: float = DEFAULT_LOCK_TIMEOUT_SECONDS,
    prepared_statements: bool = True,
    application_name: str = "howmuch",
) -> Database:
    """A Database for `sqlite:////absolute/path.db` or `postgresql://user:password@host/name`.

    pool_size: most connections at once. pool_timeout_seconds: how long a call waits for a free connection.
    lock_timeout_seconds: how long a write waits for each lock. prepared_statements: whether PostgreSQL
    prepares recurring statements. They stay with their connection, so set it to False behind a pooler that
    changes the connection between transactions. application_name: as PostgreSQL shows it. Connects lazily.
    """
    engine = make_engine(
        url,
        pool_size=pool_size,
        prepared_statements=prepared_statements,
        application_name=application_name,
    )
    return Database(
        engine,
        pool_size=pool_size,
        pool_timeout_seconds=pool_timeout_seconds,
        lock_timeout_seconds=lock_timeout_seconds,
        prepared_statements=prepared_statements,
    )
