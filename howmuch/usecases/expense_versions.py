"""Versions of an expense: its content after each write, from the history."""

import datetime as dt

from sqlalchemy import Connection, bindparam, select

from howmuch.errors import NotFound
from howmuch.model import Caller, Expense
from howmuch.storage.tables import changes
from howmuch.usecases.events import check_undeletable
from howmuch.usecases.expense_rows import get_expense
from howmuch.usecases.expenses import begin_expense_write, revise_expense, with_members
from howmuch.usecases.history import Change, changes_of, from_json
from howmuch.usecases.history_texts import fill_in
from howmuch.usecases.paging import Listing, Page, cut, in_page, number_of

_OF_EXPENSE = (
    changes.c.event_id == bindparam("event_id"),
    changes.c.subject_id == bindparam("expense_id"),
)
_CHANGES = select(changes).where(*_OF_EXPENSE)
_VERSION = select(changes.c.revision, changes.c.after).where(
    *_OF_EXPENSE, changes.c.after["version"].as_integer() == bindparam("version")
)


def list_versions(
    connection: Connection, event_id: str, expense_id: str, page: Page
) -> Listing[Change]:
    """A page of the changes of an expense, newest first. Each made a version, which is its `after`."""
    get_expense(connection, event_id, expense_id)
    key = number_of(page)
    keys = None if key is None else [key]
    statement = in_page(_CHANGES, page, [changes.c.revision], keys, descending=True)
    wanted = {"event_id": event_id, "expense_id": expense_id}
    rows = connection.execute(statement, wanted).mappings().all()
    found = changes_of(connection, event_id, rows)
    return cut(page, found, lambda change: [change.revision])


def restore_version(
    connection: Connection,
    caller: Caller,
    now: dt.datetime,
    expense_id: str,
    version: int,
    etag: str,
) -> Expense:
    """Writes an earlier version's content as the newest version, with its shares to the cent.

    A deleted expense comes back, as long as it can be undeleted.
    """
    write, before = begin_expense_write(connection, caller, now, expense_id, etag)
    if before.delete_time:
        check_undeletable(before.delete_time, now, "expense", before.draft.reason)
    rows = connection.execute(
        _VERSION, {"event_id": write.event.id, "expense_id": expense_id, "version": version}
    ).all()
    if not rows:
        raise NotFound(
            "expense_version",
            f"{expense_id}/versions/{version}",
            f"There is no version {version} of the expense {expense_id!r}.",
        )
    fill_in(connection, write.event.id, (rows[0].after,))
    earlier = from_json(Expense, rows[0].after).draft
    write = with_members(write, before, earlier)
    return revise_expense(write, before, earlier, "EXPENSE_RESTORED")
