"""The clock of the database, by which processes on different machines share times such as leases."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from howmuch.storage.types import Instant


class _FromNow(FunctionElement[datetime]):
    type = Instant
    inherit_cache = True


@compiles(_FromNow, "postgresql")
def _from_now_postgresql(element: _FromNow, compiler: Any, **options: Any) -> str:
    [seconds] = (compiler.process(part, **options) for part in element.clauses)
    return f"clock_timestamp() + make_interval(secs => CAST({seconds} AS double precision))"


@compiles(_FromNow, "sqlite")
def _from_now_sqlite(element: _FromNow, compiler: Any, **options: Any) -> str:
    [seconds] = (compiler.process(part, **options) for part in element.clauses)
    # In the form of storage.types, which has microseconds.
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', {seconds} || ' seconds')"


def from_now(name: str) -> ColumnElement[datetime]:
    """The present time of the database plus the seconds in the parameter `name`."""
    return _FromNow(bindparam(name))
