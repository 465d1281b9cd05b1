"""Debts that go round in a circle are cancelled, in one way for one set of debts."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from howmuch.ledger.circles import Circle, cancel_circles
from howmuch.ledger.zero_sum import Transfer

MEMBERS = [f"mbr_{letter}" for letter in "abcdefgh"]


@st.composite
def debts(draw: st.DrawFn) -> list[Transfer]:
    """At most one debt for each pair, in either direction, in any order."""
    pairs = [(a, b) for index, a in enumerate(MEMBERS) for b in MEMBERS[:index]]
    some = draw(st.lists(st.sampled_from(pairs), unique=True))
    turned = [pair[::-1] if draw(st.booleans()) else pair for pair in some]
    return [Transfer(*pair, draw(st.integers(1, 50))) for pair in turned]


def nets(transfers: Sequence[Transfer]) -> Counter[str]:
    found: Counter[str] = Counter()
    for debtor, creditor, minor in transfers:
        found[debtor] -= minor
        found[creditor] += minor
    return Counter({member: net for member, net in found.items() if net})


@given(debts(), st.randoms())
def test_open_debts_of_any_set(owed: list[Transfer], random: st.DataObject) -> None:
    """Nets stay, no debt is new or larger, no circle is left, and the order of entry does not count."""
    found = cancel_circles(owed)
    assert nets(found.debts) == nets(owed)
    before = {(debtor, creditor): minor for debtor, creditor, minor in owed}
    offset: Counter[tuple[str, str]] = Counter()
    for members, minor in found.circles:
        assert minor > 0
        assert members[0] == min(members)
        assert len(set(members)) == len(members) > 2
        for pair in zip(members, (*members[1:], members[0]), strict=True):
            offset[pair] += minor
    left = {(debtor, creditor): minor for debtor, creditor, minor in found.debts}
    assert all(before[pair] == left.get(pair, 0) + offset[pair] for pair in before)
    assert left.keys() <= before.keys()
    assert min(left.values(), default=1) > 0
    assert cancel_circles(found.debts) == (found.debts, ())
    random.shuffle(owed)  # type: ignore[attr-defined]
    assert cancel_circles(owed) == found
    assert list(found.debts) == sorted(found.debts)


@given(st.permutations(MEMBERS), st.integers(1, 9))
def test_settled_members_have_no_debts(order: list[str], minor: int) -> None:
    """Where all nets are zero nothing is left, however many circles there are."""
    pairs = zip(order, [*order[1:], order[0]], strict=True)
    ring = [Transfer(*pair, minor) for pair in pairs]
    short = [Transfer(*pair, 7) for pair in ((order[0], order[2]), (order[2], order[4]))]
    found = cancel_circles([*ring, *short, Transfer(order[4], order[0], 7)])
    assert found.debts == ()


@pytest.mark.parametrize(
    ("owed", "left", "circles"),
    [
        ("ab10 bc10 ca10", "", [("abc", 10)]),
        ("ab10 bc4 ca6", "ab6 ca2", [("abc", 4)]),
        ("ab5 bc5 ac5", "ab5 ac5 bc5", []),
        # The circle of three comes first, though the longer one has the smaller ids.
        ("ab5 bc5 cd5 da5 ac5", "ab5 bc5", [("acd", 5)]),
        ("ab9 bc8 cd7 de6 ea5", "ab4 bc3 cd2 de1", [("abcde", 5)]),
    ],
)
def test_circles_by_hand(owed: str, left: str, circles: list[tuple[str, int]]) -> None:
    """The smallest debt of a circle ends, the others are lower by it."""
    found = cancel_circles(Transfer(word[0], word[1], int(word[2:])) for word in owed.split())
    assert " ".join(f"{a}{b}{minor}" for a, b, minor in found.debts) == left
    assert list(found.circles) == [Circle(tuple(names), minor) for names, minor in circles]


def test_many_debts_take_few_steps() -> None:
    """A ring of all members with every shorter way: as many circles as debts at most."""
    members = [f"{number:04}" for number in range(300)]
    owed = [
        Transfer(member, members[(index + step) % len(members)], index % 7 + 1)
        for index, member in enumerate(members)
        for step in range(1, 30)
    ]
    found = cancel_circles(owed)
    assert len(found.circles) <= len(owed)
    assert nets(found.debts) == nets(owed)
