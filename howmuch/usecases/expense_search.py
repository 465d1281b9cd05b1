"""The search for the expenses of a page: filters, orders, paging by key."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, fields

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    exists,
    func,
    null,
    or_,
    select,
)

from howmuch.errors import invalid
from howmuch.ledger.shares import Kind
from howmuch.storage.tables import expenses, shares
from howmuch.usecases.categories import same_category
from howmuch.usecases.folding import fold
from howmuch.usecases.paging import Listing, Page, cut, date_after, in_page
from howmuch.usecases.validation import NAME_LENGTH, check_line

ORDERS = ("date desc", "date", "create_time desc", "create_time")


def check_searched(text: str) -> str:
    """A text to search for. Raises InvalidArgument for one that would be found everywhere."""
    text = check_line(text, "text", length=NAME_LENGTH)
    if not fold(text).strip():
        raise invalid(
            "text",
            "TEXT_WITHOUT_LETTERS",
            f"{text[:40]!r} has nothing to search for: accents make no difference. Add a letter.",
        )
    return text


# See `search_texts`. ASCII texts are not, and those of an earlier program.
_TEXT_IS_FOLDED = and_(
    expenses.c.search_version == expenses.c.version, expenses.c.search_text.is_not(null())
)
_CATEGORIES = (
    select(expenses.c.category).where(expenses.c.event_id == bindparam("event_id")).distinct()
)


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
    statement = select(expenses.c.id, expenses.c.version, expenses.c.date).where(
        *_conditions(connection, event_id, wanted)
    )
    key = page.key and _key_of(page.key, wanted)
    statement = in_page(statement, page, keys, key, descending=wanted.descending)
    listing = cut(
        page,
        connection.execute(statement).all(),
        lambda row: [row.date, row.id] if wanted.by_date else [row.id],
    )
    return listing.map(lambda row: Found(row.id, row.version, row.date))


def _key_of(key: Sequence[str], wanted: Filter) -> tuple[object, ...]:
    if not wanted.by_date:
        return (key[0],)
    return (date_after(key[0]), key[1])


def _conditions(connection: Connection, event_id: str, wanted: Filter) -> list[ColumnElement[bool]]:
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
        spellings = connection.execute(_CATEGORIES, {"event_id": event_id}).scalars()
        found = same_category(wanted.category, spellings)
        conditions.append(expenses.c.category.in_(found))
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
