"""What the README and the page of the demo show, run from top to bottom against one server."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.program import WAIT_SECONDS, environment
from tests.docs.blocks import ROOT, blocks
from tests.ports import free_address

GRPC, REST = "127.0.0.1:50051", "127.0.0.1:8080"
START = "make run"
PASSWORD = "correct horse battery"


class Followed:
    """A reader who has done the first step: `make run`. Its addresses are of this test."""

    def __init__(self, directory: Path) -> None:
        self.grpc, self.rest = free_address(), free_address()
        self._directory = directory
        # make takes ARGS from the environment, and the last of two flags wins.
        flags = (
            f"--data-dir={directory / 'data'} --grpc-listen={self.grpc} --http-listen={self.rest}"
        )
        self.environment = environment(
            ARGS=flags,
            HOME=str(directory),
            XDG_CONFIG_HOME=str(directory),
            HOWMUCH_SERVER=self.grpc,
        )

    def done(self, text: str) -> str:
        """What a block of shell prints, done as it says but for the addresses and the password."""
        text = text.replace(GRPC, self.grpc).replace(REST, self.rest)
        text = text.replace("howmuch demo", f"howmuch demo --server {self.grpc}")
        text = re.sub(
            r"(howmuch signup .*?)(?=$| +#)", r"\1 --password-stdin", text, flags=re.MULTILINE
        )
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=ROOT,
            env=self.environment,
            input=PASSWORD,
            capture_output=True,
            text=True,
            timeout=WAIT_SECONDS,
            check=False,
        )
        assert done.returncode == 0, (text, done.stdout, done.stderr)
        return done.stdout


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Followed]:
    """Has done `make run`; what it started ends with the tests."""
    directory = tmp_path_factory.mktemp("readme")
    reader = Followed(directory)
    with (
        (directory / "log").open("w") as log,
        subprocess.Popen(
            ["bash", "-c", START],
            cwd=ROOT,
            env=reader.environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            assert any("stop:" in line for line in process.stdout), (directory / "log").read_text()
            yield reader
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(WAIT_SECONDS)


@pytest.mark.parametrize("page", ["README.md", "docs/demo.md"])
def test_page_begins_with_the_start(page: str) -> None:
    """The first block is what these tests start the server with."""
    first = blocks(page)[0]
    assert (first.language, first.text.partition("#")[0].strip()) == ("sh", START)


@pytest.mark.parametrize("page", ["README.md", "docs/demo.md"])
def test_blocks_of_the_page_run(
    page: str, reader: Followed, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every block after the start works as it stands; a block in another language is run by nobody."""
    said = []
    for block in blocks(page)[1:]:
        assert block.language in ("sh", "python"), block.text
        if block.language == "python":
            exec(block.text.replace(GRPC, reader.grpc), {})
            said.append(capsys.readouterr().out)
        else:
            said.append(reader.done(block.text))
    assert "Settled by 4 payments" in said[0]
    if page == "README.md":
        _, own, rest, python = said
        assert "Cy" in own
        assert '"id":"evt_' in rest
        assert re.fullmatch(r"evt_\w+ 1\n", python)
