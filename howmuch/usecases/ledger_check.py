"""Recomputes the ledger from the expenses and compares it with the stored rows. They must be equal."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from howmuch.ledger.money import format_amount
from howmuch.model import Expense
from howmuch.storage.rows import record_of
from howmuch.storage.tables import NET_MINOR, balances, changes, debts, events, expenses, members
from howmuch.usecases.expense_rows import read_expenses
from howmuch.usecases.ledger_posting import (
    BalanceChange,
    BalanceKey,
    DebtKey,
    Posting,
    add_balances,
    add_debts,
)

# Expenses in memory at the same time.
_AT_ONCE = 50


class _Finding(NamedTuple):
    """A value that is not as it must be."""

    what: str
    expected: str
    actual: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A value of an event that is not as it must be."""

    event_id: str
    what: str
    expected: str
    actual: str


def check_ledger(connection: Connection) -> list[Difference]:
    """Every difference in every event, by event id. Run it in one read transaction."""
    event_ids = connection.execute(select(events.c.id).order_by(events.c.id)).scalars().all()
    return [
        difference for event_id in event_ids for difference in check_event(connection, event_id)
    ]


def check_event(connection: Connection, event_id: str) -> list[Difference]:
    """Every difference in one event."""
    expected = _Expected()
    wrong_sums: list[_Finding] = []
    for expense in _expenses(connection, event_id):
        expected.add(expense)
        wrong_sums += _check_sums(expense)
    return [
        Difference(event_id, *finding)
        for finding in chain(
            wrong_sums,
            _check_balances(connection, event_id, expected.balances),
            _check_debts(connection, event_id, expected.debts),
            _check_inactive(connection, event_id),
            _check_revisions(connection, event_id),
            _check_history(connection, event_id, expected.versions),
        )
    ]


class _Expected:
    """The ledger by the expenses of an event. versions: expense id to its version."""

    def __init__(self) -> None:
        self.balances: dict[BalanceKey, BalanceChange] = defaultdict(BalanceChange)
        self.debts: dict[DebtKey, int] = defaultdict(int)
        self.versions: dict[str, int] = {}

    def add(self, expense: Expense) -> None:
        """Adds the effect of one expense."""
        posting = Posting(None, expense)
        add_balances(self.balances, [posting])
        add_debts(self.debts, [posting])
        self.versions[expense.id] = expense.version


def _expenses(connection: Connection, event_id: str) -> Iterator[Expense]:
    ids = connection.execute(
        select(expenses.c.id).where(expenses.c.event_id == event_id).order_by(expenses.c.id)
    ).scalars()
    found = ids.all()
    for start in range(0, len(found), _AT_ONCE):
        yield from read_expenses(connection, event_id, found[start : start + _AT_ONCE])


def _check_sums(expense: Expense) -> Iterator[_Finding]:
    amount = expense.draft.amount_minor
    for name, actual in (
        ("paid", sum(share.paid_minor for share in expense.shares)),
        ("owed", sum(share.owed_minor for share in expense.shares)),
    ):
        if actual != amount:
            code = expense.draft.currency_code
            yield _Finding(
                f"sum of {name} of {expense.id} ({code})",
                format_amount(amount, code),
                format_amount(actual, code),
            )


def _check_balances(
    connection: Connection, event_id: str, expected: Mapping[BalanceKey, BalanceChange]
) -> Iterator[_Finding]:
    rows = connection.execute(select(balances).where(balances.c.event_id == event_id)).mappings()
    actual = {record_of(BalanceKey, row): record_of(BalanceChange, row) for row in rows}
    for key in sorted(expected.keys() | actual.keys()):
        code = key.currency_code
        right, kept = expected.get(key, BalanceChange()), actual.get(key, BalanceChange())
        for name in ("paid", "owed", "transferred"):
            should, does = (getattr(each, f"{name}_minor") for each in (right, kept))
            if should != does:
                yield _Finding(
                    f"{name} of {key.member_id} ({code})",
                    format_amount(should, code),
                    format_amount(does, code),
                )
    for code in sorted({key.currency_code for key in actual}):
        total = sum(
            change.paid_minor - change.owed_minor + change.transferred_minor
            for key, change in actual.items()
            if key.currency_code == code
        )
        if total:
            yield _Finding(
                f"sum of nets ({code})", format_amount(0, code), format_amount(total, code)
            )


def _check_debts(
    connection: Connection, event_id: str, expected: Mapping[DebtKey, int]
) -> Iterator[_Finding]:
    rows = connection.execute(select(debts).where(debts.c.event_id == event_id)).mappings()
    actual = {record_of(DebtKey, row): row["amount_minor"] for row in rows}
    for key in sorted(expected.keys() | actual.keys()):
        code = key.currency_code
        right, kept = expected.get(key, 0), actual.get(key, 0)
        if right != kept:
            yield _Finding(
                f"debt of {key.member_a} to {key.member_b} ({code})",
                format_amount(right, code),
                format_amount(kept, code),
            )


def _check_inactive(connection: Connection, event_id: str) -> Iterator[_Finding]:
    rows = connection.execute(
        select(balances.c.member_id, balances.c.currency_code, NET_MINOR)
        .join(
            members,
            (members.c.event_id == balances.c.event_id) & (members.c.id == balances.c.member_id),
        )
        .where(balances.c.event_id == event_id, members.c.state == "INACTIVE", NET_MINOR != 0)
    )
    for member_id, code, minor in rows:
        yield _Finding(
            f"balance of {member_id}, who has left ({code})",
            format_amount(0, code),
            format_amount(minor, code),
        )


def _check_revisions(connection: Connection, event_id: str) -> Iterator[_Finding]:
    revision = connection.execute(
        select(events.c.revision).where(events.c.id == event_id)
    ).scalar_one()
    count, first, last = connection.execute(
        select(func.count(), func.min(changes.c.revision), func.max(changes.c.revision)).where(
            changes.c.event_id == event_id
        )
    ).one()
    if (count, first, last) != (revision, 1, revision):
        yield _Finding(
            "history",
            f"revisions 1 to {revision}",
            f"{count} changes, revisions {first} to {last}",
        )


def _check_history(
    connection: Connection, event_id: str, versions: Mapping[str, int]
) -> Iterator[_Finding]:
    rows = connection.execute(
        select(changes.c.subject_id, func.count())
        .where(changes.c.event_id == event_id, changes.c.kind.like("EXPENSE%"))
        .group_by(changes.c.subject_id)
    )
    recorded = {row[0]: row[1] for row in rows}
    for expense_id, version in versions.items():
        count = recorded.pop(expense_id, 0)
        if count != version:
            yield _Finding(f"changes of {expense_id}", str(version), str(count))
    for expense_id, count in sorted(recorded.items()):
        yield _Finding(f"changes of {expense_id}, which does not exist", "0", str(count))
