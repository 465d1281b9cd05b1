"""Balances and debts as of a date: sums over the expenses up to it, in a fixed number of statements.

The database sums whole minor units, which is exact. An expense with one payer makes debts of its shares
themselves. Only one with several payers has to be apportioned, in the ledger.
"""

import datetime as dt
from collections import defaultdict
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import Connection, Date, and_, bindparam, case, func, null, or_, select

from howmuch.ledger.balances import pair_deltas
from howmuch.ledger.shares import Kind, Share
from howmuch.storage.tables import expenses, shares
from howmuch.usecases.ledger_posting import BalanceKey, DebtKey

UNTIL = expenses.c.date <= bindparam("until", type_=Date())
"""Whether an expense is dated on the day `until` or before."""

_COUNTED = (
    expenses.c.event_id == bindparam("event_id"),
    expenses.c.delete_time.is_(null()),
    UNTIL,
    or_(bindparam("currency_code") == "", expenses.c.currency_code == bindparam("currency_code")),
)
_SIGN = case((expenses.c.kind == "INCOME", -1), else_=1)
_IS_TRANSFER = expenses.c.kind == "TRANSFER"
_payer, _beneficiary = shares.alias("payer"), shares.alias("beneficiary")
_BALANCES = (
    select(
        expenses.c.currency_code,
        shares.c.member_id,
        func.sum(case((_IS_TRANSFER, 0), else_=_SIGN * shares.c.paid_minor)),
        func.sum(case((_IS_TRANSFER, 0), else_=_SIGN * shares.c.owed_minor)),
        func.sum(case((_IS_TRANSFER, shares.c.paid_minor - shares.c.owed_minor), else_=0)),
    )
    .join_from(
        expenses,
        shares,
        and_(shares.c.event_id == expenses.c.event_id, shares.c.expense_id == expenses.c.id),
    )
    .where(*_COUNTED)
    .group_by(expenses.c.currency_code, shares.c.member_id)
)
_DEBTS_TO_ONE_PAYER = (
    select(
        expenses.c.currency_code,
        _beneficiary.c.member_id,
        _payer.c.member_id,
        func.sum(_SIGN * _beneficiary.c.owed_minor),
    )
    .join_from(
        expenses,
        _payer,
        and_(
            _payer.c.event_id == expenses.c.event_id,
            _payer.c.expense_id == expenses.c.id,
            _payer.c.paid_minor == expenses.c.amount_minor,
        ),
    )
    .join(
        _beneficiary,
        and_(
            _beneficiary.c.event_id == expenses.c.event_id,
            _beneficiary.c.expense_id == expenses.c.id,
            _beneficiary.c.owed_minor > 0,
            _beneficiary.c.member_id != _payer.c.member_id,
        ),
    )
    .where(*_COUNTED)
    .group_by(expenses.c.currency_code, _beneficiary.c.member_id, _payer.c.member_id)
)
_PAID_PART = (
    select(_payer.c.member_id)
    .where(
        _payer.c.event_id == expenses.c.event_id,
        _payer.c.expense_id == expenses.c.id,
        _payer.c.paid_minor > 0,
        _payer.c.paid_minor < expenses.c.amount_minor,
    )
    .exists()
)
_OF_SEVERAL_PAYERS = (
    select(
        expenses.c.id,
        expenses.c.kind,
        expenses.c.currency_code,
        shares.c.member_id,
        shares.c.paid_minor,
        shares.c.owed_minor,
    )
    .join_from(
        expenses,
        shares,
        and_(shares.c.event_id == expenses.c.event_id, shares.c.expense_id == expenses.c.id),
    )
    .where(*_COUNTED, _PAID_PART)
    .order_by(expenses.c.id, shares.c.member_id)
)


class Sums(NamedTuple):
    """The sums of a balance, in minor units."""

    paid_minor: int
    owed_minor: int
    transferred_minor: int


def balances_until(
    connection: Connection, event_id: str, until: dt.date, currency_code: str
) -> dict[BalanceKey, Sums]:
    """The balances of expenses up to the date, by one statement. An empty currency means all."""
    wanted = {"event_id": event_id, "until": until, "currency_code": currency_code}
    rows = connection.execute(_BALANCES, wanted)
    return {BalanceKey(code, member_id): Sums(*map(int, sums)) for code, member_id, *sums in rows}


def debts_until(
    connection: Connection, event_id: str, until: dt.date, currency_code: str
) -> dict[DebtKey, int]:
    """The debts of expenses up to the date, without zeros, by two statements.

    Positive: member_a owes member_b this many minor units; negative: b owes a.
    """
    wanted = {"event_id": event_id, "until": until, "currency_code": currency_code}
    sums: dict[DebtKey, int] = defaultdict(int)
    for code, ower, payer, minor in connection.execute(_DEBTS_TO_ONE_PAYER, wanted):
        sign = 1 if ower < payer else -1
        sums[DebtKey(code, *sorted((ower, payer)))] += sign * int(minor)
    _add_debts_to_several(connection, wanted, sums)
    return {key: minor for key, minor in sums.items() if minor}


def _add_debts_to_several(
    connection: Connection, wanted: dict[str, object], sums: dict[DebtKey, int]
) -> None:
    """Adds the debts of expenses with several payers, one expense at a time."""
    rows = connection.execute(_OF_SEVERAL_PAYERS, wanted)
    for (expense_id, kind, code), parts in groupby(rows, lambda row: row[:3]):
        paid_and_owed = [Share(*row[3:]) for row in parts]
        deltas = pair_deltas(Kind(kind), paid_and_owed, expense_id=expense_id)
        for pair, minor in deltas.items():
            sums[DebtKey(code, *pair)] += minor
