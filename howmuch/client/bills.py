"""Changes of a bill that keep its lines."""

from typing import Any

from howmuch.client.amounts import part_amount
from howmuch.client.client_errors import ClientError, WrongUse
from howmuch.errors import InvalidArgument
from howmuch.ledger.money import format_amount, parse_amount
from howmuch.v1 import expense_pb2


def with_extras(
    read: expense_pb2.Expense, currency_code: str, tax: str | None, tip: str | None
) -> dict[str, Any]:
    """Return split and amount of a bill with a new tax or tip; None means that it stays.

    Raises WrongUse for an expense without the lines of a bill, and ClientError for a wrong amount.
    """
    if read.split.WhichOneof("mode") != "itemized":
        raise WrongUse(
            f"{read.reason!r} is not split by the lines of a bill, so it has no tax or tip; use --item"
            " for each line, or --amount for a new total."
        )
    split = expense_pb2.Split()
    split.CopyFrom(read.split)
    bill = split.itemized
    total = _minor("amount", read.amount, read.currency_code)
    for name, text in (("tax", tax), ("tip", tip)):
        if text is not None:
            before = _minor(name, getattr(bill, name), read.currency_code)
            flag = f"--{name}"
            plain = part_amount(flag, text, currency_code)
            total += _minor(flag, plain, read.currency_code) - before
            setattr(bill, name, plain)
    return {"split": split, "amount": format_amount(total, read.currency_code)}


def _minor(field: str, text: str, currency_code: str) -> int:
    """Minor units; empty means zero."""
    try:
        return parse_amount(text or "0", currency_code, field=field, allow_zero=True)
    except InvalidArgument as error:
        raise ClientError(error.message) from error
