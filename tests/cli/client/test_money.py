"""Weights, the default split, debts and payments of the plan by commands."""

import pytest

from howmuch.client import ledger
from howmuch.client.session import Session
from howmuch.v1 import event_pb2
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


def test_half_a_share_is_shown(ana: Person, trip: str) -> None:
    """When added, shown and edited, among what was recently used, and in the default split."""
    at = ("--event", trip)
    half = ("--share", "ana=0.5", "--share", "bo=1")
    added = ana.do("expense", "add", "Half", "9", *half, *at)
    edited = ana.do("expense", "edit", "half", "--share", "ana=0.5", "--share", "cy=1", *at)
    for shown in (added, edited, ana.do("expense", "show", "half", *at)):
        assert "weight 0.5" in shown
        assert "weight 1 " in shown
    assert "Ana 0.5 + Cy 1" in ana.do("expense", "recent", *at)


def test_numbers_have_a_comma_as_well(ana: Person, trip: str) -> None:
    """In every option that takes a number, with the sign of a currency where it is an amount."""
    at = ("--event", trip)
    halves = ("--share", "ana=0,5", "--share", "bo=,5")
    assert shares(ana, trip, *halves) == {"Ana": "15.00", "Bo": "15.00"}
    assert ana.ask("member", "edit", "bo", "--weight", "0,5", *at)["weightDecimal"] == "0.5"
    assert ana.ask("member", "add", "Dan", "--weight", "1,50", *at)["weightDecimal"] == "1.5"
    assert "Ana 2, Cy 0.5" in ana.do("event", "split", "--share", "ana=2", "--share", "cy=0,5", *at)
    parts = ("--percent", "ana=33,333%", "--percent", "bo=66,667")
    assert shares(ana, trip, *parts) == {"Ana": "10.00", "Bo": "20.00"}
    ana.do("expense", "add", "Tea", "9,99", *at)
    for bounds in (["--min", "9,98", "--max", "9,99€"], ["--max", "10,00"], ["--max", "€10"]):
        found = ana.ask("expense", "list", *bounds, *at)["expenses"]
        assert [each["reason"] for each in found] == ["Tea"], bounds
    refused = ana.fail("member", "edit", "bo", "--weight", "1,500", *at, code=2)
    assert "may mean 1500 or 1.500" in refused
    assert "is in GBP" in ana.fail("expense", "list", "--min", "5€", "--max", "9£", *at, code=2)


@pytest.mark.parametrize(
    ("asked", "heading", "part"),
    [
        (("ana", "bo"), "Bo owes Ana 10.00 EUR.", "10.00"),
        (("bo", "ana"), "Bo owes Ana 10.00 EUR.", "10.00"),
        (("ana",), "The others owe Ana 10.00 EUR.", "10.00"),
        (("bo",), "Bo owes the others 10.00 EUR.", "10.00"),
    ],
    ids=" ".join,
)
def test_explained_debt_has_the_signs_of_its_heading(
    ana: Person, trip: str, asked: tuple[str, ...], heading: str, part: str
) -> None:
    """Whoever is named first, an amount that makes the debt larger is positive."""
    at = ("--event", trip)
    ana.do("expense", "add", "Taxi", "20", "--paid", "ana", "--for", "ana,bo", *at)
    ana.do("expense", "add", "Tea", "4", "--paid", "bo", "--for", "ana", *at)
    ana.do("expense", "add", "Ham", "4", "--for", "bo", *at)
    head, *lines = ana.do("explain", *asked, *at).splitlines()
    assert head == heading
    parts = {words[-1] for words in map(str.split, lines[2:])}
    assert parts == {"10.00", "4.00", "-4.00"}
    assert lines[-1].split() == ["in", "all", part]


def test_payment_that_is_made_already_is_told_by_its_option(
    ana: Person, trip: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the plan changes between reading and recording."""
    at = ("--event", trip)
    ana.do("expense", "add", "Taxi", "20", "--for", "bo", *at)
    with monkeypatch.context() as patched:
        kept: list[event_pb2.Settlement] = []
        read = ledger.settlement

        def first(session: Session, event_id: str) -> event_pb2.Settlement:
            kept.extend([] if kept else [read(session, event_id)])
            return kept[0]

        patched.setattr(ledger, "settlement", first)
        ana.do("settle", "--record", "bo", "ana", *at)
        ana.do("expense", "edit", "pays", "--amount", "19", *at)
        said = ana.fail("settle", "--record", "bo", "ana", *at)
    assert said.startswith("--record: the first payment of the plan of revision ")
    assert "_" not in said
