"""The six ways to divide a cost, and what each member owes by them.

Field paths in errors are those of the message `Split`: `split.weights.parts[1].weight`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import lcm
from typing import Any

from howmuch.errors import invalid
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


@dataclass(frozen=True, slots=True)
class EqualSplit:
    """Every listed member owes the same."""

    member_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WeightsSplit:
    """In proportion to whole numbers from 1 to 1_000_000: pairs of member id and weight."""

    weights: tuple[tuple[str, int], ...]


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
    """Pairs of member id and minor units, of either sign, beside an equal share of the rest."""

    adjustments: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a bill: its price in minor units and the members who share it equally."""

    name: str
    amount_minor: int
    member_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemizedSplit:
    """Lines of a bill; tax and tip, in minor units >= 0, spread in proportion to the lines."""

    items: tuple[Item, ...]
    tax_minor: int
    tip_minor: int


Split = EqualSplit | WeightsSplit | PercentSplit | ExactSplit | AdjustedSplit | ItemizedSplit

# The modes that give every member one number, by their names on the wire and in storage.
_MODES: dict[type[WeightsSplit | PercentSplit | ExactSplit | AdjustedSplit], str] = {
    WeightsSplit: "weights",
    PercentSplit: "percent",
    ExactSplit: "exact",
    AdjustedSplit: "adjusted",
}


def split_amount(
    amount_minor: int, split: Split, *, expense_id: str, currency_code: str, field: str = "split"
) -> dict[str, int]:
    """What each beneficiary owes, in minor units >= 0 that sum to `amount_minor`; zeros are kept.

    expense_id: decides who gets the odd cent. field: path of the split, for errors.
    Raises InvalidArgument: SPLIT_EMPTY, MEMBER_DUPLICATE, WEIGHT_OUT_OF_RANGE,
    PERCENT_OUT_OF_RANGE, AMOUNT_NEGATIVE, AMOUNT_NOT_POSITIVE, SHARE_NEGATIVE or SUM_MISMATCH,
    whose metadata are `expected`, `actual` and `difference` (actual minus expected).
    """
    match split:
        case EqualSplit(member_ids):
            path = f"{field}.equal.member_ids"
            check_members(member_ids, path, path + "[{}]")
            return apportion(amount_minor, dict.fromkeys(member_ids, 1), key=expense_id)
        case WeightsSplit(weights):
            check_weights(weights, f"{field}.weights.parts")
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
            # One apportioning of the whole bill, so that nobody is off by a cent per line: the
            # weight of a member is their exact part of the lines, over a common denominator.
            weights_by_member = _item_weights(split.items)
            return apportion(amount_minor, weights_by_member, key=expense_id)


def beneficiaries(split: Split) -> tuple[str, ...]:
    """The distinct member ids of a split, in the order in which they first occur."""
    return tuple(dict.fromkeys(member for _, member in member_places(split)))


def member_places(split: Split) -> Iterator[tuple[str, str]]:
    """Field path, relative to the expense, and id of every member that the split names."""
    match split:
        case EqualSplit(member_ids):
            for index, member in enumerate(member_ids):
                yield f"split.equal.member_ids[{index}]", member
        case ItemizedSplit(items):
            for index, item in enumerate(items):
                for place, member in enumerate(item.member_ids):
                    yield f"split.itemized.items[{index}].member_ids[{place}]", member
        case WeightsSplit(parts) | PercentSplit(parts) | ExactSplit(parts) | AdjustedSplit(parts):
            for index, (member, _) in enumerate(parts):
                yield f"split.{_MODES[type(split)]}.parts[{index}].member_id", member


def _split_adjusted(
    amount_minor: int,
    adjustments: Parts,
    path: str,
    expense_id: str,
    currency_code: str,
) -> dict[str, int]:
    """The equal share of what the adjustments leave over, plus each member's own adjustment."""
    check_part_members(adjustments, path)
    rest = amount_minor - sum(adjustment for _, adjustment in adjustments)
    equal = apportion(rest, {member: 1 for member, _ in adjustments}, key=expense_id)
    owed: dict[str, int] = {}
    for index, (member, adjustment) in enumerate(adjustments):
        owed[member] = equal[member] + adjustment
        if owed[member] < 0:
            raise invalid(
                f"{path}[{index}].adjustment",
                "SHARE_NEGATIVE",
                f"{format_amount(adjustment, currency_code)} {currency_code} beside an equal share "
                f"of {format_amount(equal[member], currency_code)} {currency_code} makes "
                f"{format_amount(owed[member], currency_code)} {currency_code}; "
                "nobody's share may be negative.",
            )
    return owed


def _check_itemized(split: ItemizedSplit, path: str, amount_minor: int, currency_code: str) -> None:
    if not split.items:
        raise invalid(f"{path}.items", "SPLIT_EMPTY", "[] has no line; at least one is required.")
    for index, item in enumerate(split.items):
        item_path = f"{path}.items[{index}]"
        if item.amount_minor <= 0:
            raise invalid(
                f"{item_path}.amount",
                "AMOUNT_NOT_POSITIVE",
                f"{format_amount(item.amount_minor, currency_code)!r} must be more than zero.",
            )
        members_path = f"{item_path}.member_ids"
        check_members(item.member_ids, members_path, members_path + "[{}]")
    check_not_negative(split.tax_minor, f"{path}.tax", currency_code)
    check_not_negative(split.tip_minor, f"{path}.tip", currency_code)
    lines = sum(item.amount_minor for item in split.items)
    check_sum(
        path,
        "lines, tax and tip",
        expected_minor=amount_minor,
        actual_minor=lines + split.tax_minor + split.tip_minor,
        currency_code=currency_code,
    )


def _item_weights(items: Sequence[Item]) -> dict[str, int]:
    """Each member's exact part of the lines, times the common multiple of the sharers' counts."""
    scale = lcm(*(len(item.member_ids) for item in items))
    weights: dict[str, int] = {}
    for item in items:
        for member in item.member_ids:
            part = item.amount_minor * (scale // len(item.member_ids))
            weights[member] = weights.get(member, 0) + part
    return weights


def split_to_json(split: Split) -> dict[str, Any]:
    """The split as stored: JSON values only, amounts and percentages as integers."""
    match split:
        case EqualSplit(member_ids):
            return {"mode": "equal", "member_ids": list(member_ids)}
        case WeightsSplit(parts) | PercentSplit(parts) | ExactSplit(parts) | AdjustedSplit(parts):
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


def split_from_json(stored: dict[str, Any]) -> Split:
    """The inverse of `split_to_json`. Raises ValueError for a mode that it does not write."""
    match stored["mode"]:
        case "equal":
            return EqualSplit(tuple(stored["member_ids"]))
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
