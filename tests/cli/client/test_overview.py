"""Commands about all events, comments, copies and suggestions, also on a narrow terminal."""

import re

from tests.cli.client.conftest import Person


def unread(person: Person, event_id: str) -> str:
    """The number of unread changes in an event."""
    events = person.ask("overview")["events"]
    return str(next(each["unreadCount"] for each in events if each["event"]["id"] == event_id))


def test_overview_and_activity(ana: Person, bo: Person, trip: str) -> None:
    """Balances and unread changes of all events; `--seen` marks them as read."""
    invitation = ana.ask("event", "invite", "--as", "bo")
    bo.do("join", invitation["token"])
    ana.do("expense", "add", "Dinner", "48.60", "--for", "bo,ana")
    ana.do("comment", "add", "dinner", "With the\ntip?")
    shown = bo.do("overview")
    assert "-24.30" in shown
    assert unread(bo, trip) == "2"
    lines = bo.do("activity").splitlines()
    assert lines[0].startswith("* ")
    assert "Ana commented on “Dinner”: With the" in lines[0]
    assert bo.do("activity", "--limit", "1", "--seen").startswith("* ")
    assert not bo.do("activity").startswith("* ")
    assert unread(bo, trip) == "0"


def test_comments(ana: Person, trip: str) -> None:
    """Add, list, delete."""
    ana.do("expense", "add", "Dinner", "48.60")
    made = ana.ask("comment", "add", "dinner", "With the tip?")
    listed = ana.do("comment", "list", "dinner")
    assert "Ana" in listed
    assert "With the tip?" in listed
    assert made["id"] in listed
    ana.do("comment", "delete", "dinner", made["id"])
    assert ana.do("comment", "list", "dinner") == "No comments.\n"
    assert "Ana deleted a comment on “Dinner”" in ana.do("history")


def test_copies_and_suggestions(ana: Person, trip: str) -> None:
    """A copy has another date; `recent` has what both used."""
    ana.do("expense", "add", "Tram", "9", "--date", "2026-11-22", "--category", "Transport")
    copy = ana.ask("expense", "duplicate", "tram", "--date", "2026-11-23")
    assert (copy["date"], copy["amount"], copy["category"]) == ("2026-11-23", "9.00", "Transport")
    assert ana.do("expense", "recent").splitlines() == [
        "Reasons: Tram",
        "Categories: Transport",
        "Paid by: Ana",
        "Splits: Ana + Bo + Cy",
        "Currencies: EUR",
    ]


def test_currencies_categories_and_search(ana: Person, trip: str) -> None:
    """In the language that is asked for."""
    assert "US Dollar" in ana.do("currencies")
    assert "dollar des États-Unis" in ana.do("currencies", "--locale", "fr")
    assert "Repas" in ana.do("categories", "--locale", "fr")
    ana.do("event", "edit", "--name", "Fête à Nîmes")
    assert "Fête à Nîmes" in ana.do("event", "search", "FETE A")
    assert ana.ask("member", "edit", "bo", "--colour", "#ABCDEF")["colour"] == "#abcdef"


def test_output_fits_sixty_columns(ana: Person, trip: str) -> None:
    """No line is longer, and names are whole."""
    ana.do("expense", "add", "A dinner with a very long reason, and wine", "48.60", "--for", "bo")
    ana.do(
        "comment",
        "add",
        "very long",
        "And a long comment that goes on beyond the line of the terminal",
    )
    for command in (
        ("overview",),
        ("activity",),
        ("currencies",),
        ("categories",),
        ("expense", "recent"),
        ("comment", "list", "very long"),
        ("history",),
    ):
        shown = ana.type(*command, COLUMNS="60").stdout
        assert max(map(len, shown.splitlines())) <= 60, command


def test_narrow_lines_of_changes_go_on_below_their_beginning(ana: Person, trip: str) -> None:
    """In the history and over all events; in a wide terminal each change is one line."""
    ana.do("expense", "add", "A dinner with a very long reason, and wine", "48.60", "--for", "bo")
    ana.do("expense", "edit", "dinner", "--for", "bo,cy")
    assert "A dinner with a very long reason, and wine" in ana.do("history")
    for command in (("history", "--newest-first", "--limit", "1"), ("activity", "--limit", "1")):
        lines = ana.type(*command, COLUMNS="60").stdout.splitlines()
        begin = len(re.split(r"(?<=:\d\d)  ", lines[0])[0]) + 2
        assert re.match(rf" {{{begin + 2}}}\S", lines[1]), command


def test_what_is_copied_is_never_broken(ana: Person, trip: str) -> None:
    """The link and the command of an invitation are on one line each, and a link in notes loses nothing."""
    lines = ana.type("event", "invite", COLUMNS="30").stdout.splitlines()
    token = next(line for line in lines if "/join/" in line).rpartition("/join/")[2]
    assert len(token) == 43
    assert f"  howmuch join {token} --server {ana.address}" in lines
    link = f"https://example.com/{'receipt' * 12}"
    ana.do("expense", "add", "Hotel", "90", "--notes", link)
    assert link in re.sub(r"\s", "", ana.type("expense", "show", "hotel", COLUMNS="60").stdout)
