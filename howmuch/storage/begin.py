"""The first message of a transaction, on each kind of database, and the server that it reaches."""

import select
import sqlite3
import time
from typing import Any

import psycopg
from sqlalchemy import Connection

# A statement that commits by itself finishes at once or is better run another way. It gives up a lock long
# before PostgreSQL would look for a deadlock.
_AUTOCOMMIT_LIMITS = "SET statement_timeout = 5000; SET lock_timeout = 100"
# SQLite calls back after this many virtual machine steps, so that a statement can be stopped.
_SQLITE_STEPS_BETWEEN_CHECKS = 20_000
# Key in the info that SQLAlchemy keeps with a connection of the driver.
_IS_LIMITED = "howmuch: has the limits of autocommit"
SERVER = "howmuch: the server"
"""Key in the same info, of what `_WHICH_SERVER` has returned."""

READS_ONLY = "howmuch: a transaction that only reads"
"""Key in the same info: whether the present transaction may not write."""

# Another server, one that was started again, and another database by the same name give another answer.
_WHICH_SERVER = (
    "SELECT concat(pg_postmaster_start_time(), ' ',"
    " (SELECT oid FROM pg_database WHERE datname = current_database()))"
)


def begin_postgresql(
    connection: Connection,
    timeout_seconds: float,
    lock_seconds: float,
    *,
    read_only: bool,
    asks_server: bool,
) -> None:
    """Opens the transaction with its limits, by one message.

    asks_server: behind a pooler, each transaction may reach another server than the last one.
    """
    mode = " ISOLATION LEVEL REPEATABLE READ READ ONLY" if read_only else ""
    begin = f"BEGIN{mode}; SET LOCAL statement_timeout = {_milliseconds(timeout_seconds)}"
    if not read_only:
        begin = f"{begin}; SET LOCAL lock_timeout = {_milliseconds(lock_seconds)}"
    elif _IS_LIMITED in connection.info:
        begin = f"{begin}; SET LOCAL lock_timeout = DEFAULT"
    driver = connection.connection.dbapi_connection
    connection.info[READS_ONLY] = read_only
    if asks_server:
        connection.info[SERVER] = which_server(driver, f"{begin}; {_WHICH_SERVER}")
    else:
        _run(driver, begin)


def which_server(driver: Any, command: str = _WHICH_SERVER) -> str:
    """A text that names the server and the database of a connection."""
    value: bytes = _run(driver, command).get_value(0, 0)
    return value.decode()


def _milliseconds(seconds: float) -> int:
    return max(1, int(seconds * 1000))


def _run(driver: Any, command: str) -> Any:
    """The result of the last statement in the command."""
    # Straight to libpq: a cursor costs twice as much for a command without parameters and rows.
    result = driver.pgconn.exec_(command.encode())
    status = psycopg.pq.ExecStatus
    if result.status not in (status.COMMAND_OK, status.TUPLES_OK):
        raise psycopg.OperationalError(result.error_message.decode(errors="replace"))
    return result


def is_ready(connection: Connection) -> bool:
    """Whether a connection is alive, and has the limits of statements that commit by themselves."""
    driver: Any = connection.connection.dbapi_connection
    poll = select.poll()
    try:
        poll.register(driver.pgconn.socket, select.POLLIN)
        if poll.poll(0):
            # PostgreSQL sends unasked only when it closes the connection.
            return False
        if _IS_LIMITED not in connection.info:
            _run(driver, _AUTOCOMMIT_LIMITS)
            connection.info[_IS_LIMITED] = True
    except psycopg.OperationalError:
        return False
    return True


def begin_sqlite(
    connection: Connection, timeout_seconds: float, lock_seconds: float, *, read_only: bool
) -> None:
    """Opens the transaction with its limits."""
    driver: Any = connection.connection.dbapi_connection
    connection.info[READS_ONLY] = read_only
    stop_at = time.monotonic() + timeout_seconds
    driver.set_progress_handler(lambda: time.monotonic() > stop_at, _SQLITE_STEPS_BETWEEN_CHECKS)
    busy_seconds = min(timeout_seconds, lock_seconds)
    driver.execute(f"PRAGMA busy_timeout = {_milliseconds(busy_seconds)}")
    driver.execute(f"PRAGMA query_only = {int(read_only)}")
    driver.execute("BEGIN" if read_only else "BEGIN IMMEDIATE")


def is_locked(error: sqlite3.OperationalError) -> bool:
    """Whether another program had the file for itself."""
    return "database is locked" in str(error)
