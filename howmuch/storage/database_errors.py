"""Errors of the database drivers, translated into errors that a caller can be told."""

import sqlite3

import psycopg
from sqlalchemy import exc as sa_exc

from howmuch.errors import DeadlineExceeded, HowmuchError, Unavailable


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


def translate(error: BaseException | None) -> HowmuchError | None:
    """The error that a caller is told for an error of SQLAlchemy or of a driver. None means it is a bug."""
    cause = error.orig if isinstance(error, sa_exc.DBAPIError) else error
    if isinstance(cause, sqlite3.OperationalError):
        text = str(cause)
        if "interrupted" in text or "database is locked" in text:
            return deadline_exceeded()
        if "unable to open" in text or "disk I/O error" in text or "disk is full" in text:
            return unavailable()
    if isinstance(cause, psycopg.errors.QueryCanceled):
        return deadline_exceeded()
    # Class 40 of SQLSTATE: transactions that PostgreSQL rolled back, such as one of a deadlock.
    if isinstance(cause, psycopg.Error) and (cause.sqlstate or "").startswith("40"):
        return Unavailable(
            "DATABASE_CONFLICT",
            "A conflicting request ran at the same time; nothing was saved. Try again.",
        )
    if isinstance(cause, psycopg.errors.InterfaceError | psycopg.errors.OperationalError):
        return unavailable()
    return None
