"""Standard output: tables on a terminal, or the answer of the server as JSON."""

import json
import os
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

PIPE_WIDTH = 240
"""Columns without a terminal, so that nothing is cut."""

# Control characters move the cursor, and these change the direction of the text.
_CONTROLS = ("Cc", "Cs", "Zl", "Zp")
_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str) -> str:
    """Replace characters that a terminal would obey. Line breaks and tabs stay."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}"
        if character in _TURNS
        or (character not in "\n\t" and unicodedata.category(character) in _CONTROLS)
        else character
        for character in text
    )


def cell(text: str, style: str = "", *, no_wrap: bool = False) -> Text:
    """Return a text without markup of rich. no_wrap: on one line, however long it is."""
    if no_wrap:
        return Text(clean(text), style=style, no_wrap=True, overflow="ignore")
    return Text(clean(text), style=style)


def counted(number: int, thing: str) -> str:
    """Return a number with its thing: `1 expense`, `2 expenses`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def money(amount: str) -> Text:
    """Return an amount: green if owed to the reader, red if owed by the reader."""
    if amount.startswith("-"):
        return Text(amount, style="red")
    return Text(amount, style="green" if amount.strip("0.") else "dim")


def local_time(stamp: Timestamp) -> str:
    """Format a time in the local time zone, to the second."""
    return stamp.ToDatetime(tzinfo=UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


class FittingTable(Table):
    """A table that never breaks an id: if it is too wide, each id goes below the first wide cell of its row.

    less: columns that a narrow table leaves out.
    """

    less: Sequence[str] = ()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Render it, or the narrow form of it."""
        headings = [str(column.header) for column in self.columns]
        least = self.__rich_measure__(console, options.update(max_width=_ANY_WIDTH)).minimum
        if "Id" in headings and least > options.max_width:
            yield from self._narrow(headings)
        else:
            yield from super().__rich_console__(console, options)

    def _narrow(self, headings: Sequence[str]) -> Iterator[Table]:
        cells = dict(zip(headings, (list(column.cells) for column in self.columns), strict=True))
        kept = [name for name in headings if name != "Id" and name not in self.less]
        named = next(name for name in kept if name in _NAMING)
        cells[named] = [Group(*both) for both in zip(cells[named], cells["Id"], strict=True)]
        made = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
        for column in self.columns:
            if column.header in kept:
                made.add_column(
                    column.header,
                    justify=column.justify,
                    no_wrap=column.no_wrap,
                    overflow="fold",
                    min_width=_ID_WIDTH if column.header == named else None,
                )
        for row in zip(*(cells[name] for name in kept), strict=True):
            made.add_row(*row)
        yield made


_ANY_WIDTH = 1_000
_ID_WIDTH = 30
_NAMING = ("Name", "Reason", "For", "Client", "Quota")


def table(
    *columns: str,
    right: Sequence[str] = (),
    whole: Sequence[str] = ("Id",),
    less: Sequence[str] = (),
) -> FittingTable:
    """Return an empty table. right: columns of numbers. whole: other columns that do not wrap.

    less: columns that a narrow table leaves out.
    """
    made = FittingTable(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    made.less = less
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
    """Return the JSON of REST, including default values."""
    fields = MessageToDict(message, always_print_fields_with_no_presence=True)
    return json.dumps(fields, indent=indent, ensure_ascii=False)


class Output:
    """Standard output. json: print the answers only."""

    def __init__(self, *, json: bool) -> None:
        self.json = json
        self._console = Console(highlight=False)
        if not self._console.is_terminal and "COLUMNS" not in os.environ:
            self._console.width = PIPE_WIDTH

    def show(self, message: Message, *rendered: RenderableType) -> None:
        """Print an answer as JSON, or rendered."""
        if self.json:
            # rich would wrap it.
            self._console.file.write(as_json(message) + "\n")
            return
        for each in rendered:
            self._console.print(each)

    def line(self, message: Message, text: Text) -> None:
        """Print one of many answers: JSON on one line, or a text that is not cut."""
        if self.json:
            self._console.file.write(as_json(message, indent=None) + "\n")
        else:
            self._console.print(text, soft_wrap=True)
        self._console.file.flush()
