"""The ways to split a cost, and the amounts that members owe by them.

Field paths in errors are those of the message `Split`: `split.weights.parts[1].weight`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import lcm
from typing import Any, NamedTuple

from howmuch.errors import Violations, invalid
from howmuch.ledger.apportion import apportion
from howmuch.ledger.money import check_sum, format_amount
from howmuch.ledger.split_rules import (
    Parts,
    check_exact,
    check_members,
    check_not_negative,
    check_part_members,
    check_percents,
    check_weights,
)

OWN_WEIGHT = -1
"""Stands for a member's usual weight; a use case fills it in."""


@dataclass(frozen=True, slots=True)
class EqualSplit:
    """Every listed member owes the same."""

    member_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WeightsSplit:
    """In proportion to weights: pairs of member id and a number of 1/scale, or OWN_WEIGHT.

    scale: 1 if all weights are whole.
    """

    weights: tuple[tuple[str, int], ...]
    scale: int = 1


@dataclass(frozen=True, slots=True)
class PercentSplit:
    """Pairs of member id and units of 1/10_000 percent, which sum to 1_000_000 (100 %)."""

    percents: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class ExactSplit:
    """Pairs of member id and minor units >= 0, which sum to the amount."""

    amounts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class AdjustedSplit:
    """Pairs of member id and minor units of either sign, which are added to an equal share of the rest."""

    adjustments: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a bill: its price in minor units and the members who share it equally."""

    name: str
    amount_minor: int
    member_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemizedSplit:
    """Lines of a bill. Tax and tip, in minor units >= 0, are spread in proportion to the lines."""

    items: tuple[Item, ...]
    tax_minor: int
    tip_minor: int


@dataclass(frozen=True, slots=True)
class UsualSplit:
    """That of an expense without a split. A use case puts the default of the event in its place."""


class NamedMember(NamedTuple):
    """A member that a split names. path: of the field, relative to the expense."""

    path: str
    member_id: str


Split = (
    EqualSplit
    | WeightsSplit
    | PercentSplit
    | ExactSplit
    | AdjustedSplit
    | ItemizedSplit
    | UsualSplit
)

# The modes with one number for each member: their names on the wire and in storage.
_MODES: dict[type[WeightsSplit | PercentSplit | ExactSplit | AdjustedSplit], str] = {
    WeightsSplit: "weights",
    PercentSplit: "percent",
    ExactSplit: "exact",
    AdjustedSplit: "adjusted",
}


def split_amount(
    amount_minor: int, split: Split, *, expense_id: str, currency_code: str, field: str = "split"
) -> dict[str, int]:
    """Beneficiary to owed minor units >= 0, which sum to `amount_minor`; zeros are kept.

    expense_id: decides ties about odd cents. field: path of the split, for errors.
    Raises InvalidArgument: SPLIT_EMPTY, MEMBER_DUPLICATE, WEIGHT_OUT_OF_RANGE, WEIGHTS_ALL_ZERO,
    PERCENT_OUT_OF_RANGE, AMOUNT_NEGATIVE, AMOUNT_NOT_POSITIVE, SHARE_NEGATIVE or SUM_MISMATCH,
    whose metadata are `expected`, `actual` and `difference` (actual minus expected).
    """
    match split:
        case EqualSplit(member_ids):
            path = f"{field}.equal.member_ids"
            check_members(member_ids, path, path + "[{}]")
            return apportion(amount_minor, dict.fromkeys(member_ids, 1), key=expense_id)
        case WeightsSplit(weights):
            check_weights(weights, f"{field}.weights.parts", split.scale)
            return apportion(amount_minor, dict(weights), key=expense_id)
        case PercentSplit(percents):
            check_percents(percents, f"{field}.percent.parts")
            return apportion(amount_minor, dict(percents), key=expense_id)
        case ExactSplit(amounts):
            check_exact(amounts, f"{field}.exact.parts", amount_minor, currency_code)
            return dict(amounts)
        case AdjustedSplit(adjustments):
            path = f"{field}.adjusted.parts"
            return _split_adjusted(amount_minor, adjustments, path, expense_id, currency_code)
        case ItemizedSplit():
            _check_itemized(split, f"{field}.itemized", amount_minor, currency_code)
            # The whole bill is apportioned at once. Apportioning each line would add up rounding
            # errors. A member's weight is the exact part of the lines, over a common denominator.
            return apportion(amount_minor, _item_weights(split.items), key=expense_id)
        case UsualSplit():
            raise AssertionError("a split that is not filled in divides no amount")


def beneficiaries(split: Split) -> tuple[str, ...]:
    """The distinct member ids of a split, in the order in which they first occur."""
    return tuple(dict.fromkeys(named.member_id for named in named_members(split)))


def named_members(split: Split) -> Iterator[NamedMember]:
    match split:
        case EqualSplit(member_ids):
            for index, member in enumerate(member_ids):
                yield NamedMember(f"split.equal.member_ids[{index}]", member)
        case ItemizedSplit(items):
            for line, item in enumerate(items):
                for index, member in enumerate(item.member_ids):
                    path = f"split.itemized.items[{line}].member_ids[{index}]"
                    yield NamedMember(path, member)
        case WeightsSplit(parts) | PercentSplit(parts) | ExactSplit(parts) | AdjustedSplit(parts):
            for index, (member, _) in enumerate(parts):
                path = f"split.{_MODES[type(split)]}.parts[{index}].member_id"
                yield NamedMember(path, member)
        case UsualSplit():
            return


def _split_adjusted(
    amount_minor: int, adjustments: Parts, path: str, expense_id: str, currency_code: str
) -> dict[str, int]:
    """Each member's own adjustment, plus an equal share of the rest."""
    check_part_members(adjustments, path)
    rest = amount_minor - sum(adjustment for _, adjustment in adjustments)
    equal = apportion(rest, {member: 1 for member, _ in adjustments}, key=expense_id)
    owed: dict[str, int] = {}
    wrong = Violations()
    for index, (member, adjustment) in enumerate(adjustments):
        owed[member] = equal[member] + adjustment
        if owed[member] < 0:
            with wrong:
                raise invalid(
                    f"{path}[{index}].adjustment",
                    "SHARE_NEGATIVE",
                    f"{format_amount(adjustment, currency_code)} {currency_code} plus an equal share "
                    f"of {format_amount(equal[member], currency_code)} {currency_code} makes "
                    f"{format_amount(owed[member], currency_code)} {currency_code}; "
                    "a share must not be negative.",
                )
    wrong.raise_any()
    return owed


def _check_itemized(split: ItemizedSplit, path: str, amount_minor: int, currency_code: str) -> None:
    if not split.items:
        raise invalid(
            f"{path}.items", "SPLIT_EMPTY", "The list of items is empty; add at least one item."
        )
    wrong = Violations()
    for index, item in enumerate(split.items):
        item_path = f"{path}.items[{index}]"
        if item.amount_minor <= 0:
            with wrong:
                raise invalid(
                    f"{item_path}.amount",
                    "AMOUNT_NOT_POSITIVE",
                    f"{format_amount(item.amount_minor, currency_code)!r} must be more than zero.",
                )
        members_path = f"{item_path}.member_ids"
        with wrong:
            check_members(item.member_ids, members_path, members_path + "[{}]")
    with wrong:
        check_not_negative(split.tax_minor, f"{path}.tax", currency_code)
    with wrong:
        check_not_negative(split.tip_minor, f"{path}.tip", currency_code)
    wrong.raise_any()
    lines = sum(item.amount_minor for item in split.items)
    check_sum(
        path,
        "lines, tax and tip",
        expected_minor=amount_minor,
        actual_minor=lines + split.tax_minor + split.tip_minor,
        currency_code=currency_code,
    )


def _item_weights(items: Sequence[Item]) -> dict[str, int]:
    """Each member's exact part of the lines, times the least common multiple of the lines' member counts."""
    scale = lcm(*(len(item.member_ids) for item in items))
    weights: dict[str, int] = {}
    for item in items:
        for member in item.member_ids:
            part = item.amount_minor * (scale // len(item.member_ids))
            weights[member] = weights.get(member, 0) + part
    return weights


def split_to_json(split: Split) -> dict[str, Any]:
    """The split as it is stored: JSON values, with amounts and percentages as integers."""
    match split:
        case EqualSplit(member_ids):
            return {"mode": "equal", "member_ids": list(member_ids)}
        case WeightsSplit():
            return _weights_to_json(split)
        case PercentSplit(parts) | ExactSplit(parts) | AdjustedSplit(parts):
            return {"mode": _MODES[type(split)], "parts": [list(part) for part in parts]}
        case ItemizedSplit(items, tax_minor, tip_minor):
            lines = [
                {"name": i.name, "amount_minor": i.amount_minor, "member_ids": list(i.member_ids)}
                for i in items
            ]
            return {
                "mode": "itemized",
                "items": lines,
                "tax_minor": tax_minor,
                "tip_minor": tip_minor,
            }
        case UsualSplit():
            raise AssertionError("a split that is not filled in is not stored")


def _weights_to_json(split: WeightsSplit) -> dict[str, Any]:
    """An own weight is null. A program that does not know the scale reads the same proportions."""
    parts = [[each, None if weight == OWN_WEIGHT else weight] for each, weight in split.weights]
    stored = {"mode": "weights", "parts": parts}
    return stored if split.scale == 1 else stored | {"scale": split.scale}


def _weights_from_json(stored: dict[str, Any]) -> WeightsSplit:
    parts = stored["parts"]
    weights = tuple((each, OWN_WEIGHT if weight is None else weight) for each, weight in parts)
    return WeightsSplit(weights, stored.get("scale", 1))


def split_from_json(stored: dict[str, Any]) -> Split:
    """The inverse of `split_to_json`. Raises ValueError for an unknown mode."""
    match stored["mode"]:
        case "equal":
            return EqualSplit(tuple(stored["member_ids"]))
        case "weights":
            return _weights_from_json(stored)
        case "itemized":
            items = tuple(
                Item(line["name"], line["amount_minor"], tuple(line["member_ids"]))
                for line in stored["items"]
            )
            return ItemizedSplit(items, stored["tax_minor"], stored["tip_minor"])
    for kind, mode in _MODES.items():
        if mode == stored["mode"]:
            return kind(tuple((member_id, value) for member_id, value in stored["parts"]))
    raise ValueError(f"{stored['mode']!r} is not a stored mode of a split")
