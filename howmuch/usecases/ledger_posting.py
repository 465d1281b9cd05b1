"""What a write to an expense does to balances and debts: one place, for every kind of write.

A deleted expense counts nothing. Balances and debts are sums over the expenses that count, kept up to
date by adding the difference that a write makes; `audit` recomputes them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from howmuch.errors import FailedPrecondition, invalid
from howmuch.ledger.balances import balance_deltas, pair_deltas
from howmuch.ledger.money import format_amount
from howmuch.ledger.split import named_members
from howmuch.model import Draft, Expense
from howmuch.storage.many import InsertMany, Rows
from howmuch.storage.tables import balances, debts
from howmuch.usecases.event_writes import EventWrite, MemberState

BalanceKey = tuple[str, str]
"""Currency code and member id."""
DebtKey = tuple[str, str, str]
"""Currency code, member a and member b."""


_ADD_BALANCES = InsertMany(balances, adding_to=("paid_minor", "owed_minor", "transferred_minor"))
_ADD_DEBTS = InsertMany(debts, adding_to=("amount_minor",))


def balance_differences(
    writes: Iterable[tuple[Expense | None, Expense | None]],
) -> dict[BalanceKey, list[int]]:
    """What writes, each from one state of an expense to the next, add to balances.

    The values are paid, owed and transferred. None is an expense that is not there.
    """
    sums: dict[BalanceKey, list[int]] = defaultdict(lambda: [0, 0, 0])
    for expense, sign in _signed(writes):
        deltas = balance_deltas(expense.kind, expense.shares, sign)
        for member_id, delta in deltas.items():
            total = sums[expense.currency_code, member_id]
            total[0] += delta.paid_minor
            total[1] += delta.owed_minor
            total[2] += delta.transferred_minor
    return sums


def debt_differences(
    writes: Iterable[tuple[Expense | None, Expense | None]],
) -> dict[DebtKey, int]:
    """What writes, each from one state of an expense to the next, add to debts."""
    sums: dict[DebtKey, int] = defaultdict(int)
    for expense, sign in _signed(writes):
        deltas = pair_deltas(expense.kind, expense.shares, expense_id=expense.id, sign=sign)
        for (member_a, member_b), amount_minor in deltas.items():
            sums[expense.currency_code, member_a, member_b] += amount_minor
    return sums


def _signed(
    writes: Iterable[tuple[Expense | None, Expense | None]],
) -> Iterable[tuple[Expense, int]]:
    """Each state that counts, -1 for those that go and 1 for those that come."""
    for before, after in writes:
        if before and not before.delete_time:
            yield before, -1
        if after and not after.delete_time:
            yield after, 1


def post(
    write: EventWrite, writes: Sequence[tuple[Expense | None, Expense | None]]
) -> dict[InsertMany, Rows]:
    """What is to be added to balances and debts for the writes.

    FailedPrecondition MEMBER_INACTIVE where that would open the balance of somebody who has left: they
    were settled when they left, and stay so.
    """
    balance_sums = balance_differences(writes)
    for (currency_code, member_id), (paid, owed, transferred) in balance_sums.items():
        net = paid - owed + transferred
        if net and not write.members[member_id].active:
            raise _opens_balance(member_id, format_amount(net, currency_code), currency_code)
    # A row is written even for a sum of zero: it shows that the member has taken part.
    if not any(map(any, balance_sums.values())) and not any(_brings_in(*pair) for pair in writes):
        balance_sums = {}
    return {
        _ADD_BALANCES: [
            {
                "event_id": write.event.id,
                "currency_code": currency_code,
                "member_id": member_id,
                "paid_minor": paid,
                "owed_minor": owed,
                "transferred_minor": transferred,
            }
            for (currency_code, member_id), (paid, owed, transferred) in balance_sums.items()
        ],
        _ADD_DEBTS: [
            {
                "event_id": write.event.id,
                "currency_code": currency_code,
                "member_a": member_a,
                "member_b": member_b,
                "amount_minor": amount_minor,
            }
            for (currency_code, member_a, member_b), amount_minor in debt_differences(
                writes
            ).items()
            if amount_minor
        ],
    }


def _brings_in(before: Expense | None, after: Expense | None) -> bool:
    """Whether somebody takes part, in this currency, who did not before."""
    if before is None or after is None or before.currency_code != after.currency_code:
        return True
    old = {share.member_id for share in before.shares}
    return any(share.member_id not in old for share in after.shares)


def check_members(
    members: Mapping[str, MemberState], draft: Draft, present: Collection[str], field: str
) -> None:
    """That everybody in the draft is a member, and active unless they were in the expense before.

    present: members who were in it before. field: path of the expense in the request.
    """
    for place, member_id in _places(draft):
        member = members.get(member_id)
        if member is None:
            raise invalid(
                f"{field}.{place}",
                "MEMBER_UNKNOWN",
                f"{member_id[:60]!r} is not a member of this event.",
                metadata={"member_id": member_id[:60]},
            )
        if not member.active and member_id not in present:
            raise FailedPrecondition(
                "MEMBER_INACTIVE",
                f"{field}.{place}: {member_id} has left the event and cannot be added to an"
                " expense. Have them back first.",
                metadata={"member_id": member_id},
            )


def _places(draft: Draft) -> Iterator[tuple[str, str]]:
    """Path and id of every member that a draft names."""
    for index, (member_id, _) in enumerate(draft.payments):
        yield f"payments[{index}].member_id", member_id
    yield from named_members(draft.split)


def _opens_balance(member_id: str, amount: str, currency_code: str) -> FailedPrecondition:
    return FailedPrecondition(
        "MEMBER_INACTIVE",
        f"{member_id} has left the event settled; this would change their balance by {amount}"
        f" {currency_code}. Have them back first.",
        metadata={"member_id": member_id, "change": amount, "currency_code": currency_code},
    )
