"""The search for the expenses of a page: filters, orders, paging by key."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    exists,
    func,
    null,
    or_,
    select,
    tuple_,
)

from howmuch.ledger.shares import Kind
from howmuch.storage.tables import expenses, shares
from howmuch.usecases.paging import Listing, Page, cut, token_malformed

ORDERS = ("date desc", "date", "create_time desc", "create_time")


@dataclass(frozen=True, slots=True)
class Filter:
    """Filters and order of a list. Empty texts and None do not filter. order: one of ORDERS.

    Page tokens have a digest of its repr, and stay valid during an upgrade. So a later field has
    `repr=False`, and is in the query of the token only if it is set.
    """

    order: str = ORDERS[0]
    member_id: str = ""
    category: str = ""
    from_date: dt.date | None = None
    to_date: dt.date | None = None
    text: str = ""
    kind: Kind | None = None
    deleted: bool = False

    @property
    def by_date(self) -> bool:
        """Whether the order is by date; ids decide within a day, and are in the order of creation."""
        return self.order.startswith("date")

    @property
    def descending(self) -> bool:
        """Whether the newest come first."""
        return self.order.endswith("desc")

    @property
    def keys(self) -> int:
        """How many key columns a page token has."""
        return 2 if self.by_date else 1


@dataclass(frozen=True, slots=True)
class Found:
    """An expense of a page. Its content never changes without its version."""

    id: str
    version: int


def find_expenses(
    connection: Connection, event_id: str, wanted: Filter, page: Page
) -> Listing[Found]:
    """The expenses of a page, in one statement."""
    keys = (expenses.c.date, expenses.c.id) if wanted.by_date else (expenses.c.id,)
    statement = (
        select(expenses.c.id, expenses.c.version, expenses.c.date)
        .where(*_conditions(event_id, wanted))
        .order_by(*(key.desc() if wanted.descending else key for key in keys))
        .limit(page.size + 1)
    )
    if page.after:
        after = tuple_(*keys)
        last = _last_key(page.after, wanted)
        statement = statement.where(after < last if wanted.descending else after > last)
    listing = cut(
        page,
        connection.execute(statement).all(),
        lambda row: [row.date, row.id] if wanted.by_date else [row.id],
    )
    return listing.map(lambda row: Found(row.id, row.version))


def _last_key(after: Sequence[str], wanted: Filter) -> tuple[object, ...]:
    if not wanted.by_date:
        return (after[0],)
    try:
        return (dt.date.fromisoformat(after[0]), after[1])
    except ValueError as error:
        raise token_malformed() from error


def _conditions(event_id: str, wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [expenses.c.event_id == event_id]
    if not wanted.deleted:
        conditions.append(expenses.c.delete_time.is_(null()))
    if wanted.member_id:
        took_part = and_(
            shares.c.event_id == expenses.c.event_id,
            shares.c.expense_id == expenses.c.id,
            shares.c.member_id == wanted.member_id,
        )
        conditions.append(exists().where(took_part))
    if wanted.category:
        conditions.append(expenses.c.category == wanted.category)
    if wanted.from_date:
        conditions.append(expenses.c.date >= wanted.from_date)
    if wanted.to_date:
        conditions.append(expenses.c.date <= wanted.to_date)
    if wanted.text:
        text = wanted.text.lower()
        conditions.append(
            or_(
                func.lower(expenses.c.reason).contains(text, autoescape=True),
                func.lower(expenses.c.notes).contains(text, autoescape=True),
            )
        )
    if wanted.kind:
        conditions.append(expenses.c.kind == wanted.kind.value)
    return conditions
