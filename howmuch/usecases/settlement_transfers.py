"""Payments of a settlement plan: each is entered once, although several people may read the same plan."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, null, or_, select

from howmuch.errors import FailedPrecondition
from howmuch.ledger.money import format_amount
from howmuch.ledger.settlement import Settlement, Transfer
from howmuch.ledger.shares import Kind
from howmuch.ledger.split import beneficiaries
from howmuch.model import Draft, Expense
from howmuch.storage.tables import expenses
from howmuch.usecases.balances import get_settlement
from howmuch.usecases.event_writes import LockedWrite
from howmuch.usecases.expense_rows import read_expenses
from howmuch.usecases.expense_size import Input, SettlementPlace
from howmuch.usecases.validation import check_range

_MOST_SHOWN = 20
"""Open transfers that an error lists."""
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}


class _Payment(NamedTuple):
    """The payment of a draft: currency and transfer."""

    currency_code: str
    transfer: Transfer


_AT_PLACE = select(expenses.c.id).where(
    expenses.c.event_id == bindparam("event_id"),
    expenses.c.settlement_revision == bindparam("revision"),
    expenses.c.settlement_index == bindparam("index"),
    expenses.c.currency_code == bindparam("currency_code"),
    expenses.c.delete_time.is_(null()),
)
_ENTERED_AGAIN = select(expenses.c.id).where(
    expenses.c.event_id == bindparam("event_id"),
    expenses.c.id != bindparam("expense_id"),
    expenses.c.kind == Kind.TRANSFER.name,
    expenses.c.currency_code == bindparam("currency_code"),
    expenses.c.delete_time.is_(null()),
    or_(
        (expenses.c.settlement_revision == bindparam("revision"))
        & (expenses.c.settlement_index == bindparam("index")),
        expenses.c.settlement_revision.is_not(null())
        & (expenses.c.amount_minor == bindparam("amount_minor"))
        & (expenses.c.create_time >= bindparam("delete_time")),
    ),
)


def entered_before(write: LockedWrite, inputs: Sequence[Input]) -> list[Expense]:
    """The transfers of the inputs, if all are payments of plans that were entered before; else none of them.

    FailedPrecondition SETTLEMENT_CHANGED if a payment of a plan is no longer open.
    """
    planned = [(given, given.place) for given in inputs if given.place]
    if not planned:
        return []
    revision = write.event.revision - write.steps
    for given, place in planned:
        check_range(place.revision, f"{given.field}.settlement_transfer.revision", 1, revision)
    found = [_find(write, given.draft, place) for given, place in planned]
    before = [expense for expense in found if expense]
    if len(before) == len(inputs):
        return before
    plans = get_settlement(write.connection, write.event.id)
    still_open = Counter(
        _Payment(code, transfer) for code, plan in plans.items() for transfer in plan.transfers
    )
    entered: dict[_Payment | tuple[str, SettlementPlace], str] = {}
    for (given, place), expense in zip(planned, found, strict=True):
        payment = _payment(given.draft)
        if payment is None:
            continue
        there = place.revision < revision or _is_at(plans, place, payment)
        at = (payment.currency_code, place)
        if expense or not there or not still_open[payment] or at in entered:
            other = entered.get(at) or (entered.get(payment) if there and not expense else "") or ""
            raise _changed(given.field, place, payment, plans, revision, other)
        still_open[payment] -= 1
        entered |= {payment: given.field, at: given.field}
    return []


def check_not_entered_again(write: LockedWrite, before: Expense, after: Expense) -> None:
    """FailedPrecondition SETTLEMENT_CHANGED if a payment of a plan comes back that was entered again.

    For the same place, or since it was deleted, for the place that it has in a later plan.
    """
    place = after.settlement_revision, after.settlement_index
    was_there = before.draft.currency_code == after.draft.currency_code and not before.delete_time
    if None in place or after.delete_time or was_there:
        return
    found = write.connection.execute(
        _ENTERED_AGAIN,
        {
            "event_id": write.event.id,
            "expense_id": after.id,
            "currency_code": after.draft.currency_code,
            "revision": place[0],
            "index": place[1],
            "amount_minor": after.draft.amount_minor,
            "delete_time": before.delete_time,
        },
    )
    for other in read_expenses(write.connection, write.event.id, found.scalars().all()):
        same_place = (other.settlement_revision, other.settlement_index) == place
        if same_place or _payment(other.draft) == _payment(after.draft):
            raise FailedPrecondition(
                "SETTLEMENT_CHANGED",
                f"{after.draft.reason!r} is a payment of a plan that was entered again: as"
                f" {other.draft.reason!r} of {other.draft.date}. Delete that one first.",
                metadata={"expense_id": other.id},
            )


def _find(write: LockedWrite, draft: Draft, place: SettlementPlace) -> Expense | None:
    """The transfer that was entered for this place, with the same payer, receiver and amount."""
    found = write.connection.execute(
        _AT_PLACE,
        {
            "event_id": write.event.id,
            "revision": place.revision,
            "index": place.index,
            "currency_code": draft.currency_code,
        },
    )
    payment = _payment(draft)
    for expense in read_expenses(write.connection, write.event.id, found.scalars().all()):
        if payment and _payment(expense.draft) == payment:
            return expense
    return None


def _payment(draft: Draft) -> _Payment | None:
    """None for a draft that is no transfer, which other rules refuse."""
    receivers = beneficiaries(draft.split)
    if len(draft.payments) != 1 or len(receivers) != 1:
        return None
    transfer = Transfer(draft.payments[0].member_id, receivers[0], draft.amount_minor)
    return _Payment(draft.currency_code, transfer)


def _is_at(plans: Mapping[str, Settlement], place: SettlementPlace, payment: _Payment) -> bool:
    """Whether the present plans have the payment at this place."""
    plan = plans.get(payment.currency_code)
    return plan is not None and plan.transfers[place.index : place.index + 1] == (payment.transfer,)


def _changed(
    field: str,
    place: SettlementPlace,
    payment: _Payment,
    plans: Mapping[str, Settlement],
    revision: int,
    other: str,
) -> FailedPrecondition:
    """The error for a payment that is not open. other: field of the request that makes it; empty for none."""
    code, pair = payment.currency_code, payment.transfer[:2]
    transfers = plans[code].transfers if code in plans else ()
    amount = format_amount(sum(each.amount_minor for each in transfers if each[:2] == pair), code)
    listed = [
        {
            "from_member_id": each.from_member_id,
            "to_member_id": each.to_member_id,
            "amount": format_amount(each.amount_minor, code),
        }
        for each in transfers[:_MOST_SHOWN]
    ]
    which = f"the {_ordinal(place.index)} payment of the plan of revision {place.revision}"
    problem = (
        f"{other} of the same request is {which} already. Leave one of them out; nothing was saved."
        if other
        else f"{which} is not open. The plan of revision {revision} has {amount} {code} from this payer to"
        " this receiver. Read the settlement again; nothing was saved."
    )
    return FailedPrecondition(
        "SETTLEMENT_CHANGED",
        f"{field}.settlement_transfer: {problem}",
        metadata={
            "revision": str(revision),
            "currency_code": code,
            "open_amount": amount,
            "open_transfers": json.dumps(listed, separators=(",", ":")),
        },
    )


def _ordinal(index: int) -> str:
    """The place of an index from 0: first, second, 11th."""
    number = index + 1
    if 1 <= number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    last = 0 if number % 100 in (11, 12, 13) else number % 10
    return f"{number}{_ENDINGS.get(last, 'th')}"
