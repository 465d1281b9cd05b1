"""Requests of all kinds, tens of thousands of them, leave the gateway as large as the first ones did.

`python -m tests.gateway.test_endurance` sends two hundred thousand, or as many as it is told.
"""

import asyncio
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest

from tests.gateway.backend import Backend
from tests.gateway.http_client import request_bytes
from tests.gateway.test_shutdown import gateway_program
from tests.gateway.upstream_process import running_process

REQUESTS = int(os.environ.get("GATEWAY_ENDURANCE_REQUESTS", "60000"))
FEW_REQUESTS = 3000
FULL_REQUESTS = 200_000
WARM_UP_REQUESTS = 15_000
GROWTH_BYTES = 15 << 20
CONNECTIONS = 6
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
BODY = b'{"id":"a","subs":[{"name":"x","tags":["a","b"]}],"mStringString":{"k":"v"},"fInt64":"5"}'
LARGE = b'{"fString":"%s"}' % (b"x" * 3000)
# What each client sends in one piece, and the statuses that it gets for it.
MIXTURE = [
    ("GET", "/v1/resp?id=a&fInt32=5&rString=x&rString=y", {}, None, 200),
    ("POST", "/v1/create", {"x-request-id": "r", "authorization": "Bearer t"}, BODY, 200),
    ("GET", "/v1/watch?id=a", {"accept": "application/x-ndjson"}, None, 200),
    ("POST", "/v1/create", {"accept-encoding": "gzip"}, LARGE, 200),
    ("GET", "/v1/resp", {"if-none-match": "*"}, None, 304),
    ("PUT", "/v1/putsub/a%2Fb", {}, b'{"name":"x"}', 200),
    ("POST", "/v1/create", {}, b'{"fInt32":"x"}', 400),
    ("GET", "/nowhere/at/all", {}, None, 404),
    ("GET", "/v1/search?nope=1", {}, None, 400),
    ("OPTIONS", "/v1/create", {}, None, 204),
]
KEPT = {"connection": "keep-alive"}


def round_of_requests(number: int) -> bytes:
    """The mixture, with names that never come again: nothing may be kept for each of them."""
    unique = {f"x-unique-{number}": "1"}
    return b"".join(
        request_bytes(1, method, target, {**headers, **KEPT, **unique}, body)
        for method, target, headers, body, _ in MIXTURE
    )


async def ask(port: int, rounds: int, first: int) -> None:
    """A connection for some rounds, then one that breaks off within a request, then the next."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    last = MIXTURE[-1][-1]
    for number in range(first, first + rounds):
        writer.write(round_of_requests(number))
        statuses: list[int] = []
        answer = b""
        # The last of the answers has no body: it ends with its headers.
        while len(statuses) < len(MIXTURE) or not answer.endswith(b"\r\n\r\n"):
            piece = await reader.read(1 << 16)
            assert piece, "the connection broke"
            answer += piece
            statuses = [int(found) for found in STATUS.findall(answer)]
        assert statuses == [status for *_, status in MIXTURE]
        assert statuses[-1] == last
    writer.write(round_of_requests(first)[: first % 900 + 1])
    await writer.drain()
    writer.transport.abort()


async def drive(port: int, requests: int, start: int) -> int:
    """At least so many requests; returns how many there were."""
    rounds = 50
    done = 0
    first = start
    while done < requests:
        await asyncio.gather(*(ask(port, rounds, first + rounds * n) for n in range(CONNECTIONS)))
        first += rounds * CONNECTIONS
        done += rounds * CONNECTIONS * len(MIXTURE)
    return done


@dataclass(frozen=True)
class Measured:
    """before, growth: bytes of memory after the first requests, and what came on top by the end."""

    requests: int
    before: int
    growth: int
    log: str

    def __str__(self) -> str:
        return (
            f"{self.requests} requests: {self.before / (1 << 20):.1f} MiB and"
            f" {self.growth / (1 << 20):+.1f} MiB"
        )


def measure(requests: int, directory: Path) -> Measured:
    """So many requests to a gateway in a process of its own."""
    with (
        running_process() as upstream,
        gateway_program(directory, upstream.port) as program,
    ):
        port = int(program.rest.rpartition(":")[2])
        warm = asyncio.run(drive(port, WARM_UP_REQUESTS, 0))
        process = psutil.Process(program.process.pid)
        before = process.memory_info().rss
        count = asyncio.run(drive(port, requests, warm))
        growth = process.memory_info().rss - before
        return Measured(count, before, growth, program.log)


def test_requests_of_all_kinds_are_answered(gateway_port: int, backend: Backend) -> None:
    """The quick part of the next test: each connection gets its answers, also after others broke off."""
    backend.answer({"responses": [{}]})
    assert asyncio.run(drive(gateway_port, FEW_REQUESTS, 0)) == FEW_REQUESTS


@pytest.mark.slow
@pytest.mark.timeout(600)  # it is a minute where nothing else runs
def test_memory_stays_flat(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Replies, streams, errors, broken connections: none of them leaves anything behind."""
    measured = measure(REQUESTS, tmp_path)
    with capsys.disabled():
        print(f"\n{measured}")  # noqa: T201
    assert measured.growth < GROWTH_BYTES
    assert "Traceback" not in measured.log


if __name__ == "__main__":
    with TemporaryDirectory() as name:
        print(measure(int(sys.argv[1]) if sys.argv[1:] else FULL_REQUESTS, Path(name)))  # noqa: T201
