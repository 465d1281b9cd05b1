"""The bars measure what they say. The app itself is measured by `python -m tests.web.bars`."""

import random
from pathlib import Path

import pytest

from tests.web.bars.bar import Bar
from tests.web.bars.sizes import CSS_KIB, SCRIPT_KIB, bars_of

PAGE = """<!doctype html><script type="module" crossorigin src="/assets/index.js"></script>
<link rel="modulepreload" crossorigin href="/assets/first.js">
<link rel="stylesheet" crossorigin href="/assets/index.css">"""


def noise(kib: float) -> str:
    """A comment that gzip cannot make much smaller: four bits in each of its characters."""
    return f"/*{random.Random(7).randbytes(int(kib * 1024)).hex()}*/"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """An app whose entry imports two scripts, and a third one lazily."""
    files = {
        "index.html": PAGE,
        "assets/index.js": 'import{a}from"./first.js";import"./second.js";import("./lazy.js")',
        "assets/first.js": f'export*from"./second.js";{noise(50)}',
        "assets/second.js": f'import{{b}} from "./index.js";{noise(50)}',
        "assets/lazy.js": noise(200),
        "assets/index.css": noise(15),
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_first_load_counts_each_script_once_and_no_lazy_one(built: Path) -> None:
    script, css = bars_of(built)
    assert (script.holds, css.holds) == (True, True)
    assert script.value == pytest.approx(100, rel=0.2)
    assert css.value == pytest.approx(15, rel=0.2)


def test_app_that_is_too_large_misses_the_bars(built: Path) -> None:
    for name, kib in (("second.js", SCRIPT_KIB), ("index.css", CSS_KIB + 1)):
        (built / "assets" / name).write_text(noise(kib))
    assert [bar.holds for bar in bars_of(built)] == [False, False]


def test_bar_says_its_number_its_limit_and_whether_it_holds() -> None:
    """The limit itself is good enough."""
    assert str(Bar("Script", 150, 150, "KiB")) == "Script: 150 KiB (at most 150): reached"
    assert str(Bar("Script", 150.1, 150, "KiB")) == "Script: 150.1 KiB (at most 150): MISSED"
    assert str(Bar("Score", 95, 95, at_least=True)) == "Score: 95 (at least 95): reached"
    assert str(Bar("Score", 94, 95, at_least=True)) == "Score: 94 (at least 95): MISSED"
