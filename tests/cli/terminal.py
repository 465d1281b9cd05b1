"""A terminal of its own: a program runs in it as on a screen, and the test reads what a person would see."""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import pexpect
import pyte

from tests.cli.program import WAIT_SECONDS

COLUMNS, LINES = 80, 100
PROMPT = "ready> "


class Terminal:
    """A shell on a screen of 80 columns; long enough that a command's output does not scroll away."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.Stream(self._screen)
        self._child = pexpect.spawn(
            "bash",
            ["--norc", "--noprofile"],
            env={**environment, "PS1": PROMPT, "TERM": "xterm-256color"},
            dimensions=(LINES, COLUMNS),
            encoding="utf-8",
            timeout=WAIT_SECONDS,
        )
        self._child.expect_exact(PROMPT)
        self._typed_lines = 0

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._child.close(force=True)

    def begin(self, command: str) -> None:
        """Type a line on an empty screen."""
        self._screen.reset()
        # The shell has printed it already, and counts its columns from there.
        self._stream.feed(PROMPT)
        self._typed_lines = len(PROMPT + command) // COLUMNS + 1
        self._child.sendline(command)

    def answer(self, question: str, text: str) -> None:
        """Wait for a question, then type the answer."""
        self._child.expect_exact(question)
        self._show()
        self._child.sendline(text)

    def see(self, text: str) -> None:
        """Wait until it has been printed."""
        self._child.expect(re.escape(text))
        self._show()

    def interrupt(self) -> None:
        """Ctrl+C."""
        self._child.sendintr()

    def end(self) -> str:
        """Wait for the prompt; what is on the screen since `begin`, without the line that was typed.

        A line that was too long for the screen is one line.
        """
        self._child.expect_exact(PROMPT)
        self._show()
        shown = ""
        for line in self._screen.display[self._typed_lines :]:
            shown += line if line[-1] != " " else line.rstrip() + "\n"
        return shown.rstrip().removesuffix(PROMPT.rstrip()).strip("\n")

    def run(self, command: str) -> str:
        """Type a line that asks nothing; what is on the screen then."""
        self.begin(command)
        return self.end()

    def colours(self) -> set[str]:
        """Of all that is on the screen."""
        return {
            character.fg
            for line in self._screen.buffer.values()
            for character in line.values()
            if character.data.strip()
        }

    def _show(self) -> None:
        self._stream.feed(f"{self._child.before or ''}{self._child.after or ''}")


def path_with_howmuch() -> str:
    """PATH on which the program is found, which is beside the interpreter."""
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
