"""Settings without any layer but those that a test makes."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.etcd_server import EtcdServer, Keys, client


@pytest.fixture(autouse=True)
def empty_layers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No setting in the environment, no file in the working directory, a home of its own."""
    for name in list(os.environ):
        if name.startswith("HOWMUCH_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def etcd_keys(etcd_url: str) -> Iterator[Keys]:
    """A prefix of this test alone, in the etcd of all tests."""
    keys = Keys(etcd_url, f"/tests-{secrets.token_hex(8)}/")
    yield keys
    client(etcd_url).delete_prefix(keys.prefix)


@pytest.fixture
def etcd_server(etcd_url: str, tmp_path: Path) -> Iterator[EtcdServer]:
    """An etcd that this test may kill. It is started, and answers."""
    directory = tmp_path / "etcd"
    directory.mkdir()
    server = EtcdServer(directory)
    server.start()
    try:
        server.wait()
        yield server
    finally:
        server.kill()
