"""The bytes that a call writes, counted for quotas: the size of its new rows as JSON.

PostgreSQL gets the rows as JSON. On SQLite their size is estimated, but for the values of JSON columns.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

# Rows that go by themselves within a day. The others stay as long as their event.
_PASSING = frozenset(("idempotency_keys", "outbox"))
# Counters, which do not grow.
_COUNTERS = frozenset(("seen_marks",))


@dataclass(slots=True)
class Written:
    """Bytes of one call. stored: those that stay; passing: those that go within a day.

    in_json: of values of JSON columns, which are counted with their rows.
    """

    stored: int = 0
    passing: int = 0
    in_json: int = 0

    def add(self, table: str, size: int) -> None:
        """Counts rows of a table. size: in bytes."""
        if table in _PASSING:
            self.passing += size
        elif table not in _COUNTERS:
            self.stored += size

    def add_all(self, other: "Written") -> None:
        """Counts the bytes of another count."""
        self.stored += other.stored
        self.passing += other.passing


_current: ContextVar[Written | None] = ContextVar("written", default=None)


@contextmanager
def measured() -> Iterator[Written]:
    """Counts the bytes that this thread writes in the block."""
    written = Written()
    token = _current.set(written)
    try:
        yield written
    finally:
        _current.reset(token)


def current_written() -> Written | None:
    """The count of this thread. None means that nothing is counted."""
    return _current.get()


def count_rows(table: str, size: int) -> None:
    """Counts rows of a table, within `measured`. size: in bytes."""
    written = _current.get()
    if written is not None:
        written.add(table, size)
