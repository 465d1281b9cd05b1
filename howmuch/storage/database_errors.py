"""Errors of the database drivers, translated into errors that a caller can be told."""

import sqlite3

import psycopg
from sqlalchemy import exc as sa_exc

from howmuch.errors import DeadlineExceeded, FailedPrecondition, HowmuchError, Unavailable
from howmuch.ledger.money import MAX_SUM_MINOR

_RETRY_SECONDS = 1.0


def deadline_exceeded() -> DeadlineExceeded:
    """The deadline passed; nothing was committed, and nothing will be."""
    return DeadlineExceeded(
        "DEADLINE_EXCEEDED", "The deadline passed before the work was done; nothing was written."
    )


def unavailable() -> Unavailable:
    """The connection broke, or none could be opened."""
    # It is unknown whether a commit that was cut off took place, so the text claims neither.
    return Unavailable(
        "DATABASE_UNAVAILABLE",
        "The database does not answer. Try again; with an idempotency key nothing is done twice.",
    )


def busy() -> Unavailable:
    """All connections are in use, and the database takes no more."""
    return Unavailable(
        "DATABASE_BUSY",
        "The server has no database connection free. Try again shortly.",
        retry_after_seconds=_RETRY_SECONDS,
    )


def lock_timeout() -> Unavailable:
    """Another transaction holds a row, and those that wait for it are too many, or have waited too long."""
    return Unavailable(
        "LOCK_TIMEOUT",
        "Other requests are changing the same event or account and have not finished; nothing was saved."
        " Try again.",
        retry_after_seconds=_RETRY_SECONDS,
    )


def read_only() -> Unavailable:
    """The server accepts no writes: after a failover it is a standby, or an operator has set it so."""
    return Unavailable(
        "DATABASE_READ_ONLY",
        "The database accepts no changes at the moment; nothing was saved. Try again.",
        retry_after_seconds=_RETRY_SECONDS,
    )


def full() -> Unavailable:
    """The disk of the database is full."""
    return Unavailable(
        "DATABASE_FULL",
        "The database has no disk space left; nothing was saved. Try again later.",
    )


def sum_too_large() -> FailedPrecondition:
    """A sum of amounts is more than the tables hold."""
    return FailedPrecondition(
        "SUM_TOO_LARGE",
        "With this, the sum of a member's payments, shares, transfers or debts in the event would be more"
        f" than {MAX_SUM_MINOR} minor units of the currency. Nothing was saved; use another event.",
        metadata={"most_minor": str(MAX_SUM_MINOR)},
    )


def _is_sum_too_large(cause: BaseException | None) -> bool:
    if isinstance(cause, psycopg.errors.CheckViolation):
        return "_sum_of_" in (cause.diag.constraint_name or "")
    if isinstance(cause, sqlite3.IntegrityError):
        return "CHECK constraint failed" in str(cause) and "_sum_of_" in str(cause)
    # Sums over several events, which no table holds.
    return isinstance(cause, psycopg.errors.NumericValueOutOfRange) or (
        isinstance(cause, sqlite3.OperationalError) and "integer overflow" in str(cause)
    )


def is_refused_write(cause: BaseException | None) -> bool:
    """Whether the transaction, the server or the file is read-only."""
    if isinstance(cause, sqlite3.OperationalError):
        return "readonly database" in str(cause)
    return isinstance(cause, psycopg.errors.ReadOnlySqlTransaction)


def translate(error: BaseException | None) -> HowmuchError | None:
    """The error that a caller is told for an error of SQLAlchemy or of a driver. None means it is a bug."""
    cause = error.orig if isinstance(error, sa_exc.DBAPIError) else error
    if is_refused_write(cause):
        if isinstance(error, sa_exc.DBAPIError) and not error.connection_invalidated:
            return None  # A transaction of ours that may not write: see storage.engine.
        return read_only()
    if _is_sum_too_large(cause):
        return sum_too_large()
    if isinstance(cause, sqlite3.OperationalError):
        return _of_sqlite(cause)
    return _of_postgresql(cause) if isinstance(cause, psycopg.Error) else None


def _of_sqlite(cause: sqlite3.OperationalError) -> HowmuchError | None:
    text = str(cause)
    if "interrupted" in text or "database is locked" in text:
        return deadline_exceeded()
    if "disk is full" in text:
        return full()
    if "unable to open" in text or "disk I/O error" in text:
        return unavailable()
    return None


def _of_postgresql(cause: psycopg.Error) -> HowmuchError | None:
    if isinstance(cause, psycopg.errors.QueryCanceled):
        return deadline_exceeded()
    if isinstance(cause, psycopg.errors.LockNotAvailable):
        return lock_timeout()
    if isinstance(cause, psycopg.errors.DiskFull):
        return full()
    # Class 40 of SQLSTATE: transactions that PostgreSQL rolled back, such as one of a deadlock.
    if (cause.sqlstate or "").startswith("40"):
        return Unavailable(
            "DATABASE_CONFLICT",
            "A conflicting request ran at the same time; nothing was saved. Try again.",
        )
    if isinstance(cause, psycopg.errors.InterfaceError | psycopg.errors.OperationalError):
        return unavailable()
    return None
