"""Payments between members."""

from typing import Any, NamedTuple

from howmuch.client import ledger
from howmuch.client.client_errors import ClientError, WrongUse
from howmuch.client.events import Roster
from howmuch.client.expenses import add_expense
from howmuch.client.session import Session
from howmuch.v1 import event_pb2, expense_pb2


def record_payment(
    session: Session,
    event: event_pb2.Event,
    roster: Roster,
    *,
    payer_id: str,
    receiver_id: str,
    amount: str | None,
    currency_code: str | None,
    date: str,
) -> expense_pb2.Expense:
    """Add a payment as an expense of kind TRANSFER.

    amount: None means the amount in the settlement. currency_code: None means the currency in the settlement,
    or that of the event if there is an amount. A payment of the settlement is entered once: again,
    the call returns the first transfer, or fails. Raises ClientError if the settlement has no such payment,
    or one in each of several currencies; and grpc.RpcError.
    """
    if payer_id == receiver_id:
        name = roster.name(payer_id)
        raise WrongUse(f"{name} cannot pay {name}; name two members, FROM and TO.")
    code = currency_code or event.currency_code
    place: dict[str, Any] = {}
    if amount is None:
        plans = ledger.settlement(session, event.id)
        planned = _planned(plans, roster, payer_id, receiver_id, currency_code)
        amount, code, place = (
            planned.amount,
            planned.currency_code,
            {"settlement_transfer": planned.place},
        )
    values = {
        **place,
        "kind": expense_pb2.EXPENSE_KIND_TRANSFER,
        "reason": f"{roster.name(payer_id)} pays {roster.name(receiver_id)}",
        "amount": amount,
        "currency_code": code,
        "date": date,
        "payments": [expense_pb2.Payment(member_id=payer_id)],
        "split": expense_pb2.Split(equal=expense_pb2.EqualSplit(member_ids=[receiver_id])),
    }
    return add_expense(session, event.id, values)


class _Planned(NamedTuple):
    """A payment in the settlement."""

    amount: str
    currency_code: str
    place: expense_pb2.SettlementTransfer


def _planned(
    plans: event_pb2.Settlement,
    roster: Roster,
    payer_id: str,
    receiver_id: str,
    currency_code: str | None,
) -> _Planned:
    """Return a payment in the settlement: the first, if it is so large that the plan has it in parts."""
    found = [
        _Planned(
            debt.amount,
            plan.currency_code,
            expense_pb2.SettlementTransfer(revision=plans.revision, index=index),
        )
        for plan in plans.plans
        for index, debt in enumerate(plan.transfers)
        if (debt.from_member_id, debt.to_member_id) == (payer_id, receiver_id)
        and currency_code in (None, plan.currency_code)
    ]
    codes = " and ".join(dict.fromkeys(planned.currency_code for planned in found))
    if " " in codes:
        raise ClientError(f"The plan has this payment in {codes}: choose one with --currency.")
    if not found:
        names = f"{roster.name(payer_id)} pays {roster.name(receiver_id)}"
        raise ClientError(
            f"No plan says that {names}: see `howmuch settle`, or give the amount with --amount."
        )
    return found[0]
