"""HTTP clients in a process of their own: one request after the other on each connection.

They send ready-made bytes and read no more of an answer than where it ends, so that what shares the
processors with the server costs as little as it can in Python. A server that closes the connection after each
answer is connected to again; the time of the next request then includes that.
"""

import asyncio
import itertools
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any

import uvloop

from bench.load import elsewhere
from bench.report import percentile

WARM_UP_SECONDS = 0.5
PATIENCE_SECONDS = 30.0
PAUSE_SECONDS = 1.0
DAY = "{day}"
DAYS = [str(date(1990, 1, 1) + timedelta(days)) for days in range(1000)]


@dataclass(frozen=True, slots=True)
class Requests:
    """What to send: each connection has a request of its own, which it sends again and again.

    may_fail: an answer that is not 2xx, and none at all, is counted, and the connection pauses a moment; else
    it ends the run with an error. varied: there is DAY in it, in whose place stands another day each time.
    """

    port: int
    requests: Sequence[str]
    seconds: float
    may_fail: bool = False
    varied: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it. requests: all that were sent, the warm-up's included; failed: those of them without
    an answer of 2xx; bytes: of an answer's body; rate: of answers of 2xx, per second.
    """

    requests: int
    failed: int
    bytes: int
    rate: float
    p50_ms: float
    p99_ms: float


def request(
    method: str, target: str, headers: Mapping[str, str] | None = None, body: object = None
) -> str:
    """A request as it is sent; body: what its JSON says, None: it has none."""
    content = "" if body is None else json.dumps(body)
    named = {"Host": "127.0.0.1", "Accept": "application/json"} | dict(headers or {})
    if content:
        named |= {"Content-Type": "application/json", "Content-Length": str(len(content))}
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items())]
    return "\r\n".join([*lines, "", content])


def run(requests: Requests) -> Result:
    """Sends the requests from another process."""
    return Result(**elsewhere("bench.http_load", asdict(requests)))


@dataclass(frozen=True, slots=True)
class _Answer:
    start: float
    end: float
    good: bool


class _Client(asyncio.Protocol):
    """One connection after the other. done: set when the last one has ended."""

    def __init__(self, given: Requests, index: int, stop_at: float, answers: list[_Answer]) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.body_bytes = 0
        self._given = given
        self._request = given.requests[index].encode()
        # Far from where the other connections are.
        at = len(DAYS) * index // len(given.requests)
        self._days = itertools.cycle(DAYS[at:] + DAYS[:at]) if given.varied else None
        self._stop_at = stop_at
        self._answers = answers
        self._received = b""
        self._started = 0.0
        self._is_waiting = False
        self._pause_seconds = 0.0
        self._connecting: asyncio.Task[None] | None = None
        self._transport: Any = None

    async def connect(self) -> None:
        """Sends the first request on a new connection."""
        await asyncio.sleep(self._pause_seconds)
        self._started = time.perf_counter()
        try:
            loop = asyncio.get_running_loop()
            await loop.create_connection(lambda: self, "127.0.0.1", self._given.port)
        except OSError as error:
            self._end(error)

    def connection_made(self, transport: Any) -> None:  # of uvloop, no asyncio.Transport
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        head, found, body = received.partition(b"\r\n\r\n")
        head = head.lower()
        if not found or not self._is_whole(head, body):
            self._received = received
            return
        self._received = b""
        good = received.startswith(b"HTTP/1.1 2")
        self._note(good, received[:300].decode(errors="replace"))
        if self.done.done() or b"\r\nconnection: close" in head or not good:
            self._transport.close()
        else:
            self._started = time.perf_counter()
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        self._received = b""
        if self._is_waiting:
            self._note(False, str(exc or "the server closed the connection"))
        if not self.done.done():
            self._connecting = asyncio.get_running_loop().create_task(self.connect())

    def _is_whole(self, head: bytes, body: bytes) -> bool:
        length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if not length:
            # Chunked. The last chunk is empty, and no JSON ends like it.
            self.body_bytes = len(body)
            return body.endswith(b"\r\n0\r\n\r\n")
        self.body_bytes = int(length)
        return len(body) >= self.body_bytes

    def _send(self) -> None:
        self._is_waiting = True
        request = self._request
        if self._days is not None:
            request = request.replace(DAY.encode(), next(self._days).encode())
        self._transport.write(request)

    def _note(self, good: bool, text: str) -> None:
        now = time.perf_counter()
        self._is_waiting = False
        self._answers.append(_Answer(self._started, now, good))
        self._pause_seconds = 0.0 if good else PAUSE_SECONDS
        if not good and not self._given.may_fail:
            self._end(RuntimeError(text))
        elif now >= self._stop_at:
            self._end(None)

    def _end(self, error: Exception | None) -> None:
        if self.done.done():
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)


async def _run(given: Requests) -> Result:
    answers: list[_Answer] = []
    begun = time.perf_counter() + WARM_UP_SECONDS
    until = begun + given.seconds
    clients = [_Client(given, index, until, answers) for index in range(len(given.requests))]
    async with asyncio.timeout(WARM_UP_SECONDS + given.seconds + PATIENCE_SECONDS):
        await asyncio.gather(*(client.connect() for client in clients))
        await asyncio.gather(*(client.done for client in clients))
    # By their ends: of answers that take seconds, many have begun in the warm-up.
    measured = [each for each in answers if each.good and begun <= each.end <= until]
    times = [each.end - each.start for each in measured] or [float("nan")]
    return Result(
        requests=len(answers),
        failed=sum(not each.good for each in answers),
        bytes=clients[0].body_bytes,
        rate=len(measured) / given.seconds,
        p50_ms=median(times) * 1000,
        p99_ms=percentile(times, 99) * 1000,
    )


if __name__ == "__main__":
    print(json.dumps(asdict(uvloop.run(_run(Requests(**json.loads(sys.stdin.read())))))))
