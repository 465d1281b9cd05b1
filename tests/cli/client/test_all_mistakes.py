"""Mistakes on the command line that the server finds, and ids that the user chooses."""

from howmuch.ids import EVENT, EXPENSE, new_id
from tests.cli.client.conftest import Person


def test_all_mistakes_of_a_command_are_told_at_once(ana: Person, trip: str) -> None:
    """By the names of the options, with the way out."""
    add = ("expense", "add", "--event", trip)
    said = ana.fail(*add, "", "10.001", "--category", "x" * 101, "--id", "tea")
    for part in ("reason: A text", "10.001", "--category: ", "expense_id: 'tea'"):
        assert part in said


def test_deleted_expense_says_how_it_comes_back(ana: Person, trip: str) -> None:
    tea = ana.ask("expense", "add", "Tea", "3", "--event", trip)
    ana.do("expense", "delete", "Tea", "--event", trip)
    said = ana.fail("expense", "edit", tea["id"], "--event", trip, "--notes", "n")
    assert "was deleted on" in said
    assert "howmuch expense restore" in said


def test_ids_are_chosen(ana: Person, trip: str) -> None:
    wanted = new_id(EXPENSE)
    add = ("expense", "add", "Tea", "3", "--event", trip, "--id", wanted)
    assert ana.ask(*add)["id"] == wanted
    assert "has an expense with the id" in ana.fail(*add)
    wanted = new_id(EVENT)
    assert ana.ask("event", "create", "Chosen", "--id", wanted)["id"] == wanted
