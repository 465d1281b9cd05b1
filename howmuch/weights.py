"""Weights: numbers of shares, with at most 3 fraction digits. The ledger has them as integers with a scale.

A weight of 0 means that the member takes part and owes nothing.
"""

import re
from collections.abc import Iterable
from decimal import Decimal

from howmuch.errors import invalid
from howmuch.ledger.money import clip
from howmuch.ledger.split import OWN_WEIGHT, WeightsSplit
from howmuch.ledger.split_rules import MAX_WEIGHT, weight_out_of_range

Weight = int | Decimal
"""An int if it is whole, else a Decimal without trailing zeros."""

WEIGHT_DIGITS = 3
"""Fraction digits that a weight may have."""
SCALE = 1_000
"""Thousandths of a weight of 1."""

# \d would also match digits of other scripts.
_DECIMAL = re.compile(r"([0-9]+)(?:\.([0-9]+))?")


def parse_weight(text: str, field: str) -> Weight:
    """The weight of a decimal string: "2", "0.5".

    Raises InvalidArgument for `field`: WEIGHT_MALFORMED, WEIGHT_TOO_PRECISE or WEIGHT_OUT_OF_RANGE.
    """
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise invalid(
            field,
            "WEIGHT_MALFORMED",
            f"{clip(text)} is not a weight; write digits and at most one '.', such as '0.5'.",
        )
    whole, fraction = match[1].lstrip("0"), (match[2] or "").rstrip("0")
    if len(fraction) > WEIGHT_DIGITS:
        raise invalid(
            field,
            "WEIGHT_TOO_PRECISE",
            f"{clip(text)} has {len(fraction)} fraction digits; a weight has at most {WEIGHT_DIGITS}.",
        )
    # The length is checked first, because int() refuses strings of several thousand digits.
    if len(whole) > len(str(MAX_WEIGHT)):
        raise weight_out_of_range(clip(text), field)
    return check_weight(of_thousandths(int(whole + fraction.ljust(WEIGHT_DIGITS, "0"))), field)


def check_weight(weight: Weight, field: str) -> Weight:
    """The weight, from 0 to 1_000_000. Raises WEIGHT_OUT_OF_RANGE for `field`."""
    if not 0 <= weight <= MAX_WEIGHT:
        raise weight_out_of_range(format_weight(weight), field)
    return weight


def format_weight(weight: Weight) -> str:
    """The shortest decimal string: "2", "0.5"."""
    return str(weight) if isinstance(weight, int) else f"{weight:f}"


def thousandths(weight: Weight) -> int:
    """The weight as an integer of thousandths, which is exact."""
    return int(weight * SCALE)


def of_thousandths(number: int) -> Weight:
    """The inverse of `thousandths`."""
    whole, rest = divmod(number, SCALE)
    return Decimal(number).scaleb(-WEIGHT_DIGITS).normalize() if rest else whole


def whole_at_least_one(weight: Weight) -> int:
    """The weight for programs that know only whole weights from 1: rounded up."""
    rounded_up = -(-thousandths(weight) // SCALE)
    return max(1, rounded_up)


def weights_split(parts: Iterable[tuple[str, Weight]]) -> WeightsSplit:
    """The split by these weights, of which OWN_WEIGHT stays as it is."""
    listed = list(parts)
    if all(isinstance(weight, int) for _, weight in listed):
        return WeightsSplit(tuple((member, int(weight)) for member, weight in listed))
    return WeightsSplit(
        tuple(
            (member, OWN_WEIGHT if weight == OWN_WEIGHT else thousandths(weight))
            for member, weight in listed
        ),
        scale=SCALE,
    )


def weights_of(split: WeightsSplit) -> list[tuple[str, Weight]]:
    """The inverse of `weights_split`."""
    factor = SCALE // split.scale
    return [
        (member, OWN_WEIGHT if number == OWN_WEIGHT else of_thousandths(number * factor))
        for member, number in split.weights
    ]
