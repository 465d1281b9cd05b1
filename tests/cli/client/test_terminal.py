"""The main job, typed in a real terminal by somebody who reads nothing but --help."""

import re
from pathlib import Path

import pytest

from tests.cli.client.conftest import PASSWORD
from tests.cli.program import Running, environment
from tests.cli.terminal import COLUMNS, Terminal, path_with_howmuch


def terminal(home: Path, **more: str) -> Terminal:
    """Of a person with this configuration directory."""
    return Terminal(environment(XDG_CONFIG_HOME=str(home), PATH=path_with_howmuch(), **more))


class Reader:
    """Types commands that --help names, and no others."""

    def __init__(self, at: Terminal) -> None:
        self._at = at
        self._read: dict[str, str] = {}

    def learn(self, command: str) -> None:
        """Read how the command and those above it are used; fails where --help does not say it."""
        words = command.split()
        path = words[: 3 if words[1] in ("event", "expense", "member") else 2]
        for length in range(1, len(path) + 1):
            part = " ".join(path[:length])
            if part not in self._read:
                self._read[part] = self._at.run(f"{part} --help")
            if length < len(path):
                assert re.search(rf"^  {path[length]} ", self._read[part], re.MULTILINE), path
        for flag in re.findall(r"(?<= )--[a-z-]+", command):
            assert re.search(rf"^  {flag}\b", self._read[" ".join(path)], re.MULTILINE), flag

    def run(self, command: str) -> str:
        """What the command prints."""
        self.learn(command)
        return self._at.run(command)


@pytest.mark.slow
def test_main_job_from_help_alone(server: Running, tmp_path: Path) -> None:
    """Two friends sign up, share an event, add expenses, see the balances, and settle to the last cent."""
    with terminal(tmp_path / "a") as first, terminal(tmp_path / "b") as second:
        dora, eli = Reader(first), Reader(second)
        for reader, at, name in ((dora, first, "Dora"), (eli, second, "Eli")):
            command = f"howmuch signup --server {server.address}"
            reader.learn(command)
            at.begin(command)
            at.answer("Email: ", f"{name}@example.com")
            at.answer("Name: ", name)
            at.answer("Password: ", PASSWORD)
            at.answer("Repeat for confirmation: ", PASSWORD)
            shown = at.end()
            assert f"Logged in to {server.address} as {name} ({name.lower()}@example.com)." in shown
            assert PASSWORD not in shown
        shown = dora.run("howmuch event create 'Lisbon trip' --currency EUR --with Eli --with Flo")
        assert re.search(r"^Flo +editor +1 +guest", shown, re.MULTILINE)
        invited = dora.run("howmuch event invite --as eli")
        join = re.search(r"howmuch join \S+", invited)
        assert join
        eli.learn("howmuch join")
        # Not by who looks up each flag in --help first: a token may begin with two dashes.
        assert second.run(join[0]).startswith("Lisbon trip\n")
        shown = dora.run(
            "howmuch expense add Dinner 48.60 EUR --paid dora=30 --paid eli=18.60"
            " --for dora,eli,flo --date 2026-11-22"
        )
        assert re.search(r"^Flo +0\.00 +16\.20 +-16\.20$", shown, re.MULTILINE)
        eli.run("howmuch expense add Taxi 20 --share dora=3 --share eli=1 --date 2026-11-23")
        shown = dora.run("howmuch expense list")
        assert shown.splitlines() == [
            "Date         Reason      Amount   Paid by     For",
            "─" * 55,
            "2026-11-23   Taxi     20.00 EUR   Eli         Dora, Eli",
            "2026-11-22   Dinner   48.60 EUR   Dora, Eli   everybody",
        ]
        dora.run("howmuch expense edit taxi --amount 24")
        assert "24.00 EUR" in eli.run("howmuch expense history taxi")
        shown = eli.run("howmuch balance")
        assert re.search(r"^Eli +42\.60 +22\.20 +0\.00 +20\.40$", shown, re.MULTILINE)
        assert "You are owed 20.40 EUR." in shown
        assert {"red", "green"} <= second.colours()
        plan = dora.run("howmuch settle")
        payments = re.findall(r"^(\w+) +(\w+) +([\d.]+)$", plan, re.MULTILINE)
        assert payments == [("Dora", "Eli", "4.20"), ("Flo", "Eli", "16.20")]
        for payer, receiver, _ in payments:
            eli.run(f"howmuch settle --record {payer} {receiver}")
        assert dora.run("howmuch settle") == "All is settled."
        dora.learn("howmuch watch")
        first.begin("howmuch watch")
        first.see("stop with Ctrl+C.")
        eli.run("howmuch expense add Ferry 9")
        first.see("added “Ferry”, €9.00, paid by Eli")
        first.interrupt()
        assert first.end().endswith("Stopped.")
        assert "Dora" in dora.run("howmuch whoami")
        dora.run("howmuch event archive")
        assert "is archived" in eli.run("howmuch expense add Late 1")
        assert "Logged out" in dora.run("howmuch logout")


def test_every_help_fits_the_screen(tmp_path: Path) -> None:
    """No line of it is wider than a terminal of 80 columns."""
    with terminal(tmp_path) as at:
        for command in ("", "event", "expense", "expense add", "expense import", "settle", "login"):
            shown = at.run(f"howmuch {command} --help")
            assert "Usage: howmuch" in shown
            assert max(len(line) for line in shown.splitlines()) < COLUMNS


@pytest.mark.slow
def test_long_work_shows_how_far_it_is(server: Running, tmp_path: Path) -> None:
    """A bar on a terminal, which ends with all of it done."""
    table = tmp_path / "many.csv"
    table.write_text("reason,amount\n" + "".join(f"Tea {i},1\n" for i in range(250)))
    with terminal(tmp_path, HOWMUCH_SERVER=server.address) as at:
        at.run(f"echo {PASSWORD} | howmuch signup gil@example.com --name Gil --password-stdin")
        at.run("howmuch event create Tea")
        shown = at.run(f"howmuch expense import {table}")
        assert "Adding to Tea" in shown
        assert "250/250" in shown
        assert "Added 250 expenses to Tea." in shown


def test_no_color_is_respected(server: Running, tmp_path: Path) -> None:
    """With NO_COLOR the same screen has none."""
    with terminal(tmp_path, HOWMUCH_SERVER=server.address, NO_COLOR="1") as at:
        at.run(f"echo {PASSWORD} | howmuch signup han@example.com --name Han --password-stdin")
        at.run("howmuch event create Tea --with Ida")
        at.run("howmuch expense add Tea 1 --for ida")
        assert "-1.00" in at.run("howmuch balance")
        assert at.colours() == {"default"}
