"""The database: PostgreSQL through psycopg, or SQLite in a file, behind two context managers.

`Database.begin` is a write transaction, `Database.read` a read-only one that sees one state of the
data however many statements it has. The drivers run in autocommit mode and the transaction is
opened here by hand: on PostgreSQL its mode and its statement timeout then travel with BEGIN in one
message, on SQLite it can be BEGIN IMMEDIATE.
"""

import select
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg
from pydantic_core import from_json
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy import exc as sa_exc
from sqlalchemy.pool import QueuePool

from howmuch.errors import DeadlineExceeded, HowmuchError, Unavailable
from howmuch.storage.many import json_of

# Longest that one statement runs where the caller sets no deadline of its own.
DEFAULT_TIMEOUT_SECONDS = 30.0
# What commits by itself is done at once, or better done otherwise. It gives up a lock long before PostgreSQL
# would look for a deadlock.
_AUTOCOMMIT_LIMITS = "SET statement_timeout = 5000; SET lock_timeout = 100"
# A host that does not answer at all is given up after this.
_CONNECT_TIMEOUT_SECONDS = 5
# SQLite calls back after this many virtual machine steps, so that a statement can be stopped.
_SQLITE_STEPS_BETWEEN_CHECKS = 20_000
_SQLITE_SWITCH_SECONDS = 5.0
# In what SQLAlchemy keeps beside a connection of the driver.
_IS_LIMITED = "howmuch: has the limits of autocommit"


class PoolObserver(Protocol):
    """What watches the pool; each is called from the thread that works with the connection."""

    def taken(self) -> None:
        """A connection is in use from now on."""

    def given_back(self) -> None:
        """It is free again."""

    def waits(self) -> None:
        """None is free, so somebody waits for one."""

    def refused(self) -> None:
        """They have waited in vain."""


class Database:
    """One pool of connections to one database. Safe to share between threads."""

    def __init__(
        self, engine: Engine, *, pool_size: int, pool_timeout_seconds: float, autocommits: bool
    ) -> None:
        self.engine = engine
        self.dialect: str = engine.dialect.name
        self.autocommits = autocommits
        """Whether there is `autocommit`."""
        self.connects = 0
        """How many connections were made so far. After a failover, the next one leads to another server."""
        event.listen(engine, "connect", self._count)
        # SQLite has one writer at a time. Threads of this process queue here, in order, and do not
        # poll for its file lock, which starves some of them.
        self._writer = threading.Lock() if self.dialect == "sqlite" else None
        # The pool's own wait knows no deadline of the caller's, so it is never made to wait.
        self._free = threading.BoundedSemaphore(pool_size)
        self._pool_size = pool_size
        self._pool_timeout_seconds = pool_timeout_seconds
        self.pool_observer: PoolObserver | None = None
        """Set before the first transaction, or not at all."""

    @contextmanager
    def begin(self, timeout_seconds: float | None = None) -> Iterator[Connection]:
        """A write transaction: commits at the end of the block, rolls back where it raises.

        timeout_seconds: how long waiting and each statement may take; None: 30 s.
        Raises DeadlineExceeded past that, Unavailable where the database cannot be reached.
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

        Only where `autocommits`: PostgreSQL, whose connections stay the same from one to the next.

        timeout_seconds: how long waiting for the connection may take; a statement stops after 5 s, and waits
        for no lock longer than 0.1 s. Errors as `begin`.
        """
        with self._taken(timeout_seconds):
            connection = self._open_autocommit()
            try:
                yield connection
            finally:
                connection.close()

    def _count(self, _connection: object, _record: object) -> None:
        self.connects += 1

    def dispose(self) -> None:
        """Closes every connection."""
        self.engine.dispose()

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
            connection = self._open(timeout_seconds, read_only)
            try:
                with connection.begin():
                    yield connection
            finally:
                connection.close()

    @contextmanager
    def _taken(self, timeout_seconds: float) -> Iterator[None]:
        """A place in the pool, and errors of the driver in the words of this program."""
        self._take_connection(timeout_seconds)
        observer = self.pool_observer
        if observer is not None:
            observer.taken()
        try:
            yield
        except sa_exc.DBAPIError as error:
            if (translated := _translate(error)) is None:
                raise
            raise translated from error
        finally:
            if observer is not None:
                observer.given_back()
            self._free.release()

    def _take_connection(self, timeout_seconds: float) -> None:
        """Waits until a connection may be taken; whoever does gives the place back."""
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

    def _open(self, timeout_seconds: float, read_only: bool) -> Connection:
        """A connection with an open transaction.

        Connections that have waited in the pool may be dead, as after a restart of the database.
        Nothing has been done yet where BEGIN fails, so the next one is tried; there are no more
        dead ones than the pool is large. Those that are in use stay in the pool and are closed with it.
        """
        begin = _begin_postgresql if self.dialect == "postgresql" else _begin_sqlite
        give_up_at = time.monotonic() + timeout_seconds
        for tries_left in range(self._pool_size, -1, -1):
            connection = self.engine.connect()
            try:
                begin(connection, timeout_seconds, read_only)
                return connection
            except psycopg.OperationalError as error:
                connection.invalidate(error)
                connection.close()
                # A pooler in between, such as PgBouncer, may let each one wait before it refuses it.
                if not tries_left or time.monotonic() > give_up_at:
                    raise unavailable() from error
            except sqlite3.OperationalError as error:
                connection.close()
                if (translated := _translate_sqlite(error)) is None:
                    raise
                raise translated from error
        raise AssertionError("unreachable: the last try returns or raises")

    def _open_autocommit(self) -> Connection:
        """A connection that is alive, as far as can be seen without a word to the database."""
        for _ in range(self._pool_size + 1):
            connection = self.engine.connect()
            if _is_ready(connection):
                return connection
            connection.invalidate()
            connection.close()
        raise unavailable()


def _begin_postgresql(connection: Connection, timeout_seconds: float, read_only: bool) -> None:
    mode = " ISOLATION LEVEL REPEATABLE READ READ ONLY" if read_only else ""
    milliseconds = max(1, int(timeout_seconds * 1000))
    begin = f"BEGIN{mode}; SET LOCAL statement_timeout = {milliseconds}"
    _run(
        connection,
        f"{begin}; SET LOCAL lock_timeout = DEFAULT" if _IS_LIMITED in connection.info else begin,
    )


def _run(connection: Connection, command: str) -> None:
    driver: Any = connection.connection.dbapi_connection
    # Straight to libpq: a cursor for a command that takes and gives nothing would cost twice as much.
    result = driver.pgconn.exec_(command.encode())
    if result.status != psycopg.pq.ExecStatus.COMMAND_OK:
        raise psycopg.OperationalError(result.error_message.decode(errors="replace"))


def _is_ready(connection: Connection) -> bool:
    driver: Any = connection.connection.dbapi_connection
    poll = select.poll()
    try:
        poll.register(driver.pgconn.socket, select.POLLIN)
        if poll.poll(0):
            # PostgreSQL speaks unasked where it closes the connection.
            return False
        if _IS_LIMITED not in connection.info:
            _run(connection, _AUTOCOMMIT_LIMITS)
            connection.info[_IS_LIMITED] = True
    except psycopg.OperationalError:
        return False
    return True


def _begin_sqlite(connection: Connection, timeout_seconds: float, read_only: bool) -> None:
    driver: Any = connection.connection.dbapi_connection
    stop_at = time.monotonic() + timeout_seconds
    driver.set_progress_handler(lambda: time.monotonic() > stop_at, _SQLITE_STEPS_BETWEEN_CHECKS)
    driver.execute(f"PRAGMA busy_timeout = {max(1, int(timeout_seconds * 1000))}")
    driver.execute(f"PRAGMA query_only = {int(read_only)}")
    driver.execute("BEGIN" if read_only else "BEGIN IMMEDIATE")


def deadline_exceeded() -> DeadlineExceeded:
    """Nothing was committed, and nothing will be."""
    return DeadlineExceeded(
        "DEADLINE_EXCEEDED", "The deadline passed before the work was done; nothing was written."
    )


def unavailable() -> Unavailable:
    """The connection broke, or there is none."""
    # Whether a commit that was cut off took place is not known, so nothing is claimed.
    return Unavailable(
        "DATABASE_UNAVAILABLE",
        "The database does not answer. Try again; with an idempotency key nothing is done twice.",
    )


def _translate_sqlite(error: BaseException | None) -> HowmuchError | None:
    """What a SQLite error means to a caller, or None where it is a fault of ours."""
    text = str(error)
    if "interrupted" in text or "database is locked" in text:
        return deadline_exceeded()
    if "unable to open" in text or "disk I/O error" in text or "disk is full" in text:
        return unavailable()
    return None


def _translate(error: sa_exc.DBAPIError) -> HowmuchError | None:
    """What a driver's error means to a caller, or None where it is a fault of ours."""
    cause = error.orig
    if isinstance(cause, sqlite3.OperationalError):
        return _translate_sqlite(cause)
    if isinstance(cause, psycopg.errors.QueryCanceled):
        return deadline_exceeded()
    # Class 40 of SQLSTATE: deadlocks and what else PostgreSQL undoes for the sake of another.
    if isinstance(cause, psycopg.Error) and (cause.sqlstate or "").startswith("40"):
        return Unavailable(
            "DATABASE_CONFLICT", "Another call was in the way; nothing was written. Try again."
        )
    if isinstance(cause, psycopg.errors.InterfaceError | psycopg.errors.OperationalError):
        return unavailable()
    return None


def open_database(
    url: str,
    *,
    pool_size: int = 16,
    pool_timeout_seconds: float = 5.0,
    prepared_statements: bool = True,
) -> Database:
    """A Database for `sqlite:////absolute/path.db` or `postgresql://user:password@host/name`.

    pool_size: most connections at once. pool_timeout_seconds: how long a call waits for a free one.
    prepared_statements: whether PostgreSQL's are prepared once they recur; they stay with their connection,
    so not where something between gives each transaction another one. Nothing is connected yet.
    """
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        connect_args: dict[str, Any] = {
            "autocommit": True,
            "connect_timeout": _CONNECT_TIMEOUT_SECONDS,
            # A host that is gone without a word is noticed within half a minute, not within hours.
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 25_000,
            # Parameters are $1, $2 as PostgreSQL has them, so that no statement is rewritten on its way.
            "cursor_factory": psycopg.RawCursor,
        }
        if not prepared_statements:
            connect_args["prepare_threshold"] = None
    elif backend == "sqlite":
        connect_args = {"isolation_level": None, "check_same_thread": False}
    else:
        raise ValueError(f"database URL: {backend!r} is not supported; use postgresql or sqlite")
    engine = create_engine(
        parsed,
        paramstyle="numeric_dollar" if backend == "postgresql" else None,
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=0,
        # The one used last has its statements prepared, and the processor still knows its process.
        pool_use_lifo=True,
        connect_args=connect_args,
        json_serializer=json_of,
        json_deserializer=from_json,
        # Errors are logged, and would quote hashes of passwords and tokens.
        hide_parameters=True,
    )
    if backend == "sqlite":
        _prepare_sqlite(engine)
    return Database(
        engine,
        pool_size=pool_size,
        pool_timeout_seconds=pool_timeout_seconds,
        autocommits=backend == "postgresql" and prepared_statements,
    )


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        _use_write_ahead_log(connection)
        connection.execute("PRAGMA foreign_keys = ON")
        # SQLite's own knows no letters but A to Z.
        connection.create_function("lower", 1, _lower, deterministic=True)
        # FULL: a commit that was answered survives the loss of power, as on PostgreSQL.
        connection.execute("PRAGMA synchronous = FULL")


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Two that switch a new file over at once cannot wait for each other, so SQLite fails one of
    them whatever its busy timeout is: that one tries again.
    """
    give_up_at = time.monotonic() + _SQLITE_SWITCH_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "database is locked" not in str(error) or time.monotonic() > give_up_at:
                raise
            time.sleep(0.01)
