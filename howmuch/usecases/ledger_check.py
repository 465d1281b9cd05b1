"""Recomputes the ledger from the expenses and compares it with what is kept. There must be no difference."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import Connection, func, select

from howmuch.ledger.money import format_amount
from howmuch.ledger.shares import Share
from howmuch.model import Expense
from howmuch.storage.tables import balances, changes, debts, events, expenses, members, shares
from howmuch.usecases.expense_rows import EXPENSE_COLUMNS, expense_of
from howmuch.usecases.ledger_posting import balance_differences, debt_differences


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as it must be."""

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
    found = list(_expenses(connection, event_id))
    checks = (
        _check_sums(found),
        _check_balances(connection, event_id, found),
        _check_debts(connection, event_id, found),
        _check_inactive(connection, event_id),
        _check_revisions(connection, event_id),
        _check_history(connection, event_id, found),
    )
    return [Difference(event_id, *difference) for check in checks for difference in check]


def _expenses(connection: Connection, event_id: str) -> Iterator[Expense]:
    rows = connection.execute(
        select(*EXPENSE_COLUMNS, shares.c.member_id, shares.c.paid_minor, shares.c.owed_minor)
        .outerjoin(
            shares,
            (shares.c.event_id == expenses.c.event_id) & (shares.c.expense_id == expenses.c.id),
        )
        .where(expenses.c.event_id == event_id)
        .order_by(expenses.c.id, shares.c.member_id)
    )
    for _, group in groupby(rows, key=lambda row: row.id):
        lines = list(group)
        parts = tuple(Share(*line[-3:]) for line in lines if line.member_id is not None)
        yield expense_of(lines[0][:-3], parts)


def _check_sums(found: Iterable[Expense]) -> Iterator[tuple[str, str, str]]:
    for expense in found:
        amount = expense.amount_minor
        for name, actual in (
            ("paid", sum(share.paid_minor for share in expense.shares)),
            ("owed", sum(share.owed_minor for share in expense.shares)),
        ):
            if actual != amount:
                code = expense.currency_code
                yield (
                    f"sum of {name} of {expense.id} ({code})",
                    format_amount(amount, code),
                    format_amount(actual, code),
                )


def _check_balances(
    connection: Connection, event_id: str, found: list[Expense]
) -> Iterator[tuple[str, str, str]]:
    expected = balance_differences((None, expense) for expense in found)
    rows = connection.execute(
        select(
            balances.c.currency_code,
            balances.c.member_id,
            balances.c.paid_minor,
            balances.c.owed_minor,
            balances.c.transferred_minor,
        ).where(balances.c.event_id == event_id)
    )
    actual = {(row[0], row[1]): list(row[2:]) for row in rows}
    for key in sorted(expected.keys() | actual.keys()):
        code, member_id = key
        for name, right, kept in zip(
            ("paid", "owed", "transferred"),
            expected.get(key, [0, 0, 0]),
            actual.get(key, [0, 0, 0]),
            strict=True,
        ):
            if right != kept:
                yield (
                    f"{name} of {member_id} ({code})",
                    format_amount(right, code),
                    format_amount(kept, code),
                )
    for code in sorted({code for code, _ in actual}):
        total = sum(
            paid - owed + transferred
            for (other, _), (paid, owed, transferred) in actual.items()
            if other == code
        )
        if total:
            yield f"sum of nets ({code})", format_amount(0, code), format_amount(total, code)


def _check_debts(
    connection: Connection, event_id: str, found: list[Expense]
) -> Iterator[tuple[str, str, str]]:
    expected = debt_differences((None, expense) for expense in found)
    rows = connection.execute(
        select(
            debts.c.currency_code, debts.c.member_a, debts.c.member_b, debts.c.amount_minor
        ).where(debts.c.event_id == event_id)
    )
    actual = {(row[0], row[1], row[2]): row[3] for row in rows}
    for key in sorted(expected.keys() | actual.keys()):
        code, member_a, member_b = key
        right, kept = expected.get(key, 0), actual.get(key, 0)
        if right != kept:
            yield (
                f"debt of {member_a} to {member_b} ({code})",
                format_amount(right, code),
                format_amount(kept, code),
            )


def _check_inactive(connection: Connection, event_id: str) -> Iterator[tuple[str, str, str]]:
    net = balances.c.paid_minor - balances.c.owed_minor + balances.c.transferred_minor
    rows = connection.execute(
        select(balances.c.member_id, balances.c.currency_code, net)
        .join(
            members,
            (members.c.event_id == balances.c.event_id) & (members.c.id == balances.c.member_id),
        )
        .where(balances.c.event_id == event_id, members.c.state == "INACTIVE", net != 0)
    )
    for member_id, code, minor in rows:
        yield (
            f"balance of {member_id}, who has left ({code})",
            format_amount(0, code),
            format_amount(minor, code),
        )


def _check_revisions(connection: Connection, event_id: str) -> Iterator[tuple[str, str, str]]:
    revision = connection.execute(
        select(events.c.revision).where(events.c.id == event_id)
    ).scalar_one()
    count, first, last = connection.execute(
        select(func.count(), func.min(changes.c.revision), func.max(changes.c.revision)).where(
            changes.c.event_id == event_id
        )
    ).one()
    if (count, first, last) != (revision, 1, revision):
        yield (
            "history",
            f"revisions 1 to {revision}",
            f"{count} changes, revisions {first} to {last}",
        )


def _check_history(
    connection: Connection, event_id: str, found: list[Expense]
) -> Iterator[tuple[str, str, str]]:
    rows = connection.execute(
        select(changes.c.subject_id, func.count())
        .where(changes.c.event_id == event_id, changes.c.kind.like("EXPENSE%"))
        .group_by(changes.c.subject_id)
    )
    recorded = {row[0]: row[1] for row in rows}
    for expense in found:
        count = recorded.pop(expense.id, 0)
        if count != expense.version:
            yield f"changes of {expense.id}", str(expense.version), str(count)
    for expense_id, count in sorted(recorded.items()):
        yield f"changes of {expense_id}, which is not there", "0", str(count)
