"""`howmuch watch`: changes as they happen, over a server that goes away and comes back."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.client.conftest import Person
from tests.cli.program import WAIT_SECONDS, environment, running
from tests.ports import free_address


@contextmanager
def watching(person: Person, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`howmuch watch`, from its first remark on."""
    with subprocess.Popen(
        [sys.executable, "-m", "howmuch", "watch", *arguments],
        env=environment(XDG_CONFIG_HOME=str(person.home), PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            if "--json" not in arguments:
                assert process.stderr.readline().startswith("Watching ")
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def test_changes_come_as_they_happen_until_ctrl_c(ana: Person, trip: str) -> None:
    """One line each, by the names of today; Ctrl+C is the way to end it, and no failure."""
    with watching(ana, "--event", trip, "--since", "3") as process:
        assert process.stdout is not None
        ana.do("expense", "add", "Dinner", "9", "--event", trip)
        assert process.stdout.readline().endswith("Ana added “Dinner”, €9.00, paid by Ana\n")
        ana.do("member", "add", "Di", "--event", trip)
        assert process.stdout.readline().endswith("Ana added Di to the event\n")
        ana.do("expense", "add", "Tea", "1", "--paid", "di", "--event", trip)
        assert process.stdout.readline().endswith("Ana added “Tea”, €1.00, paid by Di\n")
        process.send_signal(signal.SIGINT)
        assert process.wait(WAIT_SECONDS) == 0
        assert process.stdout.read() == ""


@pytest.mark.killed
def test_lost_connection_is_made_again_and_nothing_is_missed(tmp_path: Path) -> None:
    """What was written while the watcher was cut off comes once, and so does what comes after."""
    address = free_address()
    serve = ("--data-dir", str(tmp_path / "data"), "--grpc-listen", address)
    person = Person(tmp_path / "home", address)
    with running(tmp_path / "log1", *serve):
        person.sign_up("Ana", "ana@example.com")
        person.do("event", "create", "Lisbon")
    with running(tmp_path / "log2", *serve) as server, watching(person, "--since", "0") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert "Ana created the event" in process.stdout.readline()
        server.stop()
        assert process.stderr.readline() == (f"Lost the connection to {address}; reconnecting.\n")
        with running(tmp_path / "log3", *serve):
            person.do("expense", "add", "Dinner", "9")
            assert "Ana added “Dinner”, €9.00" in process.stdout.readline()
            person.do("expense", "add", "Tea", "1")
            assert "Ana added “Tea”, €1.00" in process.stdout.readline()
            process.send_signal(signal.SIGINT)
            assert process.wait(WAIT_SECONDS) == 0
            assert process.stdout.read() == ""


def test_session_that_ends_ends_the_watch(ana: Person, trip: str, tmp_path: Path) -> None:
    """That does not pass by itself, so it is said, and the program fails."""
    other = Person(tmp_path, ana.address)
    other.sign_up("Short", f"short-{trip}@example.com")
    other.do("event", "create", "Brief")
    with watching(other, "--since", "0") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert "Short created the event" in process.stdout.readline()
        other.do("logout")
        assert process.wait(WAIT_SECONDS) == 1
        assert process.stderr.read().endswith("Run `howmuch login`.\n")
