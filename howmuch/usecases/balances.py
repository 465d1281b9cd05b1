"""Balances, debts and settlement of an event, read only.

Balances and debts are stored, so the cost of reading them depends on the number of members, not of expenses.
Those as of a date are sums over the expenses up to it (`dated_balances`).
Each reads a bounded number of rows, so that its answer has at most 3 MiB.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    bindparam,
    case,
    func,
    null,
    or_,
    select,
)

from howmuch.errors import FailedPrecondition, HowmuchError, invalid
from howmuch.ledger.circles import OpenDebts, cancel_circles
from howmuch.ledger.currencies import minor_digits
from howmuch.ledger.money import MAX_MINOR
from howmuch.ledger.settlement import Settlement, Transfer, settle
from howmuch.storage.rows import record_of
from howmuch.storage.tables import NET_MINOR, balances, debts, events, members
from howmuch.usecases.dated_balances import balances_until, debts_until
from howmuch.usecases.ledger_posting import DebtKey

MOST_BALANCES = 24_000
"""Members times currencies of one answer. A balance takes up to 114 bytes of it, its settlement 122."""
MOST_DEBTS = 36_000
"""Of one answer. A debt takes up to 86 bytes of it."""


class Wanted(NamedTuple):
    """The expenses that count. A date counts those up to it; None means all. An empty currency means all."""

    as_of_date: dt.date | None = None
    currency_code: str = ""

    def check_currency(self) -> None:
        """Raises InvalidArgument for a code that is not a currency."""
        if self.currency_code:
            minor_digits(self.currency_code)

    def parameters(self, event_id: str, most: int) -> dict[str, object]:
        """The parameters of the queries of an event."""
        given = {"event_id": event_id, "currency_code": self.currency_code, "most": most}
        return given | ({"until": self.as_of_date} if self.as_of_date else {})


EVERYTHING = Wanted()


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


def is_asked(column: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a row is of the currency that was asked for. Empty means all."""
    return or_(bindparam("currency_code") == "", column == bindparam("currency_code"))


ONE_MORE = bindparam("most", type_=Integer) + 1
"""One row more than may be answered, to notice it."""
_BALANCES = (
    select(balances)
    .where(balances.c.event_id == bindparam("event_id"), is_asked(balances.c.currency_code))
    .order_by(balances.c.currency_code, balances.c.member_id)
    .limit(ONE_MORE)
)
_DEBTS = (
    select(debts.c.currency_code, debts.c.member_a, debts.c.member_b, debts.c.amount_minor)
    .where(
        debts.c.event_id == bindparam("event_id"),
        debts.c.amount_minor != 0,
        is_asked(debts.c.currency_code),
    )
    .order_by(debts.c.currency_code, debts.c.member_a, debts.c.member_b)
    .limit(ONE_MORE)
)
_MINE = (
    select(
        balances.c.currency_code,
        func.sum(balances.c.owed_minor).label("spent"),
        func.sum(case((NET_MINOR > 0, NET_MINOR), else_=0)).label("owed_to_me"),
        func.sum(case((NET_MINOR < 0, -NET_MINOR), else_=0)).label("owed_by_me"),
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
    connection: Connection, event_id: str, wanted: Wanted = EVERYTHING
) -> dict[str, list[MemberBalance]]:
    """Currency code to the balances of all members who ever took part, sorted by member id.

    Raises an error for more than MOST_BALANCES.
    """
    found: dict[str, list[MemberBalance]] = {}
    if wanted.as_of_date:
        sums = balances_until(connection, event_id, wanted.as_of_date, wanted.currency_code)
        if len(sums) > MOST_BALANCES:
            raise too_many("balances", MOST_BALANCES, wanted.currency_code)
        for key, amounts in sorted(sums.items()):
            balance = MemberBalance(key.member_id, *amounts)
            found.setdefault(key.currency_code, []).append(balance)
        return found
    for row in read_rows(connection, _BALANCES, "balances", MOST_BALANCES, event_id, wanted):
        found.setdefault(row.currency_code, []).append(record_of(MemberBalance, row._mapping))
    return found


def read_open_debts(
    connection: Connection, event_id: str, wanted: Wanted = EVERYTHING
) -> dict[str, OpenDebts] | None:
    """Currency code to debts as they arose, netted per pair and without circles, and the circles.

    None means that they are too many for one answer.
    """
    found: dict[str, list[Transfer]] = {}
    sums = _debt_sums(connection, event_id, wanted)
    if len(sums) > MOST_DEBTS:
        return None
    for (currency_code, member_a, member_b), amount_minor in sorted(sums.items()):
        debt = (
            Transfer(member_a, member_b, amount_minor)
            if amount_minor > 0
            else Transfer(member_b, member_a, -amount_minor)
        )
        found.setdefault(currency_code, []).append(debt)
    return {code: cancel_circles(listed) for code, listed in found.items()}


def get_settlement(
    connection: Connection, event_id: str, wanted: Wanted = EVERYTHING
) -> dict[str, Settlement]:
    """Currency code to the plan that settles it, for each currency with an open balance."""
    found = read_balances(connection, event_id, wanted)
    # A payment has at most MAX_MINOR, so a large balance takes several.
    payments = sum(
        1 + abs(entry.net_minor) // MAX_MINOR for entries in found.values() for entry in entries
    )
    if payments > MOST_BALANCES:
        raise too_many("payments", MOST_BALANCES, wanted.currency_code)
    plans = {
        code: settle({entry.member_id: entry.net_minor for entry in entries})
        for code, entries in found.items()
    }
    return {code: plan for code, plan in plans.items() if plan.transfers}


def read_rows(
    connection: Connection,
    query: Select[Any],
    things: str,
    most: int,
    event_id: str,
    wanted: Wanted,
) -> Sequence[Row[Any]]:
    """The rows of a query. Raises an error for more than `most`."""
    rows = connection.execute(query, wanted.parameters(event_id, most)).all()
    if len(rows) > most:
        raise too_many(things, most, wanted.currency_code)
    return rows


def _debt_sums(connection: Connection, event_id: str, wanted: Wanted) -> dict[DebtKey, int]:
    """The debts without zeros, as `debts_until` has them; one more than MOST_DEBTS if there are more."""
    if wanted.as_of_date:
        return debts_until(connection, event_id, wanted.as_of_date, wanted.currency_code)
    rows = connection.execute(_DEBTS, wanted.parameters(event_id, MOST_DEBTS))
    return {DebtKey(*row[:3]): row[3] for row in rows}


def too_many(things: str, most: int, currency_code: str) -> HowmuchError:
    """The error for more than `most` things of an event, in one currency or, if it is empty, in all."""
    limit = {"limit": str(most)}
    if currency_code:
        return FailedPrecondition(
            "ANSWER_TOO_LARGE",
            f"In {currency_code} the event has more than {most:,} {things}, the most that one response may"
            " have.",
            metadata=limit,
        )
    return invalid(
        "currency_code",
        "CURRENCY_REQUIRED",
        f"The event has more than {most:,} {things} in all its currencies together, the most that one"
        " response may have. Ask for one currency.",
        metadata=limit,
    )


def get_my_balances(connection: Connection, user_id: str) -> list[MyBalance]:
    """The balances of a user over all their events, by currency."""
    rows = connection.execute(_MINE, {"user_id": user_id})
    return [
        MyBalance(row.currency_code, int(row.spent), int(row.owed_to_me), int(row.owed_by_me))
        for row in rows
    ]
