"""The amounts of an expense: payments and split, from their messages."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

from howmuch.errors import Violations, invalid
from howmuch.ids import MEMBER, check_id
from howmuch.ledger.money import format_amount, parse_amount, parse_percent
from howmuch.ledger.shares import check_payments
from howmuch.ledger.split import (
    AdjustedSplit,
    EqualSplit,
    ExactSplit,
    Item,
    ItemizedSplit,
    PercentSplit,
    Split,
    WeightsSplit,
    split_amount,
)
from howmuch.model import Payment
from howmuch.usecases.validation import NAME_LENGTH, check_line
from howmuch.v1 import expense_pb2

MOST_ITEMS = 200
"""Lines of a bill."""


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
        split = WeightsSplit(tuple((member_id, weight or 1) for member_id, weight in split.weights))
    if split != EqualSplit(()):
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


def parse_split(message: expense_pb2.Split, code: str) -> Split:
    """The split of a message. No mode means equally over all active members."""

    def exact(part: expense_pb2.ExactSplit.Part, path: str) -> int:
        return parse_amount(part.amount, code, field=f"{path}.amount", allow_zero=True)

    def adjustment(part: expense_pb2.AdjustedSplit.Part, path: str) -> int:
        text = part.adjustment or "0"
        return parse_amount(text, code, field=f"{path}.adjustment", signed=True)

    match message.WhichOneof("mode"):
        case None:
            return EqualSplit(())
        case "equal":
            return EqualSplit(_member_ids(message.equal.member_ids, "split.equal.member_ids"))
        case "weights":
            return WeightsSplit(_parse_parts("weights", message.weights.parts, _weight))
        case "percent":
            return PercentSplit(_parse_parts("percent", message.percent.parts, _percent))
        case "exact":
            return ExactSplit(_parse_parts("exact", message.exact.parts, exact))
        case "adjusted":
            return AdjustedSplit(_parse_parts("adjusted", message.adjusted.parts, adjustment))
        case "itemized":
            return _parse_itemized(message.itemized, code)


def _parse_parts(
    mode: str, parts: Sequence[Any], value_of: Callable[[Any, str], int]
) -> tuple[tuple[str, int], ...]:
    """Pairs of member id and value. value_of: reads a part, given its path."""
    wrong, parsed = Violations(), []
    for index, part in enumerate(parts):
        path = f"split.{mode}.parts[{index}]"
        with wrong:
            check_id(MEMBER, part.member_id, f"{path}.member_id")
        with wrong:
            parsed.append((part.member_id, value_of(part, path)))
    wrong.raise_any()
    return tuple(parsed)


def _parse_itemized(message: expense_pb2.ItemizedSplit, code: str) -> ItemizedSplit:
    path = "split.itemized"
    if len(message.items) > MOST_ITEMS:
        raise invalid(
            f"{path}.items",
            "TOO_MANY_ITEMS",
            f"{len(message.items)} items were sent; at most {MOST_ITEMS} are possible.",
        )
    wrong = Violations()
    items: list[Item] = []
    for index, item in enumerate(message.items):
        with wrong:
            items.append(_parse_item(item, f"{path}.items[{index}]", code))
    tax = tip = 0
    with wrong:
        tax = parse_amount(message.tax or "0", code, field=f"{path}.tax", allow_zero=True)
    with wrong:
        tip = parse_amount(message.tip or "0", code, field=f"{path}.tip", allow_zero=True)
    wrong.raise_any()
    return ItemizedSplit(items=tuple(items), tax_minor=tax, tip_minor=tip)


def _parse_item(item: expense_pb2.ItemizedSplit.Item, path: str, code: str) -> Item:
    wrong = Violations()
    with wrong:
        name = check_line(item.name, f"{path}.name", length=NAME_LENGTH, required=False)
    with wrong:
        amount_minor = parse_amount(item.amount, code, field=f"{path}.amount")
    with wrong:
        member_ids = _member_ids(item.member_ids, f"{path}.member_ids")
    wrong.raise_any()
    return Item(name=name, amount_minor=amount_minor, member_ids=member_ids)


def _weight(part: expense_pb2.WeightsSplit.Part, path: str) -> int:
    """A weight; 0 stands for the member's own and is filled in by the use case."""
    if part.weight < 0:
        raise invalid(
            f"{path}.weight",
            "WEIGHT_OUT_OF_RANGE",
            f"{part.weight} is below zero; a weight is 1 to 1,000,000, or left out.",
        )
    return part.weight


def _percent(part: expense_pb2.PercentSplit.Part, path: str) -> int:
    return parse_percent(part.percent, f"{path}.percent")


def _member_ids(member_ids: Collection[str], field: str) -> tuple[str, ...]:
    wrong = Violations()
    for index, member_id in enumerate(member_ids):
        with wrong:
            check_id(MEMBER, member_id, f"{field}[{index}]")
    wrong.raise_any()
    return tuple(member_ids)
