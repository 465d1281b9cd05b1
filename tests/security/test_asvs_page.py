"""docs/asvs.md has each requirement of OWASP ASVS 5.0 for levels 1 and 2 once, and names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/asvs.md").read_text()
REQUIREMENTS = (Path(__file__).parent / "asvs_5_0_level_2.txt").read_text().split()
STATES = {"met", "partly", "no", "operator", "not used"}


def rows() -> list[tuple[str, str, str]]:
    """Requirements, state and reason of each row."""
    return re.findall(r"^\| (V\d[^|]*) \| ([^|]*) \| (.*) \|$", PAGE, re.MULTILINE)


def requirements_of(cell: str) -> list[str]:
    """The numbers of a cell such as "V1.1.1, V1.2.1 to V1.2.3"."""
    numbers = []
    for part in cell.split(", "):
        first, _, last = part.partition(" to ")
        section, start = first.rsplit(".", 1)
        stop = (last or first).rsplit(".", 1)[1]
        numbers += [f"{section}.{number}" for number in range(int(start), int(stop) + 1)]
    return numbers


def test_every_requirement_is_there_once() -> None:
    """No number is missing, doubled or invented."""
    named = [number for cell, _, _ in rows() for number in requirements_of(cell)]
    assert len(named) == len(set(named))
    assert set(named) == set(REQUIREMENTS)
    assert len(REQUIREMENTS) == 253


def test_every_row_has_a_state_and_a_reason() -> None:
    """Of the states that the page explains."""
    assert {state for _, state, _ in rows()} == STATES
    assert [cell for cell, _, reason in rows() if len(reason) < 6] == []


def test_named_tests_exist() -> None:
    """Files, and functions in them."""
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)
    assert len(named) > 40
    assert [file for file, _ in named if not (ROOT / file).is_file()] == []
    missing = [
        (file, test)
        for file, test in named
        if test and f"def {test}(" not in (ROOT / file).read_text()
    ]
    assert missing == []
