"""What commands say of money: how an expense was split, what a change changed, what counts as of a day."""

import pytest

from tests.cli.client.conftest import Person

NFD = "Gu\u0308ell"


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (("--for", "bo,cy"), ["Split     equally"]),
        (("--share", "bo=2", "--share", "cy=1"), ["by weights", "weight 2   20.00"]),
        (("--percent", "bo=25", "--percent", "cy=75"), ["in percent", "75%   22.50"]),
        (("--exact", "bo=10", "--exact", "cy=20"), ["by exact amounts", "20.00   20.00"]),
        (("--adjust", "bo=-3"), ["with adjustments", "-3.00    8.00"]),
        (
            ("--item", "Wine=20:bo,cy", "--item", "Tea=7:me", "--tip", "3"),
            ["by the lines of the bill", "Wine    20.00   Bo, Cy", "Tip      3.00   in proportion"],
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_show_tells_how_it_was_split(
    ana: Person, trip: str, words: tuple[str, ...], lines: list[str]
) -> None:
    """The mode, and beside each member the number that decides."""
    ana.do("expense", "add", "Dinner", "30", *words)
    shown = ana.do("expense", "show", "dinner")
    for line in lines:
        assert line in shown


def test_income_is_received(ana: Person, trip: str) -> None:
    """By its members, in lists, views and history."""
    ana.do("expense", "add", "Refund", "9", "--kind", "income", "--paid", "bo")
    assert "Bo (received)" in ana.do("expense", "list")
    assert "Received" in ana.do("expense", "show", "refund")
    assert "Ana added the income “Refund”, €9.00, received by Bo" in ana.do("history")


def test_history_tells_old_and_new(ana: Person, trip: str) -> None:
    """Below each change; the newest first if asked for; of one expense as well."""
    ana.do("expense", "add", "Dinner", "30", "--for", "ana,bo")
    ana.do("expense", "edit", "dinner", "--paid", "bo", "--for", "bo,cy")
    lines = ana.do("history", "--newest-first").splitlines()
    assert lines[0].endswith("Ana changed “Dinner”, €30.00")
    assert [line.strip() for line in lines[1:6]] == [
        "Paid by: Ana → Bo",
        "Split: equally between Ana and Bo → equally between Bo and Cy",
        "Share of Ana: €15.00 → nothing",
        "Share of Cy: nothing → €15.00",
        lines[5].strip(),
    ]
    assert "paid by Ana" in lines[5]
    versions = ana.do("expense", "history", "dinner")
    assert "Paid by: Ana → Bo" in versions


def test_as_of_a_day_only_what_was_before_counts(ana: Person, trip: str) -> None:
    """In balances, plans and totals; what is dated ahead is marked."""
    ana.do("expense", "add", "Now", "10", "--date", "2026-01-05", "--for", "bo")
    ana.do("expense", "add", "Later", "50", "--date", "2199-01-01", "--for", "bo")
    as_of = ("--as-of", "2026-01-05")
    assert "You are owed 10.00 EUR." in ana.do("balance", *as_of)
    assert "10.00" in ana.do("settle", *as_of)
    assert "10.00 in all" in ana.do("totals", *as_of)
    assert "You are owed 60.00 EUR." in ana.do("balance")
    assert "Later (ahead)" in ana.do("expense", "list")
    refused = ana.fail("settle", "--record", "bo", "me", *as_of, code=2)
    assert "--as-of" in refused


def test_names_and_texts_match_without_accents(ana: Person, trip: str) -> None:
    """In any normal form and case. The same name again is warned of, one that only looks the same refused."""
    ana.do("member", "add", "G\u00fcell")
    ana.do("expense", "add", "Straße", "12", "--paid", "guell", "--for", NFD.upper())
    ana.do("expense", "add", "Tea", "1", "--for", "me")
    for words in (
        ("--text", "STRASSE"),
        ("--payer", NFD),
        ("--beneficiary", "guell"),
        ("--min", "2"),
    ):
        assert "Straße" in (listed := ana.do("expense", "list", *words))
        assert "Tea" not in listed
    assert "Straße" in ana.do("expense", "show", "strasse")
    assert "looks like" in ana.fail("member", "add", "Güeӏӏ")
    for name in ("Bo", NFD):
        assert f"Another member is called {name} too" in ana.type("member", "add", name).stderr


def test_member_chooses_mail_and_owner_the_time_zone(ana: Person, trip: str) -> None:
    """Seen in the views, and in the JSON of the API."""
    ana.do("member", "edit", "me", "--only-mine")
    assert "mail about own expenses" in ana.do("member", "list")
    assert ana.ask("member", "edit", "me", "--all-mails")["mailOnlyMine"] is False
    ana.do("event", "edit", "--time-zone", "Asia/Tokyo")
    assert "Asia/Tokyo" in ana.do("event", "show")
    assert "is not an IANA time zone" in ana.fail("event", "edit", "--time-zone", "Mars")
