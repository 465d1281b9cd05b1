"""The programs that the campaign disturbs: each can be killed, stopped, frozen and started again."""

import signal
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.cli.program import Running, running


class Program:
    """A `howmuch run`, `serve` or `worker`, on the same addresses after each start. logs: one for each."""

    def __init__(self, command: str, arguments: Sequence[str], directory: Path) -> None:
        self.command = command
        self._arguments = arguments
        self._directory = directory
        self._stack = ExitStack()
        self._running: Running | None = None
        self.logs: list[Path] = []

    def start(self) -> None:
        """Returns once it serves. AssertionError, with its log, if it ends or does not."""
        log = self._directory / f"{self.command}-{len(self.logs) + 1}.log"
        self.logs.append(log)
        arguments = (*self._arguments, "--log-format", "json")
        program = running(log, *arguments, command=self.command)
        self._running = self._stack.enter_context(program)

    def kill(self) -> None:
        """SIGKILL."""
        self._process().kill()
        self._process().wait()
        self._stack.close()

    def stop(self) -> int:
        """SIGTERM. Returns the exit code."""
        assert self._running is not None
        code = self._running.stop()
        self._stack.close()
        return code

    def freeze(self) -> None:
        """SIGSTOP: its connections stay open."""
        self._process().send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """SIGCONT."""
        self._process().send_signal(signal.SIGCONT)

    def errors(self) -> int:
        """How many lines of its logs have a traceback."""
        lines = (line for log in self.logs for line in log.read_text().splitlines())
        return sum("Traceback (most recent call last)" in line for line in lines)

    def close(self) -> None:
        """Ends it, whatever its state is."""
        if self._running is not None and self._running.process.poll() is None:
            self.go_on()
        self._stack.close()

    def _process(self) -> "subprocess.Popen[str]":
        assert self._running is not None
        return self._running.process
