"""The cost of an event by member, category and month, read only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    bindparam,
    case,
    extract,
    func,
    null,
    select,
)

from howmuch.storage.tables import expenses
from howmuch.usecases.balances import (
    EVERYTHING,
    ONE_MORE,
    MemberBalance,
    Wanted,
    is_asked,
    read_balances,
    read_rows,
)
from howmuch.usecases.categories import common_key, identity_of
from howmuch.usecases.dated_balances import UNTIL

MOST_CATEGORIES = 2_500
"""Categories times currencies of one answer, each up to 430 bytes."""


MOST_MONTHS = 5_000
"""Months times currencies of one answer. One currency has at most 3,600."""


class Cost(NamedTuple):
    """The cost of a category or a month, in minor units. key: of a common category; may be empty."""

    name: str
    total_minor: int
    key: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """The cost of an event in one currency. Months are `YYYY-MM`; costs are sorted by their name."""

    by_member: Sequence[MemberBalance]
    by_category: Sequence[Cost]
    by_month: Sequence[Cost]

    @property
    def total_minor(self) -> int:
        """The sum of all categories."""
        return sum(cost.total_minor for cost in self.by_category)


_SPENT = func.sum(
    case((expenses.c.kind == "INCOME", -expenses.c.amount_minor), else_=expenses.c.amount_minor)
)


_YEAR = extract("year", expenses.c.date)


_MONTH = extract("month", expenses.c.date)


_COUNTED = (
    expenses.c.event_id == bindparam("event_id"),
    expenses.c.delete_time.is_(null()),
    expenses.c.kind != "TRANSFER",
    is_asked(expenses.c.currency_code),
)


_BY_CATEGORY = (
    select(
        expenses.c.currency_code,
        expenses.c.category,
        func.count().label("number"),
        _SPENT.label("spent"),
    )
    .where(*_COUNTED)
    .group_by(expenses.c.currency_code, expenses.c.category)
    .limit(ONE_MORE)
)


_BY_MONTH = (
    select(
        expenses.c.currency_code,
        _YEAR.label("year"),
        _MONTH.label("month"),
        _SPENT.label("spent"),
    )
    .where(*_COUNTED)
    .group_by(expenses.c.currency_code, _YEAR, _MONTH)
    .limit(ONE_MORE)
)


def get_totals(
    connection: Connection, event_id: str, wanted: Wanted = EVERYTHING
) -> dict[str, Totals]:
    """Currency code to totals."""
    by_category, by_month = _BY_CATEGORY, _BY_MONTH
    if wanted.as_of_date:
        by_category, by_month = by_category.where(UNTIL), by_month.where(UNTIL)
    spent = read_rows(connection, by_category, "categories", MOST_CATEGORIES, event_id, wanted)
    categories = _categories(spent)
    months: dict[str, list[Cost]] = {}
    for row in read_rows(connection, by_month, "months", MOST_MONTHS, event_id, wanted):
        month = f"{int(row.year):04d}-{int(row.month):02d}"
        months.setdefault(row.currency_code, []).append(Cost(month, int(row.spent)))
    by_member = read_balances(connection, event_id, wanted)
    return {
        code: Totals(by_member[code], sorted(categories[code]), sorted(months[code]))
        for code in sorted(categories)
    }


def _categories(rows: Sequence[Any]) -> dict[str, list[Cost]]:
    """Currency code to the costs of its categories. Each has the name that most of its expenses have."""
    spellings: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        key = (row.currency_code, identity_of(row.category))
        spellings.setdefault(key, []).append(row)
    found: dict[str, list[Cost]] = {}
    for (currency_code, _), same in spellings.items():
        name = min(same, key=lambda row: (-row.number, row.category)).category
        total_minor = sum(int(row.spent) for row in same)
        cost = Cost(name, total_minor, common_key(name))
        found.setdefault(currency_code, []).append(cost)
    return found
