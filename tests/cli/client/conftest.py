"""A server, and people with a configuration directory each."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from howmuch.cli import cli
from tests.cli.program import Running, running

PASSWORD = "correct horse battery"


class Person:
    """Somebody who types commands. home: their $XDG_CONFIG_HOME."""

    def __init__(self, home: Path, address: str) -> None:
        self.home = home
        self.address = address

    @property
    def environment(self) -> dict[str, str | None]:
        """What their commands find."""
        return {
            "XDG_CONFIG_HOME": str(self.home),
            "HOWMUCH_SERVER": self.address,
            "HOWMUCH_EVENT": None,
            "COLUMNS": "100",
        }

    @property
    def file(self) -> Path:
        """Where the session is kept."""
        return self.home / "howmuch" / "client.json"

    def type(self, *arguments: str, stdin: str = "", **more: str) -> Result:
        """Run a command, whatever comes of it."""
        return CliRunner().invoke(cli, arguments, input=stdin, env={**self.environment, **more})

    def do(self, *arguments: str, stdin: str = "") -> str:
        """Run a command that has to succeed; what it prints on standard output."""
        result = self.type(*arguments, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result.stdout

    def ask(self, *arguments: str) -> Any:
        """Run a command with --json."""
        return json.loads(self.do(*arguments, "--json"))

    def fail(self, *arguments: str, code: int = 1, stdin: str = "", **more: str) -> str:
        """Run a command that has to fail; the last line that it prints."""
        result = self.type(*arguments, stdin=stdin, **more)
        assert (result.exit_code, result.stdout) == (code, ""), result.output
        assert "Traceback" not in result.stderr
        return result.stderr.splitlines()[-1].removeprefix("Error: ")

    def sign_up(self, name: str, email: str) -> None:
        """An account of their own."""
        self.do("signup", email, "--name", name, "--password-stdin", stdin=PASSWORD)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One for all tests, which make events of their own."""
    home = tmp_path_factory.mktemp("server")
    data = ("--data-dir", str(home / "data"), "--grpc-listen", "127.0.0.1:0")
    with running(home / "log", *data) as started:
        yield started


@pytest.fixture(scope="session")
def ana(server: Running, tmp_path_factory: pytest.TempPathFactory) -> Person:
    """With an account."""
    person = Person(tmp_path_factory.mktemp("ana"), server.address)
    person.sign_up("Ana", "ana@example.com")
    return person


@pytest.fixture(scope="session")
def bo(server: Running, tmp_path_factory: pytest.TempPathFactory) -> Person:
    """With an account."""
    person = Person(tmp_path_factory.mktemp("bo"), server.address)
    person.sign_up("Bo", "bo@example.com")
    return person


@pytest.fixture
def trip(ana: Person, request: pytest.FixtureRequest) -> str:
    """Id of an event of Ana's with the guests Bo and Cy, which she uses."""
    name = request.node.name[:100]
    made = ana.ask("event", "create", name, "--currency", "EUR", "--with", "Bo", "--with", "Cy")
    return str(made["id"])


def shares(person: Person, expense: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Paid and owed of each member by name."""
    members = person.ask("member", "list", "--event", expense["eventId"])["members"]
    names = {member["id"]: member["name"] for member in members}
    return {names[s["memberId"]]: (s["paid"], s["owed"]) for s in expense["shares"]}
