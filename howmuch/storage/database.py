"""The database: PostgreSQL through psycopg, or a SQLite file, behind context managers.

`Database.begin` is a write transaction. `Database.read` is a read-only transaction whose statements all see
one state of the data. The drivers run in autocommit mode and this module opens the transaction by hand. On
PostgreSQL its mode and its statement timeout then travel with BEGIN in one message. On SQLite it can be
BEGIN IMMEDIATE.
"""

import select
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg
from sqlalchemy import Connection, Engine, event
from sqlalchemy import exc as sa_exc

from howmuch.errors import Unavailable
from howmuch.storage.database_errors import deadline_exceeded, translate, unavailable
from howmuch.storage.engine import make_engine

# The longest that one statement runs if the caller sets no deadline.
DEFAULT_TIMEOUT_SECONDS = 30.0
# A statement that commits by itself finishes at once or is better run another way. It gives up a lock long
# before PostgreSQL would look for a deadlock.
_AUTOCOMMIT_LIMITS = "SET statement_timeout = 5000; SET lock_timeout = 100"
# SQLite calls back after this many virtual machine steps, so that a statement can be stopped.
_SQLITE_STEPS_BETWEEN_CHECKS = 20_000
# Key in the info that SQLAlchemy keeps with a connection of the driver.
_IS_LIMITED = "howmuch: has the limits of autocommit"


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
        self, engine: Engine, *, pool_size: int, pool_timeout_seconds: float, autocommits: bool
    ) -> None:
        self.engine = engine
        self.dialect: str = engine.dialect.name
        self.autocommits = autocommits
        """Whether `autocommit` may be used."""
        self.connects = 0
        """How many connections were made so far. After a failover, the next one leads to another server."""
        event.listen(engine, "connect", self._count)
        # SQLite has one writer at a time. Threads of this process queue for this lock in order. If they
        # polled for SQLite's file lock, some would starve.
        self._writer = threading.Lock() if self.dialect == "sqlite" else None
        # The pool's own wait ignores the caller's deadline, so threads wait for this semaphore first.
        self._free = threading.BoundedSemaphore(pool_size)
        self._pool_size = pool_size
        self._pool_timeout_seconds = pool_timeout_seconds
        self.pool_observer: PoolObserver | None = None
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
            connection = self._open_autocommit()
            try:
                yield connection
            finally:
                connection.close()

    def dispose(self) -> None:
        self.engine.dispose()

    def _count(self, _connection: object, _record: object) -> None:
        self.connects += 1

    @contextmanager
    def _writing(self, timeout_seconds: float) -> Iterator[None]:
        if self._writer is None:
            yield
        elif self._writer.acquire(timeout=max(timeout_seconds, 0.0)):
            try:
                yield
            finally:
                self._writer.release()
        else:
            raise deadline_exceeded()

    @contextmanager
    def _transaction(self, timeout_seconds: float, *, read_only: bool) -> Iterator[Connection]:
        with self._taken(timeout_seconds):
            connection = self._open(timeout_seconds, read_only=read_only)
            try:
                with connection.begin():
                    yield connection
            finally:
                connection.close()

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
            raise translated from error
        finally:
            if observer is not None:
                observer.given_back()
            self._free.release()

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
            raise Unavailable(
                "DATABASE_BUSY", "The server has no database connection free. Try again shortly."
            )

    def _open(self, timeout_seconds: float, *, read_only: bool) -> Connection:
        """A connection with an open transaction.

        Connections that waited in the pool may be dead, for example after a restart of the database. If BEGIN
        fails, nothing has been done yet, so the next connection is tried. At most `pool_size` are dead. Those
        in use stay in the pool and are closed with it.
        """
        begin = _begin_postgresql if self.dialect == "postgresql" else _begin_sqlite
        give_up_at = time.monotonic() + timeout_seconds
        for tries_left in range(self._pool_size, -1, -1):
            connection = self.engine.connect()
            try:
                begin(connection, timeout_seconds, read_only=read_only)
                return connection
            except psycopg.OperationalError as error:
                connection.invalidate(error)
                connection.close()
                # A pooler such as PgBouncer may let each connection wait before it refuses it.
                if not tries_left or time.monotonic() > give_up_at:
                    raise unavailable() from error
            except sqlite3.OperationalError as error:
                connection.close()
                if (translated := translate(error)) is None:
                    raise
                raise translated from error
        raise AssertionError("unreachable: the last try returns or raises")

    def _open_autocommit(self) -> Connection:
        """A connection that is alive, as far as can be seen without asking the database."""
        for _ in range(self._pool_size + 1):
            connection = self.engine.connect()
            if _is_ready(connection):
                return connection
            connection.invalidate()
            connection.close()
        raise unavailable()


def open_database(
    url: str,
    *,
    pool_size: int = 16,
    pool_timeout_seconds: float = 5.0,
    prepared_statements: bool = True,
) -> Database:
    """A Database for `sqlite:////absolute/path.db` or `postgresql://user:password@host/name`.

    pool_size: most connections at once. pool_timeout_seconds: how long a call waits for a free connection.
    prepared_statements: whether PostgreSQL prepares recurring statements. They stay with their connection, so
    set it to False behind a pooler that changes the connection between transactions. Connects lazily.
    """
    engine = make_engine(url, pool_size=pool_size, prepared_statements=prepared_statements)
    return Database(
        engine,
        pool_size=pool_size,
        pool_timeout_seconds=pool_timeout_seconds,
        autocommits=engine.dialect.name == "postgresql" and prepared_statements,
    )


def _begin_postgresql(connection: Connection, timeout_seconds: float, *, read_only: bool) -> None:
    mode = " ISOLATION LEVEL REPEATABLE READ READ ONLY" if read_only else ""
    milliseconds = max(1, int(timeout_seconds * 1000))
    begin = f"BEGIN{mode}; SET LOCAL statement_timeout = {milliseconds}"
    _run(
        connection,
        f"{begin}; SET LOCAL lock_timeout = DEFAULT" if _IS_LIMITED in connection.info else begin,
    )


def _run(connection: Connection, command: str) -> None:
    driver: Any = connection.connection.dbapi_connection
    # Straight to libpq: a cursor costs twice as much for a command without parameters and rows.
    result = driver.pgconn.exec_(command.encode())
    if result.status != psycopg.pq.ExecStatus.COMMAND_OK:
        raise psycopg.OperationalError(result.error_message.decode(errors="replace"))


def _is_ready(connection: Connection) -> bool:
    driver: Any = connection.connection.dbapi_connection
    poll = select.poll()
    try:
        poll.register(driver.pgconn.socket, select.POLLIN)
        if poll.poll(0):
            # PostgreSQL sends unasked only when it closes the connection.
            return False
        if _IS_LIMITED not in connection.info:
            _run(connection, _AUTOCOMMIT_LIMITS)
            connection.info[_IS_LIMITED] = True
    except psycopg.OperationalError:
        return False
    return True


def _begin_sqlite(connection: Connection, timeout_seconds: float, *, read_only: bool) -> None:
    driver: Any = connection.connection.dbapi_connection
    stop_at = time.monotonic() + timeout_seconds
    driver.set_progress_handler(lambda: time.monotonic() > stop_at, _SQLITE_STEPS_BETWEEN_CHECKS)
    driver.execute(f"PRAGMA busy_timeout = {max(1, int(timeout_seconds * 1000))}")
    driver.execute(f"PRAGMA query_only = {int(read_only)}")
    driver.execute("BEGIN" if read_only else "BEGIN IMMEDIATE")
