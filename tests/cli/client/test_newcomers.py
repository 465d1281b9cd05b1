"""What newcomers type on the command line, and what it says to them."""

import re

import pytest
from click.testing import CliRunner

from howmuch.cli import cli
from tests.cli.client.conftest import Person, shares
from tests.cli.program import Running


def test_amounts_are_taken_as_people_write_them(ana: Person, trip: str) -> None:
    """With a decimal comma, a sign and marks between thousands, in every option that takes an amount."""
    added = ana.ask(
        "expense", "add", "Dinner", "23,50€", "--exact", "bo=20,00", "--exact", "cy=3,50€"
    )
    assert (added["amount"], added["currencyCode"]) == ("23.50", "EUR")
    assert {share["owed"] for share in added["shares"]} >= {"20.00", "3.50"}
    changed = ana.ask("expense", "edit", "dinner", "--amount", "1.230,00", "--for", "all")
    assert changed["amount"] == "1230.00"
    paid = ana.ask("settle", "--record", "bo", "ana", "--amount", "5,25 CHF")
    assert (paid["amount"], paid["currencyCode"]) == ("5.25", "CHF")


def test_tip_changes_without_the_bill(ana: Person, trip: str) -> None:
    """The lines stay, and the total follows; so does the tax."""
    bill = ("--item", "Wine=24:ana,bo", "--item", "Soup=6:cy", "--tip", "3")
    ana.do("expense", "add", "Dinner", "33", *bill)
    changed = ana.ask("expense", "edit", "dinner", "--tip", "7,00")
    assert changed["amount"] == "37.00"
    itemized = changed["split"]["itemized"]
    assert [item["name"] for item in itemized["items"]] == ["Wine", "Soup"]
    assert itemized["tip"] == "7.00"
    assert ana.ask("expense", "edit", "dinner", "--tax", "1")["amount"] == "38.00"
    assert ana.ask("expense", "edit", "dinner", "--tip", "0", "--tax", "0")["amount"] == "30.00"


def test_members_are_found_by_part_of_the_name(ana: Person, trip: str) -> None:
    """Without accents and capitals; the whole name comes before a part."""
    for name in ("Zoë Müller", "Bob", "Straßer"):
        ana.do("member", "add", name)
    added = ana.ask("expense", "add", "Tea", "9", "--for", "muller,BO,strasser")
    assert set(shares(ana, added)) == {"Ana", "Zoë Müller", "Bo", "Straßer"}
    said = ana.fail("expense", "add", "Tea", "9", "--for", "b")
    assert re.match(
        r"'b' matches 2 members: Bo \(mbr_\S+\), Bob \(mbr_\S+\); use an id or more", said
    )


def test_member_is_found_by_the_name_of_the_guest(ana: Person, bo: Person, trip: str) -> None:
    """Who has joined as Robert is still Robert to those who type that."""
    ana.do("member", "add", "Robert")
    ana.do("member", "remove", "Bo")
    token = ana.ask("event", "invite", "--as", "rob")["token"]
    bo.do("join", token)
    assert "Bo" in shares(ana, ana.ask("expense", "add", "Tea", "9", "--for", "robert"))


def test_invitation_has_link_and_command(ana: Person, server: Running, trip: str) -> None:
    """The link leads to the page, and the command to this server."""
    said = ana.do("event", "invite")
    assert re.search(rf"^  {re.escape(server.rest)}/join/\S{{43}}$", said, re.MULTILINE)
    assert re.search(rf"^  howmuch join \S{{43}} --server {server.address}$", said, re.MULTILINE)


def test_second_event_of_the_same_name_is_pointed_out(ana: Person) -> None:
    first = ana.ask("event", "create", "Café")
    said = ana.type("event", "create", "cafe").stderr
    assert "You are now in 2 events named cafe." in said
    assert f"`howmuch event use {first['id']}`" in said


def test_tables_fit_sixty_columns_without_breaking_ids(ana: Person, trip: str) -> None:
    """At any width an id is whole, so that it can be copied."""
    ana.do("expense", "add", "Dinner in the old town", "1048.60")
    ana.do("event", "invite", "--as", "bo", "--email", "bo.with.a.long.name@example.com")
    commands = (
        ("event", "list"),
        ("event", "show"),
        ("member", "list"),
        ("event", "invitations"),
        ("expense", "list", "--ids"),
        ("account", "sessions"),
    )
    for command in commands:
        narrow = ana.type(*command, COLUMNS="60").stdout
        assert max(map(len, narrow.splitlines())) <= 60, narrow
        wide = ana.type(*command, COLUMNS="200").stdout
        assert ids(narrow) == ids(wide), narrow


def ids(text: str) -> list[str]:
    return re.findall(r"\b(?:evt|mbr|inv|exp|ses)_[0-9a-z]{26}\b", text)


def test_import_counts_one_expense_as_one(ana: Person, trip: str) -> None:
    (ana.home / "one.csv").write_text('reason,amount\nTea,"2,50"\n')
    said = ana.type("expense", "import", str(ana.home / "one.csv")).stderr
    assert "Added 1 expense to " in said


@pytest.mark.parametrize("option", ["--tip", "--item", "--notes", "--date", "--paid"])
def test_help_of_edit_speaks_of_edit(option: str) -> None:
    """What an option changes, and what it leaves as it is."""
    texts = [
        " ".join(CliRunner().invoke(cli, ["expense", verb, "--help"]).output.split())
        for verb in ("add", "edit")
    ]
    added, changed = (re.search(rf"{option} \S+ ([^-]+)", text) for text in texts)
    assert added
    assert changed
    assert added[1] != changed[1]
