"""Standard output: tables on a terminal, or the answer of the server as JSON."""

import json
import os
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
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


class Hanging:
    """Lines below each other, after a head. A line that is too long goes on deeper than it began."""

    def __init__(self, head: Text, lines: Sequence[Text]) -> None:
        self._head = head
        self._lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Render it; if nothing wraps, each line is whole."""
        begin = self._head.cell_len
        room = _ANY_WIDTH if options.no_wrap else max(options.max_width - begin, _LEAST_ROOM)
        margin = self._head
        for line in self._lines:
            fits = "\n" not in line.plain and line.cell_len <= room
            for part in [line] if fits else line.wrap(console, room - _DEEPER, overflow="fold"):
                part.rstrip()
                yield Text.assemble(margin, part)
                margin = Text(" " * (begin + _DEEPER))
            margin = Text(" " * begin)


_DEEPER = 2
_LEAST_ROOM = 12
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


def facts(values: Mapping[str, str]) -> Table:
    """Return a line for each value that is not empty. A long word goes on in the next line."""
    made = Table.grid(padding=(0, 2))
    made.add_column()
    made.add_column(overflow="fold")
    for name, value in values.items():
        if value:
            made.add_row(cell(name, "dim"), cell(value))
    return made


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
            # A text to copy is not broken.
            self._console.print(each, soft_wrap=isinstance(each, Text) and bool(each.no_wrap))

    def line(self, message: Message, rendered: RenderableType) -> None:
        """Print one of many answers: JSON on one line, or rendered; lines wrap only on a terminal."""
        if self.json:
            self._console.file.write(as_json(message, indent=None) + "\n")
        else:
            self._console.print(rendered, soft_wrap=not self._console.is_terminal)
        self._console.file.flush()
