"""Rows of expenses and shares: how an expense is read and written."""

from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, delete, select, update

from howmuch.errors import NotFound
from howmuch.ledger.shares import Kind, Share
from howmuch.ledger.split import split_from_json, split_to_json
from howmuch.model import Draft, Expense, payments_of
from howmuch.storage.many import InsertMany, Rows, among
from howmuch.storage.rows import record_of, row_of
from howmuch.storage.tables import expenses, shares
from howmuch.usecases.search_texts import search_row

# Plain texts: to write SQLAlchemy's own as JSON takes many times as long.
_COLUMNS = tuple(column for column in expenses.columns if not column.name.startswith("search_"))
_NAMES = tuple(str(column.name) for column in _COLUMNS)
_IN_DRAFT = {field.name for field in fields(Draft)}
_values_of = attrgetter(*(f"draft.{name}" if name in _IN_DRAFT else name for name in _NAMES))
_ONE_EXPENSE = (
    select(*_COLUMNS, shares.c.member_id, shares.c.paid_minor, shares.c.owed_minor)
    .join(
        shares,
        (shares.c.event_id == expenses.c.event_id) & (shares.c.expense_id == expenses.c.id),
    )
    .where(expenses.c.event_id == bindparam("event_id"), expenses.c.id == bindparam("expense_id"))
    .order_by(shares.c.member_id)
)
_SOME_EXPENSES = select(*_COLUMNS).where(
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
    found = connection.execute(_ONE_EXPENSE, {"event_id": event_id, "expense_id": expense_id})
    rows = found.mappings().all()
    if not rows:
        raise NotFound("expense", expense_id)
    return expense_of(rows[0], tuple(record_of(Share, row) for row in rows))


def read_expenses(
    connection: Connection, event_id: str, expense_ids: Sequence[str]
) -> list[Expense]:
    """Those of the expenses that exist, in no order, by two statements."""
    wanted = {"event_id": event_id, "ids": expense_ids}
    parts: dict[str, list[Share]] = {expense_id: [] for expense_id in expense_ids}
    for row in connection.execute(_THEIR_SHARES, wanted).mappings():
        parts[row["expense_id"]].append(record_of(Share, row))
    rows = connection.execute(_SOME_EXPENSES, wanted).mappings()
    return [expense_of(row, tuple(parts[row["id"]])) for row in rows]


def expense_of(row: RowMapping, parts: tuple[Share, ...]) -> Expense:
    """An expense from a row with the columns of `expenses`, and its shares."""
    draft = record_of(
        Draft,
        row,
        kind=Kind(row["kind"]),
        payments=payments_of(parts),
        split=split_from_json(row["split"]),
    )
    return record_of(Expense, row, draft=draft, shares=parts)


def rows_of(made: Sequence[Expense]) -> dict[InsertMany, Rows]:
    """The rows to insert for new expenses."""
    return {
        _INSERT_EXPENSES: [_row(expense) for expense in made],
        _INSERT_SHARES: [row for expense in made for row in _share_rows(expense)],
    }


def replace_expense(
    connection: Connection, before: Expense, after: Expense
) -> dict[InsertMany, Rows]:
    """Writes an expense over its former state. Returns the shares to be inserted, where they differ."""
    row = _row(after)
    key = {"of_event": row.pop("event_id"), "of_id": row.pop("id")}
    connection.execute(_UPDATE_EXPENSE, key | row)
    if after.shares == before.shares:
        return {}
    connection.execute(_DELETE_SHARES, {"event_id": after.event_id, "expense_id": after.id})
    return {_INSERT_SHARES: _share_rows(after)}


def _row(expense: Expense) -> dict[str, Any]:
    row = dict(zip(_NAMES, _values_of(expense), strict=True))
    return row | {
        "kind": row["kind"].value,
        "split": split_to_json(row["split"]),
        **search_row(row["reason"], row["notes"], row["version"]),
    }


def _share_rows(expense: Expense) -> list[dict[str, Any]]:
    return [
        row_of(share, event_id=expense.event_id, expense_id=expense.id) for share in expense.shares
    ]
