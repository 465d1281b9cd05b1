"""The six split modes: what each member owes, and every refusal with its field."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from howmuch.errors import InvalidArgument
from howmuch.ledger.split import (
    AdjustedSplit,
    EqualSplit,
    ExactSplit,
    Item,
    ItemizedSplit,
    PercentSplit,
    Split,
    WeightsSplit,
    beneficiaries,
    split_amount,
    split_from_json,
    split_to_json,
)


def owed(amount_minor: int, split: Split, currency_code: str = "EUR") -> dict[str, int]:
    return split_amount(amount_minor, split, expense_id="expense_1", currency_code=currency_code)


@pytest.mark.parametrize(
    ("amount_minor", "split", "expected"),
    [
        (1000, EqualSplit(("a", "b")), {"a": 500, "b": 500}),
        (1000, WeightsSplit((("a", 1), ("b", 3))), {"a": 250, "b": 750}),
        (1, WeightsSplit((("a", 1), ("b", 1_000_000))), {"a": 0, "b": 1}),
        (200, PercentSplit((("a", 250_000), ("b", 750_000))), {"a": 50, "b": 150}),
        (1000, ExactSplit((("a", 0), ("b", 1000))), {"a": 0, "b": 1000}),
        (1000, AdjustedSplit((("a", 200), ("b", 0))), {"a": 600, "b": 400}),
        (1000, AdjustedSplit((("a", -1000), ("b", 0))), {"a": 0, "b": 1000}),
        (1000, AdjustedSplit((("a", 900), ("b", 300))), {"a": 800, "b": 200}),
        (
            1320,
            ItemizedSplit((Item("soup", 400, ("a",)), Item("wine", 800, ("a", "b"))), 24, 96),
            {"a": 880, "b": 440},
        ),
    ],
)
def test_split_modes(amount_minor: int, split: Split, expected: dict[str, int]) -> None:
    """Each mode divides as its name says; a share of zero is kept."""
    assert owed(amount_minor, split) == expected


@pytest.mark.parametrize(
    ("amount_minor", "currency_code", "parts"),
    [
        (1000, "JPY", [333, 333, 334]),
        (1000, "EUR", [333, 333, 334]),
        (10_000, "KWD", [3333, 3333, 3334]),
    ],
)
def test_l06_equal_thirds_in_currencies_of_0_2_and_3_digits(
    amount_minor: int, currency_code: str, parts: list[int]
) -> None:
    """The odd unit is the currency's own: a yen, a cent, a fils."""
    assert sorted(owed(amount_minor, EqualSplit(("a", "b", "c")), currency_code).values()) == parts


def test_itemized_lines_are_rounded_once() -> None:
    """Twenty lines of 0.10 shared by three come to 0.67 at most, not to twenty odd cents."""
    items = tuple(Item(f"line {number}", 10, ("a", "b", "c")) for number in range(20))
    assert sorted(owed(200, ItemizedSplit(items, 0, 0)).values()) == [66, 67, 67]


A, B, C = (("a", 1), ("b", 1), ("a", 1))
LINE = Item("soup", 100, ("a",))


@pytest.mark.parametrize(
    ("split", "reason", "field"),
    [
        (EqualSplit(()), "SPLIT_EMPTY", "split.equal.member_ids"),
        (EqualSplit(("a", "b", "a")), "MEMBER_DUPLICATE", "split.equal.member_ids[2]"),
        (WeightsSplit(()), "SPLIT_EMPTY", "split.weights.parts"),
        (WeightsSplit((A, B, C)), "MEMBER_DUPLICATE", "split.weights.parts[2].member_id"),
        (WeightsSplit((A, ("b", -1))), "WEIGHT_OUT_OF_RANGE", "split.weights.parts[1].weight"),
        (WeightsSplit((("a", 0), ("b", 0))), "WEIGHTS_ALL_ZERO", "split.weights.parts"),
        (WeightsSplit((("b", 10**6 + 1),)), "WEIGHT_OUT_OF_RANGE", "split.weights.parts[0].weight"),
        (PercentSplit(()), "SPLIT_EMPTY", "split.percent.parts"),
        (PercentSplit((A, B, C)), "MEMBER_DUPLICATE", "split.percent.parts[2].member_id"),
        (PercentSplit((("a", -1),)), "PERCENT_OUT_OF_RANGE", "split.percent.parts[0].percent"),
        (
            PercentSplit((("a", 10**6 + 1),)),
            "PERCENT_OUT_OF_RANGE",
            "split.percent.parts[0].percent",
        ),
        (PercentSplit((A, B)), "SUM_MISMATCH", "split.percent.parts"),
        (ExactSplit(()), "SPLIT_EMPTY", "split.exact.parts"),
        (ExactSplit((A, B, C)), "MEMBER_DUPLICATE", "split.exact.parts[2].member_id"),
        (ExactSplit((("a", 200), ("b", -100))), "AMOUNT_NEGATIVE", "split.exact.parts[1].amount"),
        (ExactSplit((A, B)), "SUM_MISMATCH", "split.exact.parts"),
        (AdjustedSplit(()), "SPLIT_EMPTY", "split.adjusted.parts"),
        (AdjustedSplit((A, B, C)), "MEMBER_DUPLICATE", "split.adjusted.parts[2].member_id"),
        (
            AdjustedSplit((("a", 0), ("b", -102))),
            "SHARE_NEGATIVE",
            "split.adjusted.parts[1].adjustment",
        ),
        (ItemizedSplit((), 0, 0), "SPLIT_EMPTY", "split.itemized.items"),
        (
            ItemizedSplit((LINE, Item("tea", 0, ("a",))), 0, 0),
            "AMOUNT_NOT_POSITIVE",
            "split.itemized.items[1].amount",
        ),
        (
            ItemizedSplit((Item("tea", 100, ()),), 0, 0),
            "SPLIT_EMPTY",
            "split.itemized.items[0].member_ids",
        ),
        (
            ItemizedSplit((Item("tea", 100, ("a", "a")),), 0, 0),
            "MEMBER_DUPLICATE",
            "split.itemized.items[0].member_ids[1]",
        ),
        (ItemizedSplit((LINE,), -1, 1), "AMOUNT_NEGATIVE", "split.itemized.tax"),
        (ItemizedSplit((LINE,), 1, -1), "AMOUNT_NEGATIVE", "split.itemized.tip"),
        (ItemizedSplit((LINE,), 1, 0), "SUM_MISMATCH", "split.itemized"),
    ],
)
def test_split_refused(split: Split, reason: str, field: str) -> None:
    """A split of 1.00 that breaks a rule is refused by the path of the field that breaks it."""
    with pytest.raises(InvalidArgument) as caught:
        owed(100, split)
    assert caught.value.reason == reason
    assert caught.value.violations[0].field == field
    assert caught.value.violations[0].description.endswith(".")


def test_split_field_path_of_the_caller() -> None:
    """The caller's path of the split leads the path of the field."""
    with pytest.raises(InvalidArgument) as caught:
        split_amount(1, EqualSplit(()), expense_id="e", currency_code="EUR", field="expense.split")
    assert caught.value.violations[0].field == "expense.split.equal.member_ids"


@pytest.mark.parametrize(
    ("split", "metadata", "difference"),
    [
        (
            ExactSplit((("a", 500), ("b", 498))),
            {"expected": "10.00", "actual": "9.98", "difference": "-0.02"},
            "difference -0.02 EUR",
        ),
        (
            ItemizedSplit((Item("soup", 900, ("a",)),), 100, 5),
            {"expected": "10.00", "actual": "10.05", "difference": "0.05"},
            "difference +0.05 EUR",
        ),
        (
            PercentSplit((("a", 333_333), ("b", 333_333), ("c", 333_333))),
            {"expected": "100", "actual": "99.9999", "difference": "-0.0001"},
            "difference -0.0001 %",
        ),
    ],
)
def test_l04_a_sum_that_does_not_fit_says_the_difference(
    split: Split, metadata: dict[str, str], difference: str
) -> None:
    """The error carries expected, actual and signed difference, in the text and as values."""
    with pytest.raises(InvalidArgument) as caught:
        owed(1000, split)
    assert caught.value.reason == "SUM_MISMATCH"
    assert caught.value.metadata == metadata
    text = caught.value.violations[0].description
    assert metadata["expected"] in text
    assert metadata["actual"] in text
    assert difference in text


ids = st.lists(st.text("abcdef", min_size=1, max_size=2), min_size=1, max_size=8, unique=True)
minor = st.integers(0, 10**10)


@st.composite
def amounts_and_splits(draw: st.DrawFn) -> tuple[int, Split]:
    """An amount, and a split of any mode that fits it."""
    members = draw(ids)
    numbers = draw(st.lists(minor, min_size=len(members), max_size=len(members)))
    parts = tuple(zip(members, numbers, strict=True))
    match draw(st.sampled_from(["equal", "weights", "percent", "exact", "adjusted", "itemized"])):
        case "equal":
            return draw(minor), EqualSplit(tuple(members))
        case "weights":
            return draw(minor), WeightsSplit(tuple((m, n % 10**6 + 1) for m, n in parts))
        case "percent":
            percents = [(m, n % 100_000 + 1) for m, n in parts[1:]]
            rest = 1_000_000 - sum(n for _, n in percents)
            return draw(minor), PercentSplit(((members[0], rest), *percents))
        case "exact":
            return sum(numbers), ExactSplit(parts)
        case "adjusted":
            return sum(numbers) + draw(minor), AdjustedSplit(parts)
        case _:
            items = tuple(
                Item(f"line {i}", n + 1, tuple(members[: i + 1])) for i, n in enumerate(numbers)
            )
            tax, tip = draw(minor), draw(minor)
            total = sum(item.amount_minor for item in items) + tax + tip
            return total, ItemizedSplit(items, tax, tip)


@given(amounts_and_splits(), st.text(max_size=8))
def test_l01_shares_of_every_mode_sum_to_the_amount(
    amount_and_split: tuple[int, Split], expense_id: str
) -> None:
    """Whatever the mode, the shares are not negative and sum to the amount exactly."""
    amount_minor, split = amount_and_split
    shares = split_amount(amount_minor, split, expense_id=expense_id, currency_code="EUR")
    assert sum(shares.values()) == amount_minor
    assert min(shares.values()) >= 0
    assert tuple(shares) == beneficiaries(split)


@given(amounts_and_splits())
def test_split_json_round_trip(amount_and_split: tuple[int, Split]) -> None:
    """A stored split is read back as it was."""
    split = amount_and_split[1]
    assert split_from_json(json.loads(json.dumps(split_to_json(split)))) == split


def test_split_json_of_an_unknown_mode() -> None:
    """A mode that was never written is not guessed at."""
    with pytest.raises(ValueError, match="'thirds'"):
        split_from_json({"mode": "thirds"})
