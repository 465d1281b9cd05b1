"""The counts of an expense, and the exact bounds of one call."""

import datetime as dt

import pytest

from howmuch.errors import InvalidArgument
from howmuch.ledger.shares import Kind
from howmuch.ledger.split import EqualSplit, Item, ItemizedSplit, Split, WeightsSplit
from howmuch.model import Draft, Payment
from howmuch.usecases.expense_size import Input, check_size, count_pairs, count_shares

FOUR = ("a", "b", "c", "d")


def draft(payers: int, split: Split) -> Draft:
    payments = tuple(Payment(str(number), 1) for number in range(payers))
    date = dt.date(2026, 11, 30)
    return Draft(Kind.EXPENSE, "Dinner", date, "", "", "EUR", payers, payments, split)


def of(payers: int, sharers: int) -> Input:
    names = tuple(map(str, range(sharers)))
    return Input(draft(payers, EqualSplit(names)), "expense")


@pytest.mark.parametrize(
    ("split", "sharers"),
    [
        (EqualSplit(FOUR), 4),
        (EqualSplit(()), 70),
        (WeightsSplit(tuple((name, 1) for name in FOUR)), 4),
        (ItemizedSplit((Item("Soup", 1, FOUR), Item("Wine", 1, FOUR[:2])), 0, 0), 6),
    ],
    ids=["equal", "all members", "weights", "bill"],
)
def test_expense_counts_its_payers_and_all_names_of_its_split(split: Split, sharers: int) -> None:
    """Members who share because nobody is named count, and each line of a bill counts."""
    assert count_shares(draft(3, split), everybody=70) == 3 + sharers
    assert count_pairs(draft(3, split), everybody=70) == 3 * sharers


@pytest.mark.parametrize(
    ("fits", "is_too_large", "field"),
    [
        ([of(5, 2_000)], [of(5, 2_001)], "expense.payments"),
        ([of(1, 9_999)], [of(1, 10_000)], "expense.split"),
        ([of(1, 4_999)] * 2, [of(1, 4_999), of(1, 5_000)], "expenses"),
        ([of(50, 100)] * 2, [of(50, 100), of(50, 101)], "expenses"),
    ],
    ids=["pairs of one", "shares of one", "shares together", "pairs together"],
)
def test_size_of_a_call_has_an_exact_bound(
    fits: list[Input], is_too_large: list[Input], field: str
) -> None:
    """The largest call is accepted, and one with a member more is refused."""
    check_size(fits)
    with pytest.raises(InvalidArgument) as raised:
        check_size(is_too_large)
    assert raised.value.violations[0].field == field
