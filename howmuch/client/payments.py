"""Payments between members."""

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
    or that of the event if there is an amount. Raises ClientError if the settlement has no such payment, or
    one in each of several currencies; and grpc.RpcError.
    """
    if payer_id == receiver_id:
        name = roster.name(payer_id)
        raise WrongUse(f"{name} cannot pay {name}; name two members, FROM and TO.")
    code = currency_code or event.currency_code
    if amount is None:
        plans = ledger.settlement(session, event.id)
        amount, code = _planned(plans, roster, payer_id, receiver_id, currency_code)
    values = {
        "kind": expense_pb2.EXPENSE_KIND_TRANSFER,
        "reason": f"{roster.name(payer_id)} pays {roster.name(receiver_id)}",
        "amount": amount,
        "currency_code": code,
        "date": date,
        "payments": [expense_pb2.Payment(member_id=payer_id)],
        "split": expense_pb2.Split(equal=expense_pb2.EqualSplit(member_ids=[receiver_id])),
    }
    return add_expense(session, event.id, values)


def _planned(
    plans: event_pb2.Settlement,
    roster: Roster,
    payer_id: str,
    receiver_id: str,
    currency_code: str | None,
) -> tuple[str, str]:
    """Return amount and currency of a payment in the settlement."""
    found = [
        (debt.amount, plan.currency_code)
        for plan in plans.plans
        for debt in plan.transfers
        if (debt.from_member_id, debt.to_member_id) == (payer_id, receiver_id)
        and currency_code in (None, plan.currency_code)
    ]
    if len(found) > 1:
        codes = " and ".join(code for _, code in found)
        raise ClientError(f"The plan has this payment in {codes}: choose one with --currency.")
    if not found:
        names = f"{roster.name(payer_id)} pays {roster.name(receiver_id)}"
        raise ClientError(
            f"No plan says that {names}: see `howmuch settle`, or give the amount with --amount."
        )
    return found[0]
