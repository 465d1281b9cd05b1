"""The amounts of an expense: payments and split, from their messages."""

from typing import NamedTuple

from howmuch.errors import Violations
from howmuch.ids import MEMBER, check_id
from howmuch.ledger.money import format_amount, parse_amount
from howmuch.ledger.shares import check_payments
from howmuch.ledger.split import (
    OWN_WEIGHT,
    EqualSplit,
    Split,
    UsualSplit,
    WeightsSplit,
    split_amount,
)
from howmuch.model import Payment
from howmuch.rpc.parse_split import parse_split
from howmuch.v1 import expense_pb2
from howmuch.weights import weights_of, weights_split


class Money(NamedTuple):
    """The fields of a draft with amounts in them."""

    amount_minor: int
    payments: tuple[Payment, ...]
    split: Split


def parse_money(message: expense_pb2.Expense, code: str, *, in_full: bool) -> Money:
    """The amounts of an expense. in_full: also check what is otherwise checked with the event locked."""
    wrong = Violations()
    amount = message.amount
    payments: tuple[Payment, ...] | None = None
    split: Split | None = None
    amount_minor: int | None = None
    with wrong:
        payments = _parse_payments(message, code)
    if payments and not amount:
        # Through the parser, which refuses a sum that is too large.
        amount = format_amount(sum(payment.amount_minor for payment in payments), code)
    if amount or payments is not None:
        with wrong:
            amount_minor = parse_amount(amount, code, field="amount")
    with wrong:
        split = parse_split(message.split, code)
    if wrong or in_full:
        if payments is not None and (amount_minor is not None or not payments):
            with wrong:
                check_payments(payments, amount_minor or 0, code)
        if split is not None and amount_minor is not None:
            with wrong:
                _check_split(split, amount_minor, code)
    wrong.raise_any()
    assert amount_minor is not None
    assert payments is not None
    assert split is not None
    return Money(amount_minor, payments, split)


def _check_split(split: Split, amount_minor: int, code: str) -> None:
    """Raises the errors of a split as it was sent, without the defaults of the event."""
    if isinstance(split, WeightsSplit):
        split = weights_split(
            (member_id, 1 if weight == OWN_WEIGHT else weight)
            for member_id, weight in weights_of(split)
        )
    if split not in (EqualSplit(()), UsualSplit()):
        split_amount(amount_minor, split, expense_id="", currency_code=code)


def check_in_any_currency(message: expense_pb2.Expense, code: str) -> None:
    """Raises the errors of amounts in an unknown currency. code: a currency, whose own rules are left out."""
    wrong = Violations()
    with wrong:
        parse_money(message, code, in_full=True)
    wrong.drop(("AMOUNT_TOO_PRECISE", "AMOUNT_TOO_LARGE", "SUM_MISMATCH", "SHARE_NEGATIVE"))
    wrong.raise_any()


def _parse_payments(message: expense_pb2.Expense, code: str) -> tuple[Payment, ...]:
    wrong, parsed = Violations(), []
    for index, payment in enumerate(message.payments):
        field = f"payments[{index}]"
        with wrong:
            check_id(MEMBER, payment.member_id, f"{field}.member_id")
        # A member who paid alone paid all.
        alone = len(message.payments) == 1 and not payment.amount
        text = message.amount if alone else payment.amount
        amount_field = "amount" if alone else f"{field}.amount"
        with wrong:
            parsed.append(Payment(payment.member_id, parse_amount(text, code, field=amount_field)))
    wrong.raise_any()
    return tuple(parsed)
