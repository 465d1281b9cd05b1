"""Bounds on the work of one call: the shares and the pairs of members of all its expenses together.

An expense has a share for each payer and each member that its split names, and up to a debt for each pair of
them. Rows, history, memory and time grow with these products, not with the length of the request.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from howmuch.errors import InvalidArgument, invalid
from howmuch.ledger.split import named_members
from howmuch.model import Draft

MOST_SHARES = 10_000
"""Of one call. An expense that all 2,000 members of an event share has 2,000, and one for its payer."""
MOST_PAIRS = 10_000
"""Of one call: payers times sharers of each expense. Five payers of an expense for 2,000 have as many."""


@dataclass(frozen=True, slots=True)
class Input:
    """A draft and the path of its message in the request, for errors: `expense`, `expenses[3]`."""

    draft: Draft
    field: str


def count_shares(draft: Draft, everybody: int) -> int:
    """The payers and the members that the split names. everybody: counted if it names none.

    A line of a bill counts its members again, since the bill is stored with them.
    """
    return len(draft.payments) + _count_sharers(draft, everybody)


def count_pairs(draft: Draft, everybody: int) -> int:
    """The payers times the members that the split names. everybody: counted if it names none."""
    return len(draft.payments) * _count_sharers(draft, everybody)


def check_size(inputs: Sequence[Input], everybody: int = 0) -> None:
    """InvalidArgument TOO_MANY_SHARES or TOO_MANY_PAIRS for expenses that are too large together.

    everybody: number of active members, who share an expense without a split; 0 if not known yet.
    """
    shares = [count_shares(each.draft, everybody) for each in inputs]
    if sum(shares) > MOST_SHARES:
        raise _too_large(
            inputs, shares, MOST_SHARES, "TOO_MANY_SHARES", "shares (payers + sharers)", "split"
        )
    pairs = [count_pairs(each.draft, everybody) for each in inputs]
    if sum(pairs) > MOST_PAIRS:
        raise _too_large(
            inputs, pairs, MOST_PAIRS, "TOO_MANY_PAIRS", "pairs (payers x sharers)", "payments"
        )


def _count_sharers(draft: Draft, everybody: int) -> int:
    return sum(1 for _ in named_members(draft.split)) or everybody


def _too_large(
    inputs: Sequence[Input], counts: Sequence[int], most: int, reason: str, unit: str, field: str
) -> InvalidArgument:
    """Names the first expense that is too large by itself, or else the batch."""
    for each, count in zip(inputs, counts, strict=True):
        if count > most:
            field, actual = f"{each.field}.{field}", count
            found, way_out = "This expense has", "Split it into expenses of fewer members."
            break
    else:
        field, actual = "expenses", sum(counts)
        found = f"These {len(inputs):,} expenses have together"
        way_out = "Send fewer expenses in one call."
    return invalid(
        field,
        reason,
        f"{found} {actual:,} {unit}; at most {most:,} are allowed in one call. {way_out}",
        metadata={"actual": str(actual), "limit": str(most)},
    )
