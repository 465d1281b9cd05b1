"""The effect of a write to an expense on balances and debts, for every kind of write.

Balances and debts are sums over the expenses that are not deleted. A write adds its difference to them;
`ledger_check` recomputes them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from howmuch.errors import FailedPrecondition, Violations
from howmuch.ledger.balances import balance_deltas, pair_deltas
from howmuch.ledger.money import format_amount
from howmuch.ledger.split import NamedMember, named_members
from howmuch.model import Draft, Expense
from howmuch.storage.many import InsertMany, Rows
from howmuch.storage.rows import row_of
from howmuch.storage.tables import balances, debts
from howmuch.usecases.event_writes import EventWrite
from howmuch.usecases.member_states import MemberState, member_inactive, member_unknown


class Posting(NamedTuple):
    """A write, from one state of an expense to the next. None means that the expense does not exist."""

    before: Expense | None
    after: Expense | None


class BalanceKey(NamedTuple):
    """The currency and member of a balance."""

    currency_code: str
    member_id: str


class DebtKey(NamedTuple):
    """The currency and members of a debt; member_a < member_b."""

    currency_code: str
    member_a: str
    member_b: str


@dataclass(slots=True)
class BalanceChange:
    """The amounts that writes add to a balance, in minor units."""

    paid_minor: int = 0
    owed_minor: int = 0
    transferred_minor: int = 0


class _Counted(NamedTuple):
    """A state of an expense that counts. sign: -1 for one that goes, 1 for one that comes."""

    expense: Expense
    sign: int


_ADD_BALANCES = InsertMany(balances, adding_to=("paid_minor", "owed_minor", "transferred_minor"))
_ADD_DEBTS = InsertMany(debts, adding_to=("amount_minor",))


def balance_differences(writes: Iterable[Posting]) -> dict[BalanceKey, BalanceChange]:
    """The changes of balances by writes."""
    sums: dict[BalanceKey, BalanceChange] = defaultdict(BalanceChange)
    add_balances(sums, writes)
    return sums


def add_balances(sums: dict[BalanceKey, BalanceChange], writes: Iterable[Posting]) -> None:
    """Adds the changes of balances by writes to `sums`, a defaultdict."""
    for expense, sign in _counted(writes):
        deltas = balance_deltas(expense.draft.kind, expense.shares, sign)
        for member_id, delta in deltas.items():
            total = sums[BalanceKey(expense.draft.currency_code, member_id)]
            total.paid_minor += delta.paid_minor
            total.owed_minor += delta.owed_minor
            total.transferred_minor += delta.transferred_minor


def debt_differences(writes: Iterable[Posting]) -> dict[DebtKey, int]:
    """The changes of debts by writes, in minor units."""
    sums: dict[DebtKey, int] = defaultdict(int)
    add_debts(sums, writes)
    return sums


def add_debts(sums: dict[DebtKey, int], writes: Iterable[Posting]) -> None:
    """Adds the changes of debts by writes to `sums`, a defaultdict, in minor units."""
    for expense, sign in _counted(writes):
        kind, code = expense.draft.kind, expense.draft.currency_code
        deltas = pair_deltas(kind, expense.shares, expense_id=expense.id, sign=sign)
        for (member_a, member_b), amount_minor in deltas.items():
            sums[DebtKey(code, member_a, member_b)] += amount_minor


def _counted(writes: Iterable[Posting]) -> Iterator[_Counted]:
    for before, after in writes:
        if before and not before.delete_time:
            yield _Counted(before, -1)
        if after and not after.delete_time:
            yield _Counted(after, 1)


def post(write: EventWrite, writes: Sequence[Posting]) -> dict[InsertMany, Rows]:
    """The rows to add to balances and debts for writes.

    FailedPrecondition MEMBER_INACTIVE if that opened the balance of a member who has left: they were settled
    when they left, and stay settled.
    """
    changes = balance_differences(writes)
    for key, change in changes.items():
        net = change.paid_minor - change.owed_minor + change.transferred_minor
        member = write.members[key.member_id]
        if net and not member.active:
            raise _opens_balance(key, member.name_of_left, format_amount(net, key.currency_code))
    # A row is written even for a sum of zero: it shows that the member has taken part.
    unchanged = all(change == BalanceChange() for change in changes.values())
    if unchanged and not any(_brings_in(posting) for posting in writes):
        changes = {}
    event_id = write.event.id
    return {
        _ADD_BALANCES: [
            row_of(change, event_id=event_id, **key._asdict()) for key, change in changes.items()
        ],
        _ADD_DEBTS: [
            {"event_id": event_id, "amount_minor": amount_minor, **key._asdict()}
            for key, amount_minor in debt_differences(writes).items()
            if amount_minor
        ],
    }


def _brings_in(posting: Posting) -> bool:
    """Whether a member takes part, in this currency, who did not before."""
    before, after = posting
    if before is None or after is None:
        return True
    if before.draft.currency_code != after.draft.currency_code:
        return True
    old = {share.member_id for share in before.shares}
    return any(share.member_id not in old for share in after.shares)


def check_members(
    members: Mapping[str, MemberState], draft: Draft, present: Collection[str], field: str
) -> None:
    """That everyone in the draft is a member, and active unless they were in the expense before.

    present: members who were in it before. field: path of the expense in the request.
    """
    wrong = Violations()
    left: FailedPrecondition | None = None
    for field_path, member_id in _named_members(draft):
        member = members.get(member_id)
        if member is None:
            wrong.add(member_unknown(f"{field}.{field_path}", member_id))
        elif not member.active and member_id not in present:
            path = f"{field}.{field_path}"
            left = left or member_inactive(path, member_id, member.name_of_left)
    wrong.raise_any()
    if left:
        raise left


def _named_members(draft: Draft) -> Iterator[NamedMember]:
    """Every member that a draft names."""
    for index, payment in enumerate(draft.payments):
        yield NamedMember(f"payments[{index}].member_id", payment.member_id)
    yield from named_members(draft.split)


def _opens_balance(key: BalanceKey, name: str, amount: str) -> FailedPrecondition:
    return FailedPrecondition(
        "MEMBER_INACTIVE",
        f"{name!r} has left the event with a settled balance, which this would change by {amount}"
        f" {key.currency_code}. Re-add them first.",
        metadata={
            "member_id": key.member_id,
            "member_name": name,
            "change": amount,
            "currency_code": key.currency_code,
        },
    )
