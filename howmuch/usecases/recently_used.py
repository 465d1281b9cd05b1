"""Reasons, categories, people and splits of the last expenses of an event, as suggestions."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from sqlalchemy import Connection, bindparam, null, select

from howmuch.ledger.shares import Kind
from howmuch.ledger.split import EqualSplit, PercentSplit, Split, WeightsSplit, beneficiaries
from howmuch.model import Draft
from howmuch.storage.tables import expenses, members
from howmuch.usecases.categories import identity_of
from howmuch.usecases.expense_rows import read_expenses
from howmuch.usecases.folding import fold

LOOK_BACK = 200
"""How many of the newest expenses are looked at."""
MOST_EACH = 20

Value = TypeVar("Value")

_NEWEST = (
    select(expenses.c.id)
    .where(expenses.c.event_id == bindparam("event_id"), expenses.c.delete_time.is_(null()))
    .order_by(expenses.c.id.desc())
    .limit(LOOK_BACK)
)
_ACTIVE = select(members.c.id).where(
    members.c.event_id == bindparam("event_id"), members.c.state == "ACTIVE"
)


@dataclass(frozen=True, slots=True)
class Used(Generic[Value]):
    """A value as it was last used, and how often it was used."""

    value: Value
    count: int


class Reason(NamedTuple):
    """A reason, and the category that it last had."""

    reason: str
    category: str


@dataclass(frozen=True, slots=True)
class RecentlyUsed:
    """Values of the newest expenses: the most recently used first, each at most once."""

    reasons: list[Used[Reason]]
    categories: list[Used[str]]
    payers: list[Used[str]]
    payees: list[Used[str]]
    splits: list[Used[Split]]
    currency_codes: list[Used[str]]


def read_recently_used(connection: Connection, event_id: str) -> RecentlyUsed:
    """Values of the newest LOOK_BACK expenses. Members who have left are left out."""
    of_event = {"event_id": event_id}
    newest = connection.execute(_NEWEST, of_event).scalars().all()
    active = set(connection.execute(_ACTIVE, of_event).scalars())
    by_id = {expense.id: expense.draft for expense in read_expenses(connection, event_id, newest)}
    drafts = [by_id[expense_id] for expense_id in newest if expense_id in by_id]
    costs = [draft for draft in drafts if draft.kind is not Kind.TRANSFER]
    transfers = [draft for draft in drafts if draft.kind is Kind.TRANSFER]
    return RecentlyUsed(
        reasons=_used(
            (Reason(draft.reason, draft.category) for draft in costs),
            lambda each: fold(each.reason),
        ),
        categories=_used((draft.category for draft in costs if draft.category), identity_of),
        payers=_used(
            payment.member_id
            for draft in drafts
            for payment in draft.payments
            if payment.member_id in active
        ),
        payees=_used(
            member_id
            for draft in transfers
            for member_id in beneficiaries(draft.split)
            if member_id in active
        ),
        splits=_used(draft.split for draft in costs if _is_reusable(draft, active)),
        currency_codes=_used(draft.currency_code for draft in drafts),
    )


def _is_reusable(draft: Draft, active: set[str]) -> bool:
    """Whether the split fits every amount, and all its members are there."""
    fits = isinstance(draft.split, EqualSplit | WeightsSplit | PercentSplit)
    return fits and active.issuperset(beneficiaries(draft.split))


def _used(
    values: Iterable[Value], identity: Callable[[Value], Hashable] = lambda value: value
) -> list[Used[Value]]:
    """The values by their first occurrence, up to MOST_EACH. identity: equal for values that count as one."""
    last: dict[Hashable, Value] = {}
    counts: Counter[Hashable] = Counter()
    for value in values:
        key = identity(value)
        last.setdefault(key, value)
        counts[key] += 1
    return [Used(value, counts[key]) for key, value in list(last.items())[:MOST_EACH]]
