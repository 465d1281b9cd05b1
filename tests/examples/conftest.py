"""A server, and a copy of the repository in which `make clients` was done."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.program import Running, running
from tests.examples import checkout, go_tools
from tests.examples.environments import ROOT


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A `howmuch run` with nothing in it."""
    directory = tmp_path_factory.mktemp("server")
    where = ("--data-dir", str(directory / "data"), "--grpc-listen", "127.0.0.1:0")
    with running(directory / "log", *where) as program:
        yield program


@pytest.fixture(scope="session")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy. The Go client is in it where its plugins could be had."""
    if shutil.which("npm") is None:
        pytest.skip("Node.js and npm are not installed")
    go_tools.provide()
    directory = tmp_path_factory.mktemp("clients") / "checkout"
    checkout.copy(directory)
    third_party = ROOT / "tools" / "third_party_protos.py"
    checkout.done(directory, f"{sys.executable} {third_party} build/proto")
    # The environment is that of the tests.
    checkout.done(directory, "make --old-file=build/.proto-ready clients")
    return directory
