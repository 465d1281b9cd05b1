"""What the ledger says of an event: balances, settlement, totals. Reads only; nothing is written.

Balances and debts are kept as rows, so reading them costs the number of members, whatever the number of
expenses.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    Connection,
    bindparam,
    case,
    extract,
    func,
    null,
    select,
)

from howmuch.ledger.settlement import Settlement, Transfer, settle
from howmuch.storage.tables import balances, debts, events, expenses, members


@dataclass(frozen=True, slots=True)
class MemberBalance:
    """Where one member stands in one currency, in minor units of it."""

    member_id: str
    paid_minor: int
    owed_minor: int
    transferred_minor: int

    @property
    def net_minor(self) -> int:
        """What the member is to get; negative: to pay."""
        return self.paid_minor - self.owed_minor + self.transferred_minor


@dataclass(frozen=True, slots=True)
class MyBalance:
    """What a user has at stake in one currency, over all events, in minor units of it."""

    currency_code: str
    spent_minor: int
    owed_to_me_minor: int
    owed_by_me_minor: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What an event cost in one currency. Months are `YYYY-MM`; pairs are sorted by their first."""

    by_member: Sequence[MemberBalance]
    by_category: Sequence[tuple[str, int]]
    by_month: Sequence[tuple[str, int]]

    @property
    def total_minor(self) -> int:
        """Everything."""
        return sum(amount_minor for _, amount_minor in self.by_category)


_BALANCES = (
    select(
        balances.c.currency_code,
        balances.c.member_id,
        balances.c.paid_minor,
        balances.c.owed_minor,
        balances.c.transferred_minor,
    )
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
    select(expenses.c.currency_code, expenses.c.category, _SPENT)
    .where(*_COUNTED)
    .group_by(expenses.c.currency_code, expenses.c.category)
)
_BY_MONTH = (
    select(expenses.c.currency_code, _YEAR, _MONTH, _SPENT)
    .where(*_COUNTED)
    .group_by(expenses.c.currency_code, _YEAR, _MONTH)
)
_NET = balances.c.paid_minor - balances.c.owed_minor + balances.c.transferred_minor
_MINE = (
    select(
        balances.c.currency_code,
        func.sum(balances.c.owed_minor),
        func.sum(case((_NET > 0, _NET), else_=0)),
        func.sum(case((_NET < 0, -_NET), else_=0)),
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


def read_balances(connection: Connection, event_id: str) -> dict[str, list[MemberBalance]]:
    """Currency code to balances of everybody who ever took part, sorted by member id."""
    found: dict[str, list[MemberBalance]] = {}
    for currency_code, *row in connection.execute(_BALANCES, {"event_id": event_id}):
        found.setdefault(currency_code, []).append(MemberBalance(*row))
    return found


def read_debts(connection: Connection, event_id: str) -> dict[str, list[Transfer]]:
    """Currency code to debts as they arose, netted per pair, sorted by debtor, then creditor."""
    found: dict[str, list[Transfer]] = {}
    rows = connection.execute(_DEBTS, {"event_id": event_id})
    for currency_code, member_a, member_b, amount_minor in rows:
        debt = (
            Transfer(member_a, member_b, amount_minor)
            if amount_minor > 0
            else Transfer(member_b, member_a, -amount_minor)
        )
        found.setdefault(currency_code, []).append(debt)
    for listed in found.values():
        listed.sort(key=lambda debt: (debt.from_member_id, debt.to_member_id))
    return found


def get_settlement(connection: Connection, event_id: str) -> dict[str, Settlement]:
    """Currency code to the plan that settles it, for each currency with an open balance."""
    plans = {
        currency_code: settle({entry.member_id: entry.net_minor for entry in entries})
        for currency_code, entries in read_balances(connection, event_id).items()
    }
    return {currency_code: plan for currency_code, plan in plans.items() if plan.transfers}


def get_totals(connection: Connection, event_id: str) -> dict[str, Totals]:
    """Currency code to totals."""
    categories: dict[str, list[tuple[str, int]]] = {}
    for currency_code, category, amount in connection.execute(_BY_CATEGORY, {"event_id": event_id}):
        categories.setdefault(currency_code, []).append((category, int(amount)))
    months: dict[str, list[tuple[str, int]]] = {}
    for currency_code, year, month, amount in connection.execute(_BY_MONTH, {"event_id": event_id}):
        months.setdefault(currency_code, []).append(
            (f"{int(year):04d}-{int(month):02d}", int(amount))
        )
    by_member = read_balances(connection, event_id)
    return {
        currency_code: Totals(
            by_member[currency_code],
            sorted(categories[currency_code]),
            sorted(months[currency_code]),
        )
        for currency_code in sorted(categories)
    }


def get_my_balances(connection: Connection, user_id: str) -> list[MyBalance]:
    """What the user has at stake over all their events, per currency."""
    rows = connection.execute(_MINE, {"user_id": user_id})
    return [MyBalance(row[0], int(row[1]), int(row[2]), int(row[3])) for row in rows]
