"""Rows of expenses and shares: how an expense is read and written."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from howmuch.errors import NotFound
from howmuch.ledger.shares import Kind, Share
from howmuch.ledger.split import split_from_json, split_to_json
from howmuch.model import Expense
from howmuch.storage.many import InsertMany, Rows, among
from howmuch.storage.tables import expenses, shares

EXPENSE_COLUMNS = (
    expenses.c.id,
    expenses.c.event_id,
    expenses.c.kind,
    expenses.c.reason,
    expenses.c.date,
    expenses.c.category,
    expenses.c.notes,
    expenses.c.currency_code,
    expenses.c.amount_minor,
    expenses.c.split,
    expenses.c.version,
    expenses.c.creator_member_id,
    expenses.c.create_time,
    expenses.c.update_time,
    expenses.c.delete_time,
)
# Plain ones: to write SQLAlchemy's own texts as JSON takes many times as long.
_NAMES = tuple(str(column.name) for column in EXPENSE_COLUMNS)
_ONE_EXPENSE = (
    select(*EXPENSE_COLUMNS, shares.c.member_id, shares.c.paid_minor, shares.c.owed_minor)
    .join(
        shares,
        (shares.c.event_id == expenses.c.event_id) & (shares.c.expense_id == expenses.c.id),
    )
    .where(expenses.c.event_id == bindparam("event_id"), expenses.c.id == bindparam("expense_id"))
    .order_by(shares.c.member_id)
)
_SOME_EXPENSES = select(*EXPENSE_COLUMNS).where(
    expenses.c.event_id == bindparam("event_id"), among(expenses.c.id, "ids")
)
_THEIR_SHARES = (
    select(shares.c.expense_id, shares.c.member_id, shares.c.paid_minor, shares.c.owed_minor)
    .where(shares.c.event_id == bindparam("event_id"), among(shares.c.expense_id, "ids"))
    .order_by(shares.c.expense_id, shares.c.member_id)
)
_INSERT_EXPENSES = InsertMany(expenses)
_INSERT_SHARES = InsertMany(shares)
_UPDATE_EXPENSE = update(expenses).where(
    expenses.c.event_id == bindparam("of_event"), expenses.c.id == bindparam("of_id")
)
_DELETE_SHARES = delete(shares).where(
    shares.c.event_id == bindparam("event_id"), shares.c.expense_id == bindparam("expense_id")
)


def get_expense(connection: Connection, event_id: str, expense_id: str) -> Expense:
    """One expense, deleted or not; NotFound where the event has none with this id."""
    rows = connection.execute(_ONE_EXPENSE, {"event_id": event_id, "expense_id": expense_id}).all()
    if not rows:
        raise NotFound("expense", expense_id)
    return expense_of(rows[0][:-3], tuple(Share(*row[-3:]) for row in rows))


def read_expenses(
    connection: Connection, event_id: str, expense_ids: Sequence[str]
) -> list[Expense]:
    """Those of the expenses that there are, in no order, by two statements."""
    wanted = {"event_id": event_id, "ids": expense_ids}
    parts: dict[str, list[Share]] = {expense_id: [] for expense_id in expense_ids}
    for expense_id, *share in connection.execute(_THEIR_SHARES, wanted):
        parts[expense_id].append(Share(*share))
    rows = connection.execute(_SOME_EXPENSES, wanted)
    return [expense_of(row, tuple(parts[row.id])) for row in rows]


def expense_of(row: Sequence[Any], parts: tuple[Share, ...]) -> Expense:
    """An expense out of a row of EXPENSE_COLUMNS and its shares."""
    (expense_id, event_id, kind, reason, date, category, notes, currency_code, amount_minor,
     split, *rest) = row  # fmt: skip
    return Expense(
        expense_id,
        event_id,
        Kind(kind),
        reason,
        date,
        category,
        notes,
        currency_code,
        amount_minor,
        split_from_json(split),
        parts,
        *rest,
    )


def rows_of(made: Sequence[Expense]) -> dict[InsertMany, Rows]:
    """What is to be inserted for new expenses."""
    return {
        _INSERT_EXPENSES: [_row(expense) for expense in made],
        _INSERT_SHARES: [row for expense in made for row in _share_rows(expense)],
    }


def replace_expense(
    connection: Connection, before: Expense, after: Expense
) -> dict[InsertMany, Rows]:
    """Writes an expense over what it was. Returns the shares to be inserted, where they differ."""
    row = _row(after)
    del row["event_id"], row["id"]
    connection.execute(_UPDATE_EXPENSE, {"of_event": after.event_id, "of_id": after.id, **row})
    if after.shares == before.shares:
        return {}
    connection.execute(_DELETE_SHARES, {"event_id": after.event_id, "expense_id": after.id})
    return {_INSERT_SHARES: _share_rows(after)}


def _row(expense: Expense) -> dict[str, Any]:
    row = {name: getattr(expense, name) for name in _NAMES}
    return row | {"kind": expense.kind.value, "split": split_to_json(expense.split)}


def _share_rows(expense: Expense) -> list[dict[str, Any]]:
    return [
        {
            "event_id": expense.event_id,
            "expense_id": expense.id,
            "member_id": share.member_id,
            "paid_minor": share.paid_minor,
            "owed_minor": share.owed_minor,
        }
        for share in expense.shares
    ]
