"""Where a command prints to: tables on a terminal, or the server's answer as JSON."""

import json
import os
import unicodedata
from collections.abc import Sequence
from datetime import UTC

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

PIPE_WIDTH = 240
"""Columns where no terminal says how many it has: nothing is to be cut there."""

# Controls would move the cursor, and these turn the direction of what follows.
_CONTROLS = ("Cc", "Cs", "Zl", "Zp")
_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str) -> str:
    """What others wrote, without what a terminal would obey; line breaks and tabs stay."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}"
        if character in _TURNS
        or (character not in "\n\t" and unicodedata.category(character) in _CONTROLS)
        else character
        for character in text
    )


def cell(text: str, style: str = "") -> Text:
    """A text as it is, which is no markup of rich."""
    return Text(clean(text), style=style)


def money(amount: str) -> Text:
    """An amount; green is to be received, red to be paid."""
    if amount.startswith("-"):
        return Text(amount, style="red")
    return Text(amount, style="green" if amount.strip("0.") else "dim")


def local_time(stamp: Timestamp) -> str:
    """To the second, in the zone of the user."""
    return stamp.ToDatetime(tzinfo=UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def table(*columns: str, right: Sequence[str] = (), whole: Sequence[str] = ("Id",)) -> Table:
    """An empty table. right: columns of numbers. whole: others whose cells stay on one line."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        number = column in right
        made.add_column(
            column,
            justify="right" if number else "left",
            no_wrap=number or column in whole,
            overflow="fold",
        )
    return made


def as_json(message: Message, *, indent: int | None = 2) -> str:
    """The JSON of REST, with fields that are at their defaults."""
    fields = MessageToDict(message, always_print_fields_with_no_presence=True)
    return json.dumps(fields, indent=indent, ensure_ascii=False)


class Output:
    """Standard output. json: the answers and nothing else."""

    def __init__(self, *, json: bool) -> None:
        self.json = json
        self._console = Console(highlight=False)
        if not self._console.is_terminal and "COLUMNS" not in os.environ:
            self._console.width = PIPE_WIDTH

    def show(self, message: Message, *rendered: RenderableType) -> None:
        """An answer: as JSON, or as what stands for it."""
        if self.json:
            # Not by rich, which wraps.
            self._console.file.write(as_json(message) + "\n")
            return
        for each in rendered:
            self._console.print(each)

    def line(self, message: Message, text: Text) -> None:
        """One of many that come one by one: JSON on one line, or a text that is not cut."""
        if self.json:
            self._console.file.write(as_json(message, indent=None) + "\n")
        else:
            self._console.print(text, soft_wrap=True)
        self._console.file.flush()
