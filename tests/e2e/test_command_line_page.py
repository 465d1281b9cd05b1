"""docs/command-line.md, typed as it says by two people in terminals of their own."""

import re
from pathlib import Path

import pytest

from tests.cli.client.conftest import PASSWORD
from tests.cli.program import environment, running
from tests.cli.terminal import Terminal, path_with_howmuch

pytestmark = pytest.mark.slow

PAGE = Path(__file__).parents[2] / "docs" / "command-line.md"
SERVER = "127.0.0.1:50051"


def steps() -> list[tuple[str, str, str]]:
    """Who types, what, and what the page shows then."""
    blocks = re.findall(r"^```console\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    found = []
    for block in blocks:
        _, *parts = re.split(r"^(bo|)\$ ", block, flags=re.MULTILINE)
        for who, text in zip(parts[::2], parts[1::2], strict=True):
            command, _, shown = text.partition("\n")
            found.append((who, command, shown))
    return found


def as_pattern(shown: str) -> str:
    """`[...]` stands for anything; blank lines and the width of columns do not count."""
    return re.escape(squeezed(shown)).replace(re.escape("[...]"), r"\S.*?")


def squeezed(text: str) -> str:
    return " ".join(re.sub("─+", "─", text).split())


def test_page_can_be_followed(tmp_path: Path) -> None:
    """Each command prints what the page shows."""
    data = ("--data-dir", str(tmp_path / "data"), "--grpc-listen", "127.0.0.1:0")
    with running(tmp_path / "log", *data) as server:
        token = ""
        with (
            Terminal(clean_environment(tmp_path / "ana", server.address)) as ana,
            Terminal(clean_environment(tmp_path / "bo", server.address)) as bo,
        ):
            done = steps()
            assert len(done) == 15
            for who, command, shown in done:
                at = bo if who else ana
                at.begin(command.replace("[TOKEN]", token))
                for question in re.findall(
                    r"^(?:Password|Repeat for confirmation):", shown, re.MULTILINE
                ):
                    at.answer(f"{question} ", PASSWORD)
                printed = at.end().replace(server.address, SERVER)
                assert re.fullmatch(as_pattern(shown), squeezed(printed)), printed
                if found := re.search(r"howmuch join (\S+)", printed):
                    token = found[1]


def clean_environment(home: Path, address: str) -> dict[str, str]:
    """Of somebody who has this configuration directory, and calls this server."""
    return environment(XDG_CONFIG_HOME=str(home), HOWMUCH_SERVER=address, PATH=path_with_howmuch())
