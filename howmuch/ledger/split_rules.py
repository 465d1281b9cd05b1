"""The rules for the parts of a split, each with its error."""

from collections.abc import Sequence

from howmuch.errors import InvalidArgument, Violations, invalid
from howmuch.ledger.money import (
    WHOLE_PERCENT,
    check_sum,
    format_amount,
    format_percent,
    sum_mismatch,
)

MAX_WEIGHT = 1_000_000

Parts = Sequence[tuple[str, int]]
"""Pairs of member id and value, in the order of the request."""


def check_members(member_ids: Sequence[str], list_field: str, member_field: str) -> None:
    """Raises SPLIT_EMPTY for `list_field`, or MEMBER_DUPLICATE as `check_distinct` does."""
    if not member_ids:
        raise invalid(
            list_field, "SPLIT_EMPTY", "The list of members is empty; name at least one member."
        )
    check_distinct(member_ids, member_field)


def check_distinct(member_ids: Sequence[str], member_field: str) -> None:
    """Raises MEMBER_DUPLICATE for `member_field`, whose {} becomes the index of each further occurrence."""
    first_index: dict[str, int] = {}
    wrong = Violations()
    for index, member in enumerate(member_ids):
        if first_index.setdefault(member, index) != index:
            with wrong:
                raise invalid(
                    member_field.format(index),
                    "MEMBER_DUPLICATE",
                    f"{member!r} is already listed at index {first_index[member]}; list each member once.",
                )
    wrong.raise_any()


def check_part_members(parts: Parts, path: str) -> None:
    """Raises SPLIT_EMPTY or MEMBER_DUPLICATE. path: the field of the list of parts."""
    check_members([member for member, _ in parts], path, path + "[{}].member_id")


def check_weights(weights: Parts, path: str, scale: int) -> None:
    """Members as above; WEIGHT_OUT_OF_RANGE, or WEIGHTS_ALL_ZERO. scale: of the weights."""
    wrong = Violations()
    with wrong:
        check_part_members(weights, path)
    for index, (_, weight) in enumerate(weights):
        if not 0 <= weight <= MAX_WEIGHT * scale:
            with wrong:
                raise weight_out_of_range(str(weight // scale), f"{path}[{index}].weight")
    wrong.raise_any()
    check_not_all_zero(weights, path)


def check_not_all_zero(weights: Parts, path: str) -> None:
    """Raises WEIGHTS_ALL_ZERO for `path` unless one weight is above 0."""
    if not any(weight for _, weight in weights):
        raise invalid(
            path,
            "WEIGHTS_ALL_ZERO",
            "Every weight is 0, so no member would owe the amount; give one member a weight above 0.",
        )


def weight_out_of_range(shown: str, field: str) -> InvalidArgument:
    """The error for a weight that is too large, or below zero."""
    return invalid(
        field,
        "WEIGHT_OUT_OF_RANGE",
        f"{shown} is not a weight; it must be from 0 to {MAX_WEIGHT:,}.",
    )


def check_percents(percents: Parts, path: str) -> None:
    """Members as above; PERCENT_OUT_OF_RANGE, or SUM_MISMATCH unless they sum to 100 %."""
    wrong = Violations()
    with wrong:
        check_part_members(percents, path)
    for index, (_, units) in enumerate(percents):
        if not 0 <= units <= WHOLE_PERCENT:
            with wrong:
                raise invalid(
                    f"{path}[{index}].percent",
                    "PERCENT_OUT_OF_RANGE",
                    f"{format_percent(units)} must be from 0 to 100.",
                )
    wrong.raise_any()
    actual = sum(units for _, units in percents)
    if actual != WHOLE_PERCENT:
        raise sum_mismatch(
            path,
            "percentages",
            expected=format_percent(WHOLE_PERCENT),
            actual=format_percent(actual),
            difference=format_percent(actual - WHOLE_PERCENT),
            unit="%",
        )


def check_exact(amounts: Parts, path: str, amount_minor: int, currency_code: str) -> None:
    """Members as above; AMOUNT_NEGATIVE, or SUM_MISMATCH unless they sum to the amount."""
    wrong = Violations()
    with wrong:
        check_part_members(amounts, path)
    for index, (_, part) in enumerate(amounts):
        with wrong:
            check_not_negative(part, f"{path}[{index}].amount", currency_code)
    wrong.raise_any()
    check_sum(
        path,
        "exact amounts",
        expected_minor=amount_minor,
        actual_minor=sum(part for _, part in amounts),
        currency_code=currency_code,
    )


def check_not_negative(minor: int, path: str, currency_code: str) -> None:
    """Raises AMOUNT_NEGATIVE for the field `path` unless `minor` >= 0."""
    if minor < 0:
        raise invalid(
            path,
            "AMOUNT_NEGATIVE",
            f"{format_amount(minor, currency_code)!r} must not be negative.",
        )
