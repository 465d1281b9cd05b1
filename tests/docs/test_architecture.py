"""The diagram of the packages, and the page that explains it, match the code."""

import re
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from tests.docs.blocks import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text()


@pytest.fixture
def diagram(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """tools/architecture_diagram.py."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import architecture_diagram

    yield architecture_diagram
    del sys.modules["architecture_diagram"]


def packages() -> set[str]:
    """The packages and modules of howmuch/, without `__main__` and the generated `v1`."""
    names = {path.stem for path in (ROOT / "howmuch").glob("*.py")}
    names |= {path.parent.name for path in (ROOT / "howmuch").glob("*/__init__.py")}
    return {name for name in names if not name.startswith("__")}


def test_diagram_names_exactly_the_packages(diagram: ModuleType) -> None:
    """Each package is in one box, and no box names another."""
    boxes = re.findall(r'font-weight="600" fill="#\w+">(\w+)<', diagram.SVG.read_text())
    assert sorted(boxes) == sorted(packages())
    assert set(diagram.PURPOSES) == packages()


def test_diagram_is_up_to_date(diagram: ModuleType) -> None:
    """The committed file is the one that the import contract gives: else run the tool."""
    assert diagram.SVG.read_text() == diagram.svg()


def test_page_and_readme_show_the_diagram() -> None:
    """Both refer to the same file, which loads nothing from elsewhere."""
    assert "](images/architecture.svg)" in PAGE
    assert "](docs/images/architecture.svg)" in (ROOT / "README.md").read_text()
    text = (ROOT / "docs" / "images" / "architecture.svg").read_text()
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]


def test_page_has_a_row_for_every_package() -> None:
    """The table of layers names each package and module of howmuch/."""
    rows = re.findall(r"^\| (`howmuch/.+?) \|", PAGE, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`howmuch/(\w+)", row)}
    assert named == packages()


def test_page_names_every_use_case() -> None:
    """The table of the use cases' layers has each module of howmuch/usecases, and no other."""
    table = PAGE.partition("### Use cases in layers")[2].partition("\n## ")[0]
    rows = [
        row.rpartition("|")[0].rpartition("|")[2]
        for row in re.findall(r"^\| .*$", table, re.MULTILINE)
    ]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    found = {path.stem for path in (ROOT / "howmuch" / "usecases").glob("*.py")} - {"__init__"}
    assert named == found


def test_files_that_the_page_names_exist() -> None:
    """Paths of modules in the page lead to files, below howmuch/ where they start with a package."""
    for path in set(re.findall(r"`((?:\w+/)+\w+\.py)`", PAGE)):
        assert (ROOT / path).exists() or (ROOT / "howmuch" / path).exists(), path
