"""The SQLAlchemy engine for PostgreSQL, through psycopg, or for a SQLite file."""

import os
import sqlite3
import stat
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from pydantic_core import from_json
from sqlalchemy import Engine, ExceptionContext, create_engine, event, make_url

from howmuch.storage.begin import READS_ONLY
from howmuch.storage.database_errors import is_refused_write
from howmuch.storage.many import json_of
from howmuch.storage.pool import LivePool

_SQLITE_SWITCH_SECONDS = 5.0
_POSTGRESQL_ARGUMENTS: dict[str, Any] = {
    "autocommit": True,
    # Seconds until a host that does not answer at all is given up.
    "connect_timeout": 5,
    # A host that has disappeared is noticed within half a minute, not within hours.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
    # Parameters are written $1, $2 as in PostgreSQL, so no statement is rewritten.
    "cursor_factory": psycopg.RawCursor,
}


def make_engine(
    url: str, *, pool_size: int, prepared_statements: bool, application_name: str
) -> Engine:
    """An engine in autocommit mode. It connects lazily. Arguments as `open_database`."""
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        arguments = dict(_POSTGRESQL_ARGUMENTS)
        if "application_name" not in parsed.query:
            arguments["application_name"] = application_name
        if not prepared_statements:
            arguments["prepare_threshold"] = None
    elif backend == "sqlite":
        arguments = {"isolation_level": None, "check_same_thread": False}
    else:
        raise ValueError(f"database URL: {backend!r} is not supported; use postgresql or sqlite")
    engine = create_engine(
        parsed,
        paramstyle="numeric_dollar" if backend == "postgresql" else None,
        poolclass=LivePool,
        pool_size=pool_size,
        max_overflow=0,
        # The last used connection has its statements prepared and its server process in the CPU's cache.
        pool_use_lifo=True,
        connect_args=arguments,
        json_serializer=json_of,
        json_deserializer=from_json,
        # Errors are logged; parameters would put hashes of passwords and tokens into the log.
        hide_parameters=True,
    )
    if backend == "sqlite":
        event.listen(engine, "do_connect", _make_private)
        event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "handle_error", _judge_connection)
    return engine


def _judge_connection(context: ExceptionContext) -> None:
    """Decides which connections an error ends.

    A server that refuses to write has lost its role, so no connection to it is used again. Of any other loss
    only this connection is known to be dead: the others are tried.
    """
    connection = context.connection
    reads_only = connection is not None and connection.info.get(READS_ONLY, False)
    if is_refused_write(context.original_exception) and not reads_only:
        context.is_disconnect = True
    else:
        context.invalidate_pool_on_disconnect = False


def _make_private(
    _dialect: object, _record: object, given: Sequence[Any], _options: object
) -> None:
    """Lets only the owner read the file, before SQLite opens it. SQLite makes its other files like it.

    The file must not be opened here: to close it would end all locks that this process has on it.
    """
    file = Path(given[0])
    if str(file) in ("", ":memory:"):
        return
    with suppress(OSError):  # It exists, or SQLite says what is missing.
        os.mknod(file, stat.S_IFREG | 0o600)
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError, PermissionError):
            one = Path(f"{file}{suffix}")
            if one.stat().st_mode & 0o077:
                one.chmod(0o600)


def _configure_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    _use_write_ahead_log(connection)
    connection.execute("PRAGMA foreign_keys = ON")
    # SQLite's own function lowers only A to Z.
    connection.create_function("lower", 1, _lower, deterministic=True)
    # FULL: a commit that was answered survives a loss of power, as on PostgreSQL.
    connection.execute("PRAGMA synchronous = FULL")


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Switches the file to WAL.

    If two connections switch a new file at once, SQLite fails one of them whatever its busy timeout is.
    That one tries again.
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
