"""Whether a statement stays within one event: what would let the tables be distributed by event."""

import functools
import re
from collections.abc import Set

from howmuch.storage.tables import metadata

EVENT_SCOPED = frozenset(
    name for name, table in metadata.tables.items() if name == "events" or "event_id" in table.c
)
"""The tables that have an event: `events` by its id, the others by their event_id."""

_INSERT = re.compile(r"INSERT INTO (\w+) \(([^)]*)\)")
_REFERENCE = re.compile(r"(?:FROM|JOIN|UPDATE|,)\s+(\w+)(?:\s+AS\s+(\w+))?")
_GIVEN = re.compile(r"(\w+)\.(\w+) (?:=|IN|= ANY) \(?(?:\$\d|%\(|__\[)")
_EQUAL = re.compile(r"(\w+)\.(\w+) = (\w+)\.(\w+)")
Column = tuple[str, str]


@functools.cache
def strays(statement: str, other_keys: Set[Column] = frozenset()) -> list[str]:
    """The event-scoped tables that the statement reaches by no event_id, in order.

    statement: as SQLAlchemy compiles it for PostgreSQL. other_keys: pairs of a table and a column by which it
    may be reached instead. An id that equals a given one, or one that is so reached, counts; so does one out
    of a WITH or of rows that are given, whose own tables are looked at as well.
    """
    found = [
        table
        for table, columns in _INSERT.findall(statement)
        if table in EVENT_SCOPED and _key(table) not in columns.split(", ")
    ]
    names = {
        alias or table: table
        for table, alias in _REFERENCE.findall(statement)
        if table in EVENT_SCOPED
    }
    reached = _reached(statement, names, other_keys)
    return sorted({*found, *(table for name, table in names.items() if name not in reached)})


def _key(table: str) -> str:
    return "id" if table == "events" else "event_id"


def _reached(statement: str, names: dict[str, str], other_keys: Set[Column]) -> set[str]:
    """The names, out of `names` to tables, whose rows are those of given events."""
    given = _GIVEN.findall(statement)
    reached = {
        name
        for name, column in given
        if name in names and (column == _key(names[name]) or (names[name], column) in other_keys)
    }
    pairs = _EQUAL.findall(statement)
    pairs += [(c, d, a, b) for a, b, c, d in pairs]
    while True:
        more = {
            left
            for left, column, right, other in pairs
            if left in names
            and left not in reached
            and column == _key(names[left])
            and _is_event(right, other, names, reached)
        }
        if not more:
            return reached
        reached |= more


def _is_event(name: str, column: str, names: dict[str, str], reached: set[str]) -> bool:
    """Whether a column holds the id of an event that is known."""
    if name in names:
        return name in reached and column == _key(names[name])
    return name not in metadata.tables and column in ("id", "event_id")
