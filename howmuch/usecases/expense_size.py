"""Bounds on the work of one call: the shares and the pairs of members of all its expenses together.

An expense has a share for each payer and each member that its split names, and up to a debt for each pair of
them. Rows, history, memory and time grow with these products, not with the length of the request.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from howmuch.errors import invalid
from howmuch.ledger.split import named_members
from howmuch.model import Draft

MOST_SHARES = 10_000
"""Of one call. An expense that all 2,000 members of an event share has 2,000, and one for its payer."""
MOST_PAIRS = 10_000
"""Of one call: payers times sharers of each expense. Five payers of an expense for 2,000 have as many."""


@dataclass(frozen=True, slots=True)
class SettlementPlace:
    """A payment of a settlement plan: the event's revision of the plan, and the index in the plan, from 0."""

    revision: int
    index: int


@dataclass(frozen=True, slots=True)
class Input:
    """A draft and the path of its message in the request, for errors: `expense`, `expenses[3]`.

    expense_id: chosen by the client; empty means that the server chooses. place: of the payment of a
    settlement plan that it makes.
    """

    draft: Draft
    field: str
    expense_id: str = ""
    place: SettlementPlace | None = None


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
        found = _excess(inputs, shares, MOST_SHARES, "split")
        raise invalid(
            found.field,
            "TOO_MANY_SHARES",
            f"{found.subject} {found.actual:,} shares (payers + sharers); at most {MOST_SHARES:,} are"
            f" allowed in one call. {found.way_out}",
            metadata={"actual": str(found.actual), "limit": str(MOST_SHARES)},
        )
    pairs = [count_pairs(each.draft, everybody) for each in inputs]
    if sum(pairs) > MOST_PAIRS:
        found = _excess(inputs, pairs, MOST_PAIRS, "payments")
        raise invalid(
            found.field,
            "TOO_MANY_PAIRS",
            f"{found.subject} {found.actual:,} pairs (payers x sharers); at most {MOST_PAIRS:,} are"
            f" allowed in one call. {found.way_out}",
            metadata={"actual": str(found.actual), "limit": str(MOST_PAIRS)},
        )


def _count_sharers(draft: Draft, everybody: int) -> int:
    return sum(1 for _ in named_members(draft.split)) or everybody


class _Excess(NamedTuple):
    """An expense or a batch that is too large, as its error tells it. field: the path in the request."""

    field: str
    subject: str
    actual: int
    way_out: str


def _excess(inputs: Sequence[Input], counts: Sequence[int], most: int, part: str) -> _Excess:
    """The first expense that is too large by itself, with its part, or else the batch."""
    for each, count in zip(inputs, counts, strict=True):
        if count > most:
            way_out = "Split it into expenses of fewer members."
            return _Excess(f"{each.field}.{part}", "This expense has", count, way_out)
    together = f"These {len(inputs):,} expenses have together"
    return _Excess("expenses", together, sum(counts), "Send fewer expenses in one call.")
