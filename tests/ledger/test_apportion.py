"""Integers divided: exact sums, parts next to their exact value, and fair ties."""

from collections import Counter
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from howmuch.ledger.apportion import apportion, apportion_matrix

members = st.text("abcdefgh", min_size=1, max_size=3)
amounts = st.integers(0, 10**13)
keys = st.text(max_size=10)


@given(
    st.integers(-(10**13), 10**13),
    st.dictionaries(members, st.integers(0, 10**6), min_size=1, max_size=12).filter(
        lambda weights: any(weights.values())
    ),
    keys,
)
def test_l01_parts_always_sum_to_the_total(total: int, weights: dict[str, int], key: str) -> None:
    """Every part is the exact value rounded down or up, and no unit is lost or made."""
    parts = apportion(total, weights, key=key)
    assert sum(parts.values()) == total
    assert list(parts) == list(weights)
    for member, weight in weights.items():
        exact = Fraction(total * weight, sum(weights.values()))
        assert floor(exact) <= parts[member] <= ceil(exact)


def test_l01_thirty_in_seven_parts() -> None:
    """30.00 in seven parts is 30.00, not seven times 4.29."""
    parts = apportion(3000, dict.fromkeys("abcdefg", 1), key="dinner")
    assert Counter(parts.values()) == {428: 3, 429: 4}


@given(st.integers(0, 10**6), st.permutations("abcdefg"), keys)
def test_apportion_does_not_depend_on_the_order(total: int, order: list[str], key: str) -> None:
    """Listing the members differently moves no cent."""
    assert apportion(total, dict.fromkeys(order, 1), key=key) == apportion(
        total, dict.fromkeys("abcdefg", 1), key=key
    )


def test_apportion_is_fixed_for_ever() -> None:
    """The order of ties is part of the contract: stored shares would differ from new ones."""
    assert apportion(1000, dict.fromkeys("abc", 1), key="expense_1") == {
        "a": 333,
        "b": 333,
        "c": 334,
    }
    assert apportion(1001, dict.fromkeys("abc", 1), key="expense_1") == {
        "a": 333,
        "b": 334,
        "c": 334,
    }


def test_apportion_favours_nobody() -> None:
    """In 1,000 three-way splits of 10.00 each member gets the odd cent 270 to 400 times."""
    three = [f"member_01jd3kq4w{i}e8v9x7yz5abcdefg" for i in "abc"]
    won: Counter[str] = Counter()
    for number in range(1000):
        expense_id = f"expense_01jd3kq4w0e8v9x7yz5abc{number:04}"
        parts = apportion(1000, dict.fromkeys(three, 1), key=expense_id)
        won[max(parts, key=lambda member: parts[member])] += 1
    assert all(270 <= won[member] <= 400 for member in three), won


@pytest.mark.parametrize("weights", [{}, {"a": 0}, {"a": 2, "b": -1}])
def test_apportion_refuses_weights(weights: dict[str, int]) -> None:
    """Negative weights, or none above zero, are the caller's fault."""
    with pytest.raises(ValueError, match="weights"):
        apportion(1, weights, key="k")


@st.composite
def margins(draw: st.DrawFn) -> tuple[dict[str, int], dict[str, int]]:
    """Rows and columns with equal sums; small numbers make many exact cells."""
    most = draw(st.sampled_from([3, 8, 10**13]))
    sizes = st.dictionaries(members, st.integers(0, most), min_size=1, max_size=7)
    rows, column_weights = draw(sizes), draw(sizes)
    if not any(column_weights.values()):
        column_weights = dict.fromkeys(column_weights, 1)
    return rows, apportion(sum(rows.values()), column_weights, key="columns")


@given(margins(), keys)
def test_matrix_keeps_margins_and_proportions(
    rows_and_columns: tuple[dict[str, int], dict[str, int]], key: str
) -> None:
    """Rows and columns sum exactly, and every cell is its exact value rounded down or up."""
    rows, columns = rows_and_columns
    cells = apportion_matrix(rows, columns, key=key)
    total = sum(rows.values())
    assert all(cells.values())
    for row, row_sum in rows.items():
        assert sum(cells.get((row, column), 0) for column in columns) == row_sum
    for column, column_sum in columns.items():
        assert sum(cells.get((row, column), 0) for row in rows) == column_sum
    for row, row_sum in rows.items():
        for column, column_sum in columns.items():
            exact = Fraction(row_sum * column_sum, total) if total else Fraction(0)
            assert floor(exact) <= cells.get((row, column), 0) <= ceil(exact)


def test_matrix_raises_no_exact_cell() -> None:
    """Where the greedy choice alone would raise a cell that is exact, another one is raised."""
    rows, columns = {"a": 2, "b": 1, "c": 3}, {"x": 3, "y": 1, "z": 2}
    for number in range(60):
        cells = apportion_matrix(rows, columns, key=str(number))
        assert cells["a", "x"] == 1
        assert cells["c", "z"] == 1


def test_matrix_of_many_members() -> None:
    """Two hundred payers and two hundred beneficiaries are apportioned at once."""
    rows = {f"r{i}": 1 + i * i % 97 for i in range(200)}
    columns = apportion(sum(rows.values()), {f"c{i}": 1 + i % 7 for i in range(200)}, key="k")
    cells = apportion_matrix(rows, columns, key="k")
    for row, row_sum in rows.items():
        assert sum(cells.get((row, column), 0) for column in columns) == row_sum


@pytest.mark.parametrize(
    ("rows", "columns"), [({"a": 1}, {"b": 2}), ({"a": -1}, {"b": -1}), ({"a": 1}, {})]
)
def test_matrix_refuses_margins(rows: dict[str, int], columns: dict[str, int]) -> None:
    """Margins that differ or are negative are the caller's fault."""
    with pytest.raises(ValueError, match="margins"):
        apportion_matrix(rows, columns, key="k")
