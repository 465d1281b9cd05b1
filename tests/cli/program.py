"""The program as its users run it: as a process if it serves, else in this process, which is faster."""

import contextlib
import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from click.testing import CliRunner

from howmuch.cli import main
from tests.ports import free_address

WAIT_SECONDS = 60.0
START_SECONDS = 120.0
"""A program that is not ready by then is killed."""
LARGE_QUOTAS = {
    f"HOWMUCH_QUOTAS__{name}": str(10**9)
    for name in ("WRITES_PER_MINUTE", "EVENTS", "EVENTS_PER_DAY", "MEMBERS_PER_DAY")
} | {f"HOWMUCH_QUOTAS__BYTES_PER_{name}": str(10**18) for name in ("DAY", "USER", "EVENT")}
"""Programs under load write more than people. The quotas are counted and compared all the same."""
SERVING = {"run", "serve", "gateway", "worker"}
"""Commands that have threads, signals and a log of their own. What they refuse before they start is tested
with `in_process`."""


def environment(**more: str) -> dict[str, str]:
    """The environment with `more`, and without settings of howmuch and of the `make` that runs the tests."""
    strange = ("HOWMUCH_", "MAKE", "MFLAGS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(strange)}
    return kept | more


def howmuch(
    *arguments: str, cwd: Path | None = None, stdin: str = "", **more_environment: str
) -> subprocess.CompletedProcess[str]:
    """A command, run until it ends: as a process if it serves, else in this process."""
    run = in_process if SERVING.isdisjoint(arguments[:1]) else as_process
    return run(*arguments, cwd=cwd, stdin=stdin, **more_environment)


def as_process(
    *arguments: str, cwd: Path | None = None, stdin: str = "", **more_environment: str
) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, run until it ends."""
    return subprocess.run(
        [sys.executable, "-m", "howmuch", *arguments],
        cwd=cwd,
        env=environment(**more_environment),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=WAIT_SECONDS,
        check=False,
    )


def in_process(
    *arguments: str, cwd: Path | None = None, stdin: str = "", **more_environment: str
) -> subprocess.CompletedProcess[str]:
    """What a process would do, without the second that it takes to start."""
    given = environment(**more_environment)
    changed = {name: given.get(name) for name in {*os.environ, *given}}
    code: Any = 0
    with (
        contextlib.chdir(cwd or Path.cwd()),
        log_as_it_was(),
        CliRunner().isolation(input=stdin, env=changed) as (output, error, _),
    ):
        try:
            main(arguments)
        except SystemExit as end:
            code = end.code
        said = [stream.getvalue().decode() for stream in (output, error)]
    return subprocess.CompletedProcess(arguments, code or 0, *said)


@contextmanager
def log_as_it_was() -> Iterator[None]:
    """Undoes what a command sets up for its log."""
    structured, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        structlog.configure(**structured)
        root.handlers[:] = handlers
        root.setLevel(level)


class Running:
    """A `howmuch run`, `serve` or `gateway` that answers. address: of gRPC; rest: of REST, http://..."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self.process = process
        self._log = log
        self.output = ""
        self.address = ""
        self.rest = ""

    @property
    def log(self) -> str:
        """Standard error until now."""
        return self._log.read_text()

    def logged(self, event: str) -> list[dict[str, Any]]:
        """What it has logged of one kind, as JSON. The last line may be written at this moment."""
        # Python itself may complain between them.
        whole = self.log.rpartition("\n")[0].splitlines()
        lines = (json.loads(text) for text in whole if text.startswith("{"))
        return [line for line in lines if line["event"] == event]

    def read_address(self) -> None:
        """Wait for the last line of what it prints once it is ready."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line
            if found := re.search(r"gRPC\s+(\S+)", line):
                self.address = found[1]
            if found := re.search(r"REST\s+(\S+)", line):
                self.rest = found[1]
            if "stop:" in line:
                return
        raise AssertionError(f"ended with {self.process.wait()}: {self.log}")

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(WAIT_SECONDS)


@contextmanager
def running(
    log: Path, *arguments: str, command: str = "run", **more_environment: str
) -> Iterator[Running]:
    """`howmuch run`, or another command, with these arguments; log: file for its standard error."""
    if command == "run" and "--http-listen" not in arguments:
        # Not the default port: tests run side by side.
        arguments = (*arguments, "--http-listen", free_address())
    with (
        log.open("w") as stderr,
        subprocess.Popen(
            [sys.executable, "-m", "howmuch", command, *arguments],
            env=environment(**LARGE_QUOTAS, **more_environment),
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        ) as process,
    ):
        server = Running(process, log)
        give_up = threading.Timer(START_SECONDS, process.kill)
        give_up.start()
        try:
            try:
                server.read_address()
            finally:
                give_up.cancel()
            yield server
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(WAIT_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    raise
