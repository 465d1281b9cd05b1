"""A copy of what the clients of other languages are made of, and of the examples that use them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.cli.program import environment
from tests.docs.blocks import blocks
from tests.examples.environments import ROOT

README = "examples/README.md"
FILES = (
    ".npmrc",
    "Makefile",
    "buf.yaml",
    "clients/go/buf.gen.yaml",
    "gen/openapi/openapi.json",
    "howmuch/client/retry_policy.json",
    "package-lock.json",
    "package.json",
)
TREES = (
    "clients/typescript",
    "examples/go",
    "examples/typescript-grpc",
    "examples/typescript-rest",
    "proto",
)
WAIT_SECONDS = 240.0


def copy(directory: Path) -> None:
    """Into a new directory, without what is built."""
    for name in TREES:
        built = shutil.ignore_patterns("node_modules", "dist", "*.tsbuildinfo")
        shutil.copytree(ROOT / name, directory / name, ignore=built)
    for name in FILES:
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, directory / name)


def done(directory: Path, command: str) -> str:
    """What a line of shell prints there, which has to succeed."""
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=directory,
        env=environment(PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}"),
        capture_output=True,
        text=True,
        timeout=WAIT_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def printed() -> str:
    """What every example prints, as the page of the examples says."""
    [text] = [block.text for block in blocks(README) if block.language == "text"]
    return text


def run(directory: Path, example: str, server: str) -> str:
    """What an example prints. Of the two commands that the page has for it, the first has been done.

    server: its address, as the example takes it.
    """
    row = next(line for line in (ROOT / README).read_text().splitlines() if f"]({example}/" in line)
    command = row.split("`")[-2]
    between = "-- " if command.startswith("npm") else ""
    return done(directory, f"{command} {between}{server}")
