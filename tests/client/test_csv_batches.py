"""An import sends batches that the server takes, for any number of members."""

import pytest

from howmuch.client.csv_import import batches
from howmuch.usecases.expense_size import MOST_PAIRS, MOST_SHARES
from howmuch.v1 import expense_pb2


def expense(payers: int, sharers: int) -> expense_pb2.Expense:
    made = expense_pb2.Expense(payments=[expense_pb2.Payment()] * payers)
    made.split.equal.member_ids.extend(map(str, range(sharers)))
    return made


@pytest.mark.parametrize(("payers", "sharers"), [(1, 3), (1, 1_000), (1, 0), (30, 30), (1, 2_000)])
def test_batches_have_every_line_and_fit_the_bounds_of_a_call(payers: int, sharers: int) -> None:
    """In order, at most 100 a batch; a single line that is large goes alone."""
    lines = [(number, expense(payers, sharers)) for number in range(2, 252)]
    parts = list(batches(lines, everybody=1_500))
    assert [line for part in parts for line in part] == lines
    for part in parts:
        named = sharers or 1_500
        assert len(part) <= 100
        assert len(part) * (payers + named) <= MOST_SHARES
        assert len(part) * payers * named <= MOST_PAIRS
