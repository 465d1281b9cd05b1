"""What the program asks of the allocator."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.cli.program import running

HEAP_BYTES = 64 * 2**20
"""An arena's heap begins at a multiple of it."""


def arenas(pid: int) -> int:
    """How many glibc has opened in a process, its first one not counted."""
    found = 0
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        span, access, _, _, file, *_ = line.split()
        start, end = (int(address, 16) for address in span.split("-"))
        found += (
            (access, file) == ("rw-p", "0") and start % HEAP_BYTES == 0 and end - start < HEAP_BYTES
        )
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("environment", "few"), [({}, True), ({"MALLOC_ARENA_MAX": "32"}, False)], ids=["own", "told"]
)
def test_threads_share_arenas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str], few: bool
) -> None:
    """As many as there are threads would each keep what is free in them; the environment is obeyed."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    where = ("--data-dir", str(tmp_path / "data"), "--grpc-listen", "127.0.0.1:0")
    with running(tmp_path / "log", *where) as server:

        def sign_up(number: int) -> int:
            account = {"email": f"a{number}@example.com", "password": "correct horse", "name": "A"}
            return httpx.post(f"{server.rest}/v1/users", json=account, timeout=30).status_code

        with ThreadPoolExecutor(16) as threads:
            assert set(threads.map(sign_up, range(32))) <= {200, 429}
        # Libraries may have opened one or two before they could be told.
        assert (arenas(server.process.pid) <= 4) is few
