"""Cancels debts that go round in a circle. docs/ledger.md has the rule, ADR 0036 the reasons.

If A owes B, B owes C and C owes A, each of the three debts is lowered by the smallest. This keeps the net of
every member, and makes no debt between two members who had none.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from howmuch.ledger.zero_sum import Transfer

_Owed = dict[str, dict[str, int]]
"""Debtor to creditor to the amount in minor units, more than zero."""


class Circle(NamedTuple):
    """Members who each owed the next, and the last the first: the smallest id first.

    amount_minor: by which each of the debts became lower.
    """

    member_ids: tuple[str, ...]
    amount_minor: int


class OpenDebts(NamedTuple):
    """Debts without a circle, sorted by debtor and creditor, and the cancelled circles, first to last."""

    debts: tuple[Transfer, ...]
    circles: tuple[Circle, ...]


def cancel_circles(debts: Iterable[Transfer]) -> OpenDebts:
    """The rest of debts, at most one for each pair of members, after every circle is cancelled.

    The result depends on the set of debts alone: members are visited in the order of their ids, circles of
    three members before longer ones. Debts in no circle stay; if all nets are zero, no debt is left. Each
    circle ends a debt, so m debts of n members have fewer than m circles. Time: O(m * n), with O(m * sqrt(m))
    for the circles of three, and up to n steps for each longer one.
    """
    owed: _Owed = {}
    for debtor, creditor, minor in sorted(debts):
        owed.setdefault(debtor, {})[creditor] = minor
    circles = [*_circles_of_three(owed), *_longer_circles(owed)]
    left = (
        Transfer(debtor, creditor, minor)
        for debtor, creditors in owed.items()
        for creditor, minor in creditors.items()
    )
    return OpenDebts(tuple(left), tuple(circles))


def _cancel(owed: _Owed, members: Sequence[str]) -> Circle:
    """Cancels one circle in `owed`, and removes the debts that it ends."""
    pairs = list(pairwise((*members, members[0])))
    minor = min(owed[debtor][creditor] for debtor, creditor in pairs)
    for debtor, creditor in pairs:
        owed[debtor][creditor] -= minor
        if not owed[debtor][creditor]:
            del owed[debtor][creditor]
    first = members.index(min(members))
    return Circle((*members[first:], *members[:first]), minor)


def _circles_of_three(owed: _Owed) -> Iterator[Circle]:
    """Cancels the circles of three members, by the ids of the first, second and third."""
    debtors_of: dict[str, set[str]] = {}
    for debtor, creditors in owed.items():
        for creditor in creditors:
            debtors_of.setdefault(creditor, set()).add(debtor)
    for first in list(owed):
        last = {member for member in debtors_of.get(first, ()) if member > first}
        for second in [member for member in owed[first] if last and member > first]:
            creditors = owed.get(second, {})
            for third in sorted(creditors.keys() & last):
                if second in owed[first] and third in creditors and first in owed[third]:
                    yield _cancel(owed, (first, second, third))


def _longer_circles(owed: _Owed) -> Iterator[Circle]:
    """Cancels all other circles: walks from debtor to creditor until it comes back to a member of the walk.

    A member all of whose creditors are in no circle is in none, and is not visited again.
    """
    creditors = {debtor: iter(list(of_debtor)) for debtor, of_debtor in owed.items()}
    nexts = {debtor: next(rest, None) for debtor, rest in creditors.items()}
    done: set[str] = set()
    for start in owed:
        path, place = [start], {start: 0}
        while path and start not in done:
            debtor = path[-1]
            creditor = nexts.get(debtor)
            while creditor is not None and (creditor in done or creditor not in owed[debtor]):
                creditor = nexts[debtor] = next(creditors[debtor], None)
            if creditor is None:
                done.add(debtor)
                del place[path.pop()]
            elif creditor not in place:
                place[creditor] = len(path)
                path.append(creditor)
            else:
                first = place[creditor]
                members = path[first:]
                yield _cancel(owed, members)
                kept = first + 1
                # The walk goes on from the first member whose debt of the circle has ended.
                while kept < len(path) and path[kept] in owed[path[kept - 1]]:
                    kept += 1
                for member in path[kept:]:
                    del place[member]
                del path[kept:]
