"""Splits and weights from messages. Errors name fields below the path of the message."""

from collections.abc import Callable, Collection, Sequence
from typing import Protocol, TypeVar

from howmuch.errors import Violations, invalid
from howmuch.ids import MEMBER, check_id
from howmuch.ledger.money import parse_amount, parse_percent
from howmuch.ledger.split import (
    OWN_WEIGHT,
    AdjustedSplit,
    EqualSplit,
    ExactSplit,
    Item,
    ItemizedSplit,
    PercentSplit,
    Split,
    UsualSplit,
)
from howmuch.usecases.validation import NAME_LENGTH, check_line
from howmuch.v1 import event_pb2, event_service_pb2, expense_pb2
from howmuch.weights import Weight, check_weight, parse_weight, weights_split

Weighed = event_pb2.Member | event_service_pb2.AddMemberRequest | expense_pb2.WeightsSplit.Part


class _HasMember(Protocol):
    member_id: str


PartMessage = TypeVar("PartMessage", bound=_HasMember)
Value = TypeVar("Value")

MOST_ITEMS = 200
"""Lines of a bill."""


def parse_split(message: expense_pb2.Split, code: str, path: str = "split") -> Split:
    """The split of a message. No mode means the usual split. code: of the currency of its amounts."""

    def exact(part: expense_pb2.ExactSplit.Part, at: str) -> int:
        return parse_amount(part.amount, code, field=f"{at}.amount", allow_zero=True)

    def adjustment(part: expense_pb2.AdjustedSplit.Part, at: str) -> int:
        return parse_amount(part.adjustment or "0", code, field=f"{at}.adjustment", signed=True)

    match message.WhichOneof("mode"):
        case None:
            return UsualSplit()
        case "equal":
            return EqualSplit(_member_ids(message.equal.member_ids, f"{path}.equal.member_ids"))
        case "weights":
            return weights_split(_parts(message.weights.parts, f"{path}.weights", _weight))
        case "percent":
            return PercentSplit(_parts(message.percent.parts, f"{path}.percent", _percent))
        case "exact":
            return ExactSplit(_parts(message.exact.parts, f"{path}.exact", exact))
        case "adjusted":
            return AdjustedSplit(_parts(message.adjusted.parts, f"{path}.adjusted", adjustment))
        case "itemized":
            return _itemized(message.itemized, code, f"{path}.itemized")


def parse_weight_of(message: Weighed, path: str) -> Weight | None:
    """The weight that a message sets; None if it sets none. path: of the message, with its point, or empty.

    Raises WEIGHTS_DIFFER if its two fields contradict each other, and the errors of `parse_weight`.
    """
    whole = message.weight if message.HasField("weight") else None
    if not message.HasField("weight_decimal"):
        return whole
    exact = parse_weight(message.weight_decimal, f"{path}weight_decimal")
    if whole is not None and whole != exact:
        raise invalid(
            f"{path}weight_decimal",
            "WEIGHTS_DIFFER",
            f"{message.weight_decimal[:40]!r} differs from `weight`, which is {whole}; set one of them.",
        )
    return exact


def _parts(
    messages: Sequence[PartMessage], path: str, value_of: Callable[[PartMessage, str], Value]
) -> tuple[tuple[str, Value], ...]:
    """Pairs of member id and value. value_of: reads a part, given its path."""
    wrong, parsed = Violations(), []
    for index, part in enumerate(messages):
        at = f"{path}.parts[{index}]"
        with wrong:
            check_id(MEMBER, part.member_id, f"{at}.member_id")
        with wrong:
            parsed.append((part.member_id, value_of(part, at)))
    wrong.raise_any()
    return tuple(parsed)


def _weight(part: expense_pb2.WeightsSplit.Part, path: str) -> Weight:
    weight = parse_weight_of(part, f"{path}.")
    return OWN_WEIGHT if weight is None else check_weight(weight, f"{path}.weight")


def _percent(part: expense_pb2.PercentSplit.Part, path: str) -> int:
    return parse_percent(part.percent, f"{path}.percent")


def _itemized(message: expense_pb2.ItemizedSplit, code: str, path: str) -> ItemizedSplit:
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


def _member_ids(member_ids: Collection[str], field: str) -> tuple[str, ...]:
    wrong = Violations()
    for index, member_id in enumerate(member_ids):
        with wrong:
            check_id(MEMBER, member_id, f"{field}[{index}]")
    wrong.raise_any()
    return tuple(member_ids)
