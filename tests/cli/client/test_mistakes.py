"""The page of mistakes: each answer of the command line names field, value, rule and the way out.

`mistakes.txt` has a command line after each `$`, and its answer below. After a change of words, run the
test with HOWMUCH_WRITE_MISTAKES=1 and read the difference.
"""

import os
import re
import shlex
from pathlib import Path

import pytest

from tests.cli.client.conftest import PASSWORD, Person
from tests.cli.program import Running

PAGE = Path(__file__).with_name("mistakes.txt")
_IDS = re.compile(r"\b(evt|mbr|exp|inv)_[0-9a-z]{26}")


def mistakes() -> list[str]:
    """The command lines of the page."""
    return [line[2:] for line in PAGE.read_text().splitlines() if line.startswith("$ ")]


@pytest.fixture(scope="module")
def answers(server: Running, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The answer to each, for somebody who is in one event, with guests and expenses."""
    ana = Person(tmp_path_factory.mktemp("mistakes"), server.address)
    ana.sign_up("Ana", "ana.m@example.com")
    ana.do("event", "create", "Lisbon", "--currency", "EUR")
    for name in ("Zoë", "Bo Martin", "Bo Miller", "Cy"):
        ana.do("member", "add", name)
    ana.do("expense", "add", "Dinner", "30", "--date", "2026-11-22")
    ana.do("expense", "add", "Diner", "31", "--date", "2026-11-22")
    rest = server.rest.partition("://")[2]
    return [_answer(ana, line, rest).replace(rest, "REST") for line in mistakes()]


def _answer(ana: Person, line: str, rest: str) -> str:
    words = shlex.split(line.replace("REST", rest))[1:]
    result = ana.type(*words, stdin=PASSWORD)
    assert (result.exit_code in (1, 2), result.stdout) == (True, ""), line
    said = result.stderr.splitlines()[-1].removeprefix("Error: ").replace(ana.address, "SERVER")
    return _IDS.sub(r"\1_[...]", said)


def test_answers_are_those_of_the_page(answers: list[str]) -> None:
    """At least forty, none of them told with the words of the inside."""
    written = "\n\n".join(
        f"$ {line}\n{said}" for line, said in zip(mistakes(), answers, strict=True)
    )
    if os.environ.get("HOWMUCH_WRITE_MISTAKES"):
        PAGE.write_text(written + "\n")
    assert written + "\n" == PAGE.read_text()
    assert len(answers) >= 40


def test_answers_speak_of_the_command_line(answers: list[str]) -> None:
    """No field of a message, no constant of an enum, and a whole sentence."""
    for said in answers:
        assert not re.search(
            r"\b[a-z]+_[a-z]+\b(?!\[)|[A-Z]+_[A-Z_]+", re.sub(r"Try `.*|\(env var.*?\)", "", said)
        ), said
        assert re.search(r"[.`)?]$", said), said
