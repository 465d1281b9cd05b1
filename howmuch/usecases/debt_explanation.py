"""Explains a debt: the expenses and payments that make it, and the circles of debts that lowered it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from sqlalchemy import Connection, Select, and_, bindparam, null, or_, select

from howmuch.errors import invalid
from howmuch.ledger.balances import pair_deltas
from howmuch.ledger.circles import Circle, OpenDebts
from howmuch.ledger.shares import share_net
from howmuch.model import Expense
from howmuch.storage.tables import debts as debts_table
from howmuch.storage.tables import expenses, shares
from howmuch.usecases.balances import MOST_DEBTS, Wanted, read_balances, read_open_debts, too_many
from howmuch.usecases.expense_rows import read_expenses
from howmuch.usecases.member_states import check_member, read_member_states
from howmuch.usecases.paging import Listing, Page, cut, date_after, in_page

MOST_CIRCLES = 100
"""Circles that an explanation lists for one currency."""
_AT_ONCE = 20
"""Expenses in memory at the same time."""
_MOST_PAIRS = 20_000
"""Pairs of payer and sharer that are computed for one page, beyond the first expense."""


class DebtPair(NamedTuple):
    """Two members. A debt is positive if the first owes the second, or all others, if it is empty."""

    from_member_id: str
    to_member_id: str


class DebtEntry(NamedTuple):
    """The part of an expense in a debt, in minor units of its currency, not zero; signed as the debt."""

    expense: Expense
    amount_minor: int


@dataclass(frozen=True, slots=True)
class ExplainedDebt:
    """The debt of a pair in one currency, in minor units.

    amount_minor = incurred_minor - the amounts of circles - further_minor. circles: with signed amounts.
    """

    currency_code: str
    amount_minor: int
    incurred_minor: int
    circles: Sequence[Circle]
    further_minor: int


class _Row(NamedTuple):
    id: str
    date: str


_CURRENCIES = (
    select(debts_table.c.currency_code)
    .where(
        debts_table.c.event_id == bindparam("event_id"),
        debts_table.c.member_a == bindparam("first"),
        debts_table.c.member_b == bindparam("second"),
    )
    .order_by(debts_table.c.currency_code)
)
_FIRST, _SECOND = shares.alias("first"), shares.alias("second")
_OF_FIRST = (
    select(expenses.c.id, expenses.c.date)
    .join(
        _FIRST, and_(_FIRST.c.event_id == expenses.c.event_id, _FIRST.c.expense_id == expenses.c.id)
    )
    .where(
        expenses.c.event_id == bindparam("event_id"),
        expenses.c.delete_time.is_(null()),
        _FIRST.c.member_id == bindparam("first"),
    )
)
_ALL_ENTRIES = _OF_FIRST.where(_FIRST.c.paid_minor != _FIRST.c.owed_minor)
_ENTRIES = _OF_FIRST.join(
    _SECOND,
    and_(_SECOND.c.event_id == expenses.c.event_id, _SECOND.c.expense_id == expenses.c.id),
).where(
    _SECOND.c.member_id == bindparam("second"),
    or_(
        and_(_FIRST.c.paid_minor > 0, _SECOND.c.owed_minor > 0),
        and_(_SECOND.c.paid_minor > 0, _FIRST.c.owed_minor > 0),
    ),
)


def check_pair(connection: Connection, event_id: str, pair: DebtPair) -> None:
    """InvalidArgument unless these are members of the event; they may have left."""
    if pair.from_member_id == pair.to_member_id:
        raise invalid(
            "to_member_id",
            "DEBT_TO_SELF",
            f"{pair.to_member_id!r} is both members; name two members.",
        )
    states = read_member_states(connection, event_id, pair)
    for field, member_id in zip(pair._fields, pair, strict=True):
        if member_id:
            check_member(states, member_id, field, inactive=True)


def explain_debts(
    connection: Connection, event_id: str, pair: DebtPair, currency_code: str
) -> list[ExplainedDebt]:
    """The debt of a pair in each currency that has ever had one. currency_code: empty means all."""
    wanted = Wanted(currency_code=currency_code)
    if not pair.to_member_id:
        return [
            ExplainedDebt(code, -balance.net_minor, -balance.net_minor, (), 0)
            for code, members in read_balances(connection, event_id, wanted).items()
            for balance in members
            if balance.member_id == pair.from_member_id
        ]
    first, second = sorted(pair)
    known = connection.execute(
        _CURRENCIES, {"event_id": event_id, "first": first, "second": second}
    )
    debts = read_open_debts(connection, event_id, wanted)
    if debts is None:
        raise too_many("debts", MOST_DEBTS, currency_code)
    return [
        _explained(code, debts.get(code, OpenDebts((), ())), pair)
        for code in known.scalars()
        if currency_code in ("", code)
    ]


def _explained(currency_code: str, debts: OpenDebts, pair: DebtPair) -> ExplainedDebt:
    amount = 0
    for debtor, creditor, minor in debts.debts:
        if {debtor, creditor} == set(pair):
            amount = minor if debtor == pair.from_member_id else -minor
    circles = []
    for members, minor in debts.circles:
        steps = set(pairwise((*members, members[0])))
        if pair in steps:
            circles.append(Circle(members, minor))
        elif pair[::-1] in steps:
            circles.append(Circle(members, -minor))
    offset = sum(circle.amount_minor for circle in circles)
    further = sum(circle.amount_minor for circle in circles[MOST_CIRCLES:])
    return ExplainedDebt(currency_code, amount, amount + offset, circles[:MOST_CIRCLES], further)


def list_entries(
    connection: Connection, event_id: str, pair: DebtPair, currency_code: str, page: Page
) -> Listing[DebtEntry]:
    """A page of the expenses that have a part in the debt, newest date first. It may end early."""
    parameters = {"event_id": event_id, "first": pair.from_member_id}
    if pair.to_member_id:
        parameters["second"] = pair.to_member_id
    rows = connection.execute(_statement(pair, currency_code, page), parameters)
    listed = cut(page, [_Row(row.id, row.date.isoformat()) for row in rows], lambda row: row[::-1])
    entries: list[DebtEntry] = []
    places: list[int] = []
    pairs = read = 0

    def entries_until(count: int) -> Listing[DebtEntry]:
        return Listing(
            entries,
            listed.token_after(count),
            lambda index: listed.token_of(places[index]),
            listed.previous_page_token,
        )

    for start in range(0, len(listed.rows), _AT_ONCE):
        ids = [row.id for row in listed.rows[start : start + _AT_ONCE]]
        found = {expense.id: expense for expense in read_expenses(connection, event_id, ids)}
        for expense_id in ids:
            expense = found[expense_id]
            pairs += len(expense.draft.payments) * len(expense.shares)
            if read and pairs > _MOST_PAIRS:
                return entries_until(read)
            amount = _part(expense, pair)
            if amount:
                entries.append(DebtEntry(expense, amount))
                places.append(read)
            read += 1
    return entries_until(len(listed.rows))


def _statement(pair: DebtPair, currency_code: str, page: Page) -> Select[tuple[str, object]]:
    statement = _ENTRIES if pair.to_member_id else _ALL_ENTRIES
    if currency_code:
        statement = statement.where(expenses.c.currency_code == currency_code)
    key = page.key and (date_after(page.key[0]), page.key[1])
    return in_page(statement, page, [expenses.c.date, expenses.c.id], key, descending=True)


def _part(expense: Expense, pair: DebtPair) -> int:
    if not pair.to_member_id:
        [share] = (each for each in expense.shares if each.member_id == pair.from_member_id)
        return -share_net(expense.draft.kind, share)
    deltas = pair_deltas(expense.draft.kind, expense.shares, expense_id=expense.id)
    first, second = sorted(pair)
    amount = deltas.get((first, second), 0)
    return amount if first == pair.from_member_id else -amount
