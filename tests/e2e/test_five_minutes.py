"""docs/rest-in-five-minutes.md, done as it says, on ports of this test."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.program import WAIT_SECONDS, environment
from tests.docs.blocks import blocks as all_blocks
from tests.ports import free_address

PAGE = Path(__file__).parents[2] / "docs" / "rest-in-five-minutes.md"
SERVICE, GATEWAY = "127.0.0.1:9000", "127.0.0.1:8000"


def blocks(language: str) -> list[str]:
    """The code blocks of a language, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Path]:
    """A directory in which steps 1 to 3 were done; what they started ends with the test."""
    service, gateway = free_address(), free_address()
    (tmp_path / "addresses").write_text(f"{service} {gateway}")
    (tmp_path / "shelf.proto").write_text(blocks("proto")[0])
    (tmp_path / "service.py").write_text(blocks("python")[0].replace(SERVICE, service))
    script = blocks("sh")[0].replace(SERVICE, service).replace(GATEWAY, gateway)
    path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    with (tmp_path / "out").open("w") as out:
        process = subprocess.Popen(
            ["bash", "-e", "-c", f"{script}\nwait"],
            cwd=tmp_path,
            env=environment(PATH=path),
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
        try:
            await_listening(gateway, process, tmp_path / "out")
            await_listening(service, process, tmp_path / "out")
            yield tmp_path
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(WAIT_SECONDS)


def await_listening(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Waits until something accepts connections there."""
    give_up_at = time.monotonic() + WAIT_SECONDS
    host, _, port = address.rpartition(":")
    while True:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < give_up_at, log.read_text()
            time.sleep(0.05)
        else:
            return


def test_page_has_no_other_code() -> None:
    """What is not among the blocks that these tests use would be run by nobody."""
    assert [block.language for block in all_blocks("docs/rest-in-five-minutes.md")] == [
        "proto",
        "python",
        "sh",
        "console",
    ]


def test_page_can_be_followed(here: Path) -> None:
    """Each curl of the page answers what the page shows; `[...]` stands for anything."""
    gateway = (here / "addresses").read_text().split()[1]
    steps = re.findall(r"^\$ (curl .*)\n(.*)$", blocks("console")[0], re.MULTILINE)
    assert len(steps) == 4
    for command, shown in steps:
        done = subprocess.run(
            ["bash", "-c", command.replace(GATEWAY, gateway)],
            capture_output=True,
            text=True,
            check=True,
            timeout=WAIT_SECONDS,
        )
        pattern = re.escape(shown).replace(re.escape("[...]"), r"\[.*\]")
        assert re.fullmatch(pattern, done.stdout), done.stdout
