"""HTTP clients in a process of their own: one request after the other on each connection.

They send ready-made bytes and read no more of an answer than where it ends, so that what shares the
processors with the server costs as little as it can in Python.
"""

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import uvloop

from bench.load import elsewhere
from bench.report import percentile

WARM_UP_SECONDS = 0.5
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Requests:
    """What to send: GET of a target, on so many connections."""

    port: int
    target: str
    connections: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it. requests: all that were answered, the warm-up's included; rate: per second."""

    requests: int
    bytes: int
    rate: float
    p50_ms: float
    p99_ms: float


def run(requests: Requests) -> Result:
    """Sends the requests from another process. An answer that is not 200 ends it with an error."""
    return Result(**elsewhere("bench.http_load", asdict(requests)))


class _Client(asyncio.Protocol):
    """One connection. done: set when it has ended."""

    def __init__(self, request: bytes, stop_at: float, times: list[tuple[float, float]]) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.body_bytes = 0
        self._request = request
        self._stop_at = stop_at
        self._times = times
        self._received = b""
        self._started = 0.0
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:  # of uvloop, no asyncio.Transport
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        if not self._is_whole(received):
            self._received = received
            return
        self._received = b""
        now = time.perf_counter()
        self._times.append((self._started, now))
        if not received.startswith(b"HTTP/1.1 200"):
            self._end(RuntimeError(received[:300].decode(errors="replace")))
        elif now >= self._stop_at:
            self._end(None)
        else:
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc or ConnectionError("the server closed the connection"))

    def _is_whole(self, received: bytes) -> bool:
        head, found, body = received.partition(b"\r\n\r\n")
        if not found:
            return False
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if not length:
            # Chunked. The last chunk is empty, and no JSON ends like it.
            self.body_bytes = len(body)
            return body.endswith(b"\r\n0\r\n\r\n")
        self.body_bytes = int(length)
        return len(body) >= self.body_bytes

    def _send(self) -> None:
        self._started = time.perf_counter()
        self._transport.write(self._request)

    def _end(self, error: Exception | None) -> None:
        if self.done.done():
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)
        self._transport.close()


async def _run(requests: Requests) -> Result:
    times: list[tuple[float, float]] = []
    begun = time.perf_counter() + WARM_UP_SECONDS
    until = begun + requests.seconds
    head = f"GET {requests.target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n"
    loop = asyncio.get_running_loop()
    clients = []
    for _ in range(requests.connections):
        _, client = await loop.create_connection(
            lambda: _Client(head.encode(), until, times), "127.0.0.1", requests.port
        )
        clients.append(client)
    async with asyncio.timeout(WARM_UP_SECONDS + requests.seconds + PATIENCE_SECONDS):
        await asyncio.gather(*(client.done for client in clients))
    measured = [end - start for start, end in times if start >= begun and end <= until]
    return Result(
        requests=len(times),
        bytes=clients[0].body_bytes,
        rate=len(measured) / requests.seconds,
        p50_ms=median(measured) * 1000,
        p99_ms=percentile(measured, 99) * 1000,
    )


if __name__ == "__main__":
    given = Requests(**json.loads(sys.stdin.read()))
    print(json.dumps(asdict(uvloop.run(_run(given)))))
