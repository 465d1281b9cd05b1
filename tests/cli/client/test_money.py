"""Weights, the default split, debts and payments of the plan by commands."""

import pytest

from tests.cli.client.conftest import Person


def shares(ana: Person, trip: str, *options: str) -> dict[str, str]:
    """Owed amounts of an expense of 30, by name."""
    made = ana.ask("expense", "add", "--event", trip, "Dinner", "30", *options)
    members = ana.ask("member", "list", "--event", trip)["members"]
    names = {member["id"]: member["name"] for member in members}
    return {names[share["memberId"]]: share["owed"] for share in made["shares"]}


def test_shares_of_zero_and_a_half(ana: Person, trip: str) -> None:
    """In a split, and as the usual weight, which the next expense without a split takes."""
    assert shares(ana, trip, "--share", "ana=1", "--share", "bo=0", "--share", "cy=0.5") == {
        "Ana": "20.00",
        "Bo": "0.00",
        "Cy": "10.00",
    }
    ana.do("member", "add", "Dan", "--weight", "0", "--event", trip)
    ana.do("member", "edit", "bo", "--weight", "0.5", "--event", trip)
    assert "0.5" in ana.do("member", "list", "--event", trip)
    assert shares(ana, trip) == {"Ana": "12.00", "Bo": "6.00", "Cy": "12.00", "Dan": "0.00"}


def test_default_split_is_shown_and_changed(ana: Person, trip: str) -> None:
    """By names, shares or percent, and back to the usual weights."""
    split = ("event", "split", "--event", trip)
    assert "usual weights" in ana.do(*split)
    assert "equally among Ana, Bo" in ana.do(*split, "--for", "ana,bo")
    assert shares(ana, trip) == {"Ana": "15.00", "Bo": "15.00"}
    assert "by shares: Ana 2, Cy 0.5" in ana.do(*split, "--share", "ana=2", "--share", "cy=0.5")
    assert "by percent: Ana 40 %, Bo 60 %" in ana.do(
        *split, "--percent", "ana=40", "--percent", "bo=60"
    )
    assert "--usual is a way" in ana.fail(*split, "--usual", "--for", "bo", code=2)
    assert "usual weights" in ana.do(*split, "--usual")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["event", "invite", "--days", "0"], 2, "'--days': 0 is not in the range 1<=x<=90"),
        (["event", "invite", "--uses", "0"], 2, "'--uses': 0 is not in the range 1<=x<=1000"),
        (["member", "add", "Eva", "--weight", "half"], 2, "--weight: 'half' is not a number"),
        (["member", "edit", "bo", "--weight", "0.0001"], 1, "--weight: '0.0001' has 4 fraction"),
        (["expense", "add", "X", "9", "--share", "bo=0"], 1, "--share: Every weight is 0"),
        (["event", "split", "--percent", "bo=99"], 1, "--percent: The percentages sum to 99 %"),
    ],
)
def test_wrong_numbers(ana: Person, trip: str, words: list[str], code: int, says: str) -> None:
    """Zero is not the default; the error names the option."""
    assert says in ana.fail(*words, "--event", trip, code=code)


def test_debt_is_explained_until_it_is_paid(ana: Person, trip: str) -> None:
    """The plan's payment has its place; the circle that it closes is told."""
    at = ("--event", trip)
    for payer, sharer in (("ana", "bo"), ("bo", "cy")):
        ana.do("expense", "add", "Taxi", "10", "--paid", payer, "--for", sharer, *at)
    assert "Why: howmuch explain" in ana.do("balance", "--debts", *at)
    assert "Bo owes Ana 10.00 EUR." in ana.do("explain", "bo", "ana", *at)
    paid = ana.ask("settle", "--record", "cy", "ana", *at)
    assert paid["settlementTransfer"]["index"] == 0
    told = ana.do("explain", "bo", "ana", *at)
    assert "Ana and Bo are even" in told or "Bo and Ana are even" in told
    assert "cancelled in a circle" in told
    assert ana.ask("balance", *at)["currencies"][0]["debts"] == []
