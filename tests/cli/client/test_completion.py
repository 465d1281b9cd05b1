"""What a shell offers after Tab."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.shell_completion import BashComplete

from howmuch.cli import cli
from howmuch.cli.client.invocation import EVENT, SERVER
from howmuch.client import suggestions
from howmuch.config.layers import CLIENT_VARIABLES
from tests.cli.client.conftest import Person
from tests.cli.program import WAIT_SECONDS, environment, howmuch
from tests.ports import free_address


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has other things to do takes longer to answer."""
    monkeypatch.setattr(suggestions, "TIMEOUT_SECONDS", 60.0)


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> Callable[[Person, str], list[str]]:
    """What bash is told for a line of a person, the cursor at its end."""

    def offered(person: Person, line: str) -> list[str]:
        for name, value in asked(person, line).items():
            monkeypatch.setenv(name, value)
        answers = BashComplete(cli, {}, "howmuch", "_HOWMUCH_COMPLETE").complete()
        return [answer.partition(",")[2] for answer in answers.split()]

    return offered


def asked(person: Person, line: str) -> dict[str, str]:
    """The variables that a shell sets."""
    return {
        "XDG_CONFIG_HOME": str(person.home),
        "HOWMUCH_SERVER": person.address,
        "_HOWMUCH_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split(" ")) - 1),
    }


def test_program_completes() -> None:
    """The variables alone make the program answer, and nothing comes on standard error."""
    person = Person(Path("/nowhere"), free_address())
    done = subprocess.run(
        [sys.executable, "-m", "howmuch"],
        env=environment(**asked(person, "howmuch expense res")),
        capture_output=True,
        text=True,
        timeout=WAIT_SECONDS,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("plain,restore\n", "")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("howmuch exp", ["expense", "explain"]),
        ("howmuch expense res", ["restore"]),
        ("howmuch expense add Tea 1 --pe", ["--percent"]),
        ("howmuch expense add Tea 1 --paid b", ["Bo"]),
        ("howmuch expense add Tea 1 --for Bo,c", ["Bo,Cy"]),
        ("howmuch expense show DIN", ["Dinner"]),
        ("howmuch event use test_names_are", ["test_names_are_completed"]),
    ],
)
def test_words_are_completed(
    ana: Person, offered: Callable[[Person, str], list[str]], line: str, expected: list[str]
) -> None:
    """Commands and flags; and names of what is there, whatever their case."""
    ana.do("event", "create", "test_names_are_completed", "--with", "Bo", "--with", "Cy")
    ana.do("expense", "add", "Dinner", "1")
    assert list(dict.fromkeys(offered(ana, line))) == expected


def test_no_server_means_no_names_and_no_noise(
    ana: Person, offered: Callable[[Person, str], list[str]], capfd: pytest.CaptureFixture[str]
) -> None:
    """Tab never fails, and never prints an error over the line that is being typed."""
    away = Person(ana.home, free_address())
    assert offered(away, "howmuch event use x") == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script_for_each_shell(shell: str) -> None:
    """It calls the program back by the variable that click listens to."""
    done = howmuch("completion", shell)
    assert done.returncode == 0
    assert f"_HOWMUCH_COMPLETE={shell}_complete" in done.stdout


def test_variables_of_the_client_are_no_settings_of_a_server() -> None:
    """A server in the same environment starts; any other unknown variable is still an error."""

    @SERVER
    @EVENT
    def command() -> None:
        """Takes the options."""

    options = command.__click_params__  # type: ignore[attr-defined]
    assert {option.envvar for option in options} == set(CLIENT_VARIABLES)
    assert howmuch("config", "show", HOWMUCH_SERVER="a:1", HOWMUCH_EVENT="x").returncode == 0
    assert howmuch("config", "show", HOWMUCH_SERVERS="a:1").returncode == 2
