"""Folded texts of expenses, which the search looks at, and their repair.

Of an ASCII text nothing is stored: the database lowers it by itself, the same on SQLite and PostgreSQL.
A row of a program from before these columns has none, or those of an earlier version of the expense. The
search reads the plain texts of such a row, and the purge folds them.
"""

from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from howmuch.storage.tables import SEARCH_STALE, expenses
from howmuch.usecases.folding import fold

AT_ONCE = 500

_STALE = (
    select(
        expenses.c.event_id,
        expenses.c.id,
        expenses.c.reason,
        expenses.c.notes,
        expenses.c.version,
    )
    .where(SEARCH_STALE)
    .limit(AT_ONCE)
    .with_for_update(skip_locked=True)
)
_FILL = update(expenses).where(
    expenses.c.event_id == bindparam("of_event"),
    expenses.c.id == bindparam("of_id"),
    expenses.c.version == bindparam("of_version"),
)


def search_row(reason: str, notes: str, version: int) -> dict[str, Any]:
    """The columns of the search for these texts."""
    return {
        "search_text": _stored(f"{reason}\n{notes}"),
        "search_version": version,
    }


def _stored(text: str) -> str | None:
    return None if text.isascii() else fold(text)


def fold_stale_texts(connection: Connection) -> int:
    """Folds the texts of up to AT_ONCE rows that lack them. Returns how many there were.

    A row that another call changes at this moment is left to the next run.
    """
    rows = connection.execute(_STALE).all()
    for row in rows:
        of_row = {"of_event": row.event_id, "of_id": row.id, "of_version": row.version}
        values = search_row(row.reason, row.notes, row.version)
        connection.execute(_FILL, of_row | values)
    return len(rows)
