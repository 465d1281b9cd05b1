"""Balances, debts, settlement and totals of an event, read only.

Balances and debts are stored, so the cost of reading them depends on the number of members, not of expenses.
Those as of a date are sums over the expenses up to it (`dated_balances`).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, case, extract, func, null, select

from howmuch.ledger.settlement import Settlement, Transfer, settle
from howmuch.storage.rows import record_of
from howmuch.storage.tables import balances, debts, events, expenses, members
from howmuch.usecases.dated_balances import UNTIL, balances_until, debts_until
from howmuch.usecases.ledger_posting import DebtKey


@dataclass(frozen=True, slots=True)
class MemberBalance:
    """The balance of one member in one currency, in minor units."""

    member_id: str
    paid_minor: int
    owed_minor: int
    transferred_minor: int

    @property
    def net_minor(self) -> int:
        """The amount that the member is owed; negative means that they owe it."""
        return self.paid_minor - self.owed_minor + self.transferred_minor


@dataclass(frozen=True, slots=True)
class MyBalance:
    """The balance of a user in one currency, over all events, in minor units."""

    currency_code: str
    spent_minor: int
    owed_to_me_minor: int
    owed_by_me_minor: int


class Cost(NamedTuple):
    """The cost of a category or a month, in minor units."""

    name: str
    total_minor: int


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


_BALANCES = (
    select(balances)
    .where(balances.c.event_id == bindparam("event_id"))
    .order_by(balances.c.currency_code, balances.c.member_id)
)
_DEBTS = (
    select(debts.c.currency_code, debts.c.member_a, debts.c.member_b, debts.c.amount_minor)
    .where(debts.c.event_id == bindparam("event_id"), debts.c.amount_minor != 0)
    .order_by(debts.c.currency_code, debts.c.member_a, debts.c.member_b)
)
_SPENT = func.sum(
    case((expenses.c.kind == "INCOME", -expenses.c.amount_minor), else_=expenses.c.amount_minor)
)
_YEAR, _MONTH = extract("year", expenses.c.date), extract("month", expenses.c.date)
_COUNTED = (
    expenses.c.event_id == bindparam("event_id"),
    expenses.c.delete_time.is_(null()),
    expenses.c.kind != "TRANSFER",
)
_BY_CATEGORY = (
    select(expenses.c.currency_code, expenses.c.category, _SPENT.label("spent"))
    .where(*_COUNTED)
    .group_by(expenses.c.currency_code, expenses.c.category)
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
)
_NET = balances.c.paid_minor - balances.c.owed_minor + balances.c.transferred_minor
_MINE = (
    select(
        balances.c.currency_code,
        func.sum(balances.c.owed_minor).label("spent"),
        func.sum(case((_NET > 0, _NET), else_=0)).label("owed_to_me"),
        func.sum(case((_NET < 0, -_NET), else_=0)).label("owed_by_me"),
    )
    .join(
        members,
        (members.c.event_id == balances.c.event_id) & (members.c.id == balances.c.member_id),
    )
    .join(events, events.c.id == members.c.event_id)
    .where(
        members.c.user_id == bindparam("user_id"),
        members.c.state == "ACTIVE",
        events.c.delete_time.is_(null()),
    )
    .group_by(balances.c.currency_code)
    .order_by(balances.c.currency_code)
)


def read_balances(
    connection: Connection, event_id: str, as_of_date: dt.date | None = None
) -> dict[str, list[MemberBalance]]:
    """Currency code to the balances of all members who ever took part, sorted by member id.

    as_of_date: counts expenses up to this date; None means all.
    """
    found: dict[str, list[MemberBalance]] = {}
    if as_of_date:
        for key, sums in sorted(balances_until(connection, event_id, as_of_date).items()):
            balance = MemberBalance(key.member_id, *sums)
            found.setdefault(key.currency_code, []).append(balance)
        return found
    for row in connection.execute(_BALANCES, {"event_id": event_id}).mappings():
        found.setdefault(row["currency_code"], []).append(record_of(MemberBalance, row))
    return found


def read_debts(
    connection: Connection, event_id: str, as_of_date: dt.date | None = None
) -> dict[str, list[Transfer]]:
    """Currency code to debts as they arose, netted per pair, sorted by debtor, then creditor.

    as_of_date: as in `read_balances`.
    """
    found: dict[str, list[Transfer]] = {}
    sums = (
        debts_until(connection, event_id, as_of_date)
        if as_of_date
        else {
            DebtKey(*row[:3]): row[3] for row in connection.execute(_DEBTS, {"event_id": event_id})
        }
    )
    for (currency_code, member_a, member_b), amount_minor in sorted(sums.items()):
        debt = (
            Transfer(member_a, member_b, amount_minor)
            if amount_minor > 0
            else Transfer(member_b, member_a, -amount_minor)
        )
        found.setdefault(currency_code, []).append(debt)
    for listed in found.values():
        listed.sort(key=lambda debt: (debt.from_member_id, debt.to_member_id))
    return found


def get_settlement(
    connection: Connection, event_id: str, as_of_date: dt.date | None = None
) -> dict[str, Settlement]:
    """Currency code to the plan that settles it, for each currency with an open balance.

    as_of_date: as in `read_balances`.
    """
    plans = {
        currency_code: settle({entry.member_id: entry.net_minor for entry in entries})
        for currency_code, entries in read_balances(connection, event_id, as_of_date).items()
    }
    return {currency_code: plan for currency_code, plan in plans.items() if plan.transfers}


def get_totals(
    connection: Connection, event_id: str, as_of_date: dt.date | None = None
) -> dict[str, Totals]:
    """Currency code to totals. as_of_date: as in `read_balances`."""
    by_category, by_month = _BY_CATEGORY, _BY_MONTH
    wanted: dict[str, object] = {"event_id": event_id}
    if as_of_date:
        by_category, by_month = by_category.where(UNTIL), by_month.where(UNTIL)
        wanted["until"] = as_of_date
    categories: dict[str, list[Cost]] = {}
    for row in connection.execute(by_category, wanted):
        categories.setdefault(row.currency_code, []).append(Cost(row.category, int(row.spent)))
    months: dict[str, list[Cost]] = {}
    for row in connection.execute(by_month, wanted):
        month = f"{int(row.year):04d}-{int(row.month):02d}"
        months.setdefault(row.currency_code, []).append(Cost(month, int(row.spent)))
    by_member = read_balances(connection, event_id, as_of_date)
    return {
        currency_code: Totals(
            by_member[currency_code],
            sorted(categories[currency_code]),
            sorted(months[currency_code]),
        )
        for currency_code in sorted(categories)
    }


def get_my_balances(connection: Connection, user_id: str) -> list[MyBalance]:
    """The balances of a user over all their events, by currency."""
    rows = connection.execute(_MINE, {"user_id": user_id})
    return [
        MyBalance(row.currency_code, int(row.spent), int(row.owed_to_me), int(row.owed_by_me))
        for row in rows
    ]
