"""The code in pages of the documentation."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """A fenced block. language: empty where the fence names none."""

    language: str
    text: str


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, in their order. page: its path in the repository."""
    return [Block(*found) for found in _FENCED.findall((ROOT / page).read_text())]


def indented_code(page: str) -> list[str]:
    """Lines of code outside fences: indented by four spaces after an empty line."""
    prose = _FENCED.sub("", (ROOT / page).read_text())
    return re.findall(r"(?<=\n\n) {4}\S.*", prose)
