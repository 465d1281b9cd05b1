"""What the commands that read print: pages, totals, names of others."""

import re
from pathlib import Path

from howmuch.client.views.output import clean
from tests.cli.client.conftest import Person


def test_all_pages_are_read(ana: Person, trip: str, tmp_path: Path) -> None:
    """However many there are; a list says where it stops."""
    table = tmp_path / "many.csv"
    table.write_text("reason,amount\n" + "".join(f"Tea {i},1\n" for i in range(410)))
    assert len(ana.ask("expense", "import", str(table))["expenses"]) == 410
    assert len(ana.ask("expense", "list", "--all")["expenses"]) == 410
    assert len(ana.ask("expense", "list", "--limit", "205")["expenses"]) == 205
    listed = ana.type("expense", "list")
    assert listed.stdout.count("Tea ") == 50
    assert "There are more than 50 expenses: use --limit N or --all." in listed.stderr
    assert len(ana.ask("history")["changes"]) == 413


def test_what_others_write_does_not_reach_the_terminal(ana: Person, trip: str) -> None:
    """No markup of ours, no control characters and no turned direction; line breaks of notes stay."""
    ana.do("expense", "add", "[red]Tea[/red]", "1", "--notes", "green\nand a\u202eb")
    shown = ana.do("expense", "show", "tea")
    assert "[red]Tea[/red]" in shown
    assert re.search(r"^Notes +green *\n +and a\ufffdb", shown, re.MULTILINE)
    assert clean("a\x1b[2Jb") == "a\ufffd[2Jb"


def test_totals_by_member_category_and_month(ana: Person, trip: str) -> None:
    """A view with one row is left out: it would say what the sum says."""
    assert "No expenses yet" in ana.do("totals", "--event", trip)
    add = ("expense", "add", "--event", trip)
    ana.do(*add, "Room", "90", "EUR", "--date", "2026-10-30", "--category", "Lodging")
    shown = ana.do("totals", "--event", trip)
    assert "EUR  90.00 in all" in shown
    assert "Month" not in shown
    ana.do(*add, "Dinner", "30", "EUR", "--date", "2026-11-01", "--paid", "bo")
    shown = ana.do("totals", "--event", trip)
    rows = [line.split() for line in shown.splitlines()]
    for row in (
        ["Ana", "90.00", "40.00"],
        ["Bo", "30.00", "40.00"],
        ["Lodging", "90.00"],
        ["without", "30.00"],
        ["2026-10", "90.00"],
        ["2026-11", "30.00"],
    ):
        assert row in rows
    assert ana.ask("totals", "--event", trip)["currencies"][0]["total"] == "120.00"
    for command in ("totals", "balance", "settle"):
        assert "EUR" not in ana.do(command, "--event", trip, "--currency", "usd")
