"""The search for the expenses of a page: filters, orders, paging by key."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, fields

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    exists,
    func,
    null,
    or_,
    select,
    tuple_,
)

from howmuch.ledger.shares import Kind
from howmuch.storage.tables import expenses, shares
from howmuch.usecases.folding import fold
from howmuch.usecases.paging import Listing, Page, cut, date_after

ORDERS = ("date desc", "date", "create_time desc", "create_time")


# See `search_texts`. ASCII texts are not, and those of an earlier program.
_IS_CURRENT = expenses.c.search_version == expenses.c.version
_TEXT_IS_FOLDED = and_(_IS_CURRENT, expenses.c.search_text.is_not(null()))
_CATEGORY_IS_FOLDED = and_(_IS_CURRENT, expenses.c.search_category.is_not(null()))


@dataclass(frozen=True, slots=True)
class Filter:
    """Filters and order of a list. Empty texts and None do not filter. order: one of ORDERS.

    min_minor, max_minor: amounts in minor units of `currency_code`. Page tokens have a digest of its repr,
    and stay valid during an upgrade. So a later field has `repr=False`, and is in the query of the token only
    if it is set (`later`).
    """

    order: str = ORDERS[0]
    member_id: str = ""
    category: str = ""
    from_date: dt.date | None = None
    to_date: dt.date | None = None
    text: str = ""
    kind: Kind | None = None
    deleted: bool = False
    payer_id: str = field(default="", repr=False)
    beneficiary_id: str = field(default="", repr=False)
    currency_code: str = field(default="", repr=False)
    min_minor: int | None = field(default=None, repr=False)
    max_minor: int | None = field(default=None, repr=False)
    only_deleted: bool = field(default=False, repr=False)

    @property
    def later(self) -> list[tuple[str, object]]:
        """Name and value of each field that is set and not in the repr."""
        return [
            (each.name, value)
            for each in fields(self)
            if not each.repr and (value := getattr(self, each.name)) != each.default
        ]

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
    date: dt.date


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
    return listing.map(lambda row: Found(row.id, row.version, row.date))


def _last_key(after: Sequence[str], wanted: Filter) -> tuple[object, ...]:
    if not wanted.by_date:
        return (after[0],)
    return (date_after(after[0]), after[1])


def _conditions(event_id: str, wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [expenses.c.event_id == event_id]
    if wanted.only_deleted:
        conditions.append(expenses.c.delete_time.is_not(null()))
    elif not wanted.deleted:
        conditions.append(expenses.c.delete_time.is_(null()))
    if wanted.member_id:
        conditions.append(_has_share(wanted.member_id))
    if wanted.payer_id:
        conditions.append(_has_share(wanted.payer_id, shares.c.paid_minor > 0))
    if wanted.beneficiary_id:
        conditions.append(_has_share(wanted.beneficiary_id, shares.c.owed_minor > 0))
    if wanted.currency_code:
        conditions.append(expenses.c.currency_code == wanted.currency_code)
    if wanted.min_minor is not None:
        conditions.append(expenses.c.amount_minor >= wanted.min_minor)
    if wanted.max_minor is not None:
        conditions.append(expenses.c.amount_minor <= wanted.max_minor)
    if wanted.category:
        conditions.append(
            case(
                (_CATEGORY_IS_FOLDED, expenses.c.search_category == fold(wanted.category)),
                else_=func.lower(expenses.c.category).in_(_spellings(wanted.category)),
            )
        )
    if wanted.from_date:
        conditions.append(expenses.c.date >= wanted.from_date)
    if wanted.to_date:
        conditions.append(expenses.c.date <= wanted.to_date)
    if wanted.text:
        conditions.append(_has_text(wanted.text))
    if wanted.kind:
        conditions.append(expenses.c.kind == wanted.kind.value)
    return conditions


def _has_share(member_id: str, *how: ColumnElement[bool]) -> ColumnElement[bool]:
    of_member = and_(
        shares.c.event_id == expenses.c.event_id,
        shares.c.expense_id == expenses.c.id,
        shares.c.member_id == member_id,
        *how,
    )
    return exists().where(of_member)


def _has_text(text: str) -> ColumnElement[bool]:
    """Whether reason or notes contain the text. Accents count in a row of an earlier program."""
    plain = [
        func.lower(column).contains(spelling, autoescape=True)
        for column in (expenses.c.reason, expenses.c.notes)
        for spelling in _spellings(text)
    ]
    folded = expenses.c.search_text.contains(fold(text), autoescape=True)
    return case((_TEXT_IS_FOLDED, folded), else_=or_(*plain))


def _spellings(text: str) -> list[str]:
    """The spellings of a text to look for among plain texts."""
    return sorted({text.lower(), fold(text)})
