"""The site, built once as `make docs` does."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.docs.blocks import ROOT


class Page(NamedTuple):
    """A page of the site. links: what people follow; loads: what the browser fetches by itself."""

    ids: frozenset[str]
    links: tuple[str, ...]
    loads: tuple[str, ...]
    text: str


class Site(NamedTuple):
    """directory: where it was built. said: what the build printed. code: how it ended."""

    directory: Path
    said: str
    code: int

    def pages(self) -> Mapping[str, Page]:
        """Each page, by its path."""
        return _pages(self.directory)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value for name, value in attrs if value is not None}
        self.ids |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "link" and given.get("rel") in ("stylesheet", "icon", "preconnect", "preload"):
            self.loads.append(given["href"])
        if "src" in given:
            self.loads.append(given["src"])

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@cache
def _pages(directory: Path) -> Mapping[str, Page]:
    found = {}
    for path in directory.rglob("*.html"):
        reader = _Reader()
        reader.feed(path.read_text())
        text = re.sub(r"\s+", " ", " ".join(reader.text))
        found[path.relative_to(directory).as_posix()] = Page(
            frozenset(reader.ids), tuple(reader.links), tuple(reader.loads), text
        )
    return found


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Built from the files as they are."""
    directory = tmp_path_factory.mktemp("docs") / "site"
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(directory)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "true"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Site(directory, done.stdout, done.returncode)
