"""Mistakes on the command line that the server finds, and ids that the user chooses."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from google.api import field_behavior_pb2
from google.protobuf.descriptor import Descriptor

from howmuch import client
from howmuch.cli import cli
from howmuch.client.explain import name_of
from howmuch.ids import EVENT, EXPENSE, new_id
from howmuch.v1 import event_service_pb2, expense_service_pb2, user_service_pb2
from tests.cli.client.conftest import Person


def test_all_mistakes_of_a_command_are_told_at_once(ana: Person, trip: str) -> None:
    """By the names of the options, with the way out."""
    add = ("expense", "add", "--event", trip)
    said = ana.fail(*add, "", "10.001", "--category", "x" * 101, "--id", "tea")
    for part in ("reason: A text", "10.001", "--category: ", "--id: 'tea'"):
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


SERVICES = (event_service_pb2, expense_service_pb2, user_service_pb2)
OF_THE_CLIENT = {"page_size", "page_token", "order_by", "update_mask", "client"}
"""Fields that no option sets."""


def sent() -> Iterator[Descriptor]:
    """The requests that the command line makes."""
    for file in Path(*client.__path__).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            for service in SERVICES:
                name = node.attr if isinstance(node, ast.Attribute) else ""
                if name.endswith("Request") and hasattr(service, name):
                    yield getattr(service, name).DESCRIPTOR


def fields_of(message: Descriptor, path: str = "") -> Iterator[str]:
    """The paths that a person can set."""
    for field in message.fields:
        behaviors = field.GetOptions().Extensions[field_behavior_pb2.field_behavior]
        if field.name in OF_THE_CLIENT or field_behavior_pb2.OUTPUT_ONLY in behaviors:
            continue
        where = f"{path}{field.name}{'[0]' if field.is_repeated else ''}"
        inner = field.message_type
        if inner is None or inner.file.package != message.file.package:
            yield where
        else:
            yield from fields_of(inner, f"{where}.")


def names(command: click.Command = cli) -> Iterator[str]:
    """All options of all commands."""
    for each in command.commands.values() if isinstance(command, click.Group) else ():
        yield from names(each)
    for parameter in command.params:
        yield from (*parameter.opts, *parameter.secondary_opts)


def test_every_field_has_a_name_of_the_command_line() -> None:
    """No field of a request keeps the name of the protocol, and each option exists."""
    paths = {path for request in sent() for path in fields_of(request)}
    assert {"as_of_date", "expense.split.weights.parts[0].weight_decimal"} <= paths
    said = {path: name_of(path) for path in paths}
    options = set(names())
    assert not {path: name for path, name in said.items() if re.search(r"[_.\[]", name)}
    assert {name for name in said.values() if name.startswith("--")} <= options


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("expense", "list", "--max", "nine"), "--max: 'nine' is not an amount"),
        (("expense", "list", "--min", "9", "--max", "3"), "--max: 3 is below --min, which is 9."),
        (("balance", "--as-of", "x"), "--as-of: 'x' is not a day"),
        (("history", "--since", "-5"), "--since: -5 is not between 0 and "),
        (("event", "create", "X", "--id", "tea"), "--id: 'tea' is not an id"),
        (("expense", "show", "exp_x"), "EXPENSE: 'exp_x' is not an id"),
        (("expense", "list", "--event", "evt_x"), "--event: 'evt_x' is not an id"),
        (("event", "use", "evt_x"), "EVENT: 'evt_x' is not an id"),
        (("event", "search", ""), "TEXT: A text of 1 to "),
        (("event", "invitations", "--revoke", "x"), "--revoke: 'x' is not an id"),
        (("event", "invite", "--as", "bo", "--uses", "2"), "set --uses to 1"),
        (("account", "sessions", "--end", "x"), "--end: 'x' is not an id"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_error_has_the_name_that_the_command_has(
    ana: Person, trip: str, words: tuple[str, ...], says: str
) -> None:
    """Of its option or of its argument, also within the sentence."""
    assert says in ana.fail(*words)
