"""A client in a process of its own: it calls one method for a while and tells how long the calls took.

Requests are sent as the bytes they are and answers are not looked into, so that the client, which shares
the cores with the server, costs as little as a client in Python can.
"""

import asyncio
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import grpc
import grpc.aio

from bench.report import percentile

WARM_UP_SECONDS = 0.5
PAUSE_SECONDS = 1.0
MOST_CALLS = 10**9
REFUSED = grpc.StatusCode.RESOURCE_EXHAUSTED


@dataclass(frozen=True, slots=True)
class Calls:
    """What to call: each caller has a request, in hexadecimal, and a session token of its own.

    may_be_refused: RESOURCE_EXHAUSTED is an answer; after it a caller waits a moment, as it is told.
    numbered: each request has a number in a field that no message has, so that none is like another, and none
    can be answered from memory.
    """

    target: str
    path: str
    requests: Sequence[str]
    tokens: Sequence[str]
    seconds: float
    may_be_refused: bool = False
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it. calls: all that were made, the warm-up's included; rate: per second."""

    calls: int
    refused: int
    rate: float
    p50_ms: float
    p99_ms: float


def run(calls: Calls) -> Result:
    """Makes the calls from another process."""
    return Result(**elsewhere("bench.load", asdict(calls)))


def elsewhere(module: str, given: Any) -> Any:
    """Runs a module in a process of its own: it reads JSON, and writes JSON."""
    done = subprocess.run(
        [sys.executable, "-m", module],
        input=json.dumps(given),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def number_field(number: int) -> bytes:
    """A number, as fixed64, in field 1,000."""
    return b"\xc1\x3e" + number.to_bytes(8, "little")


async def _caller(calls: Calls, index: int, times: list[tuple[float, float]]) -> int:
    """One call after the other, on a connection of its own; how many were refused.

    A call that fails ends the run.
    """
    headers = (("authorization", f"Bearer {calls.tokens[index]}"),)
    request, refused = bytes.fromhex(calls.requests[index]), 0
    numbers = itertools.count(index * MOST_CALLS) if calls.numbered else None
    own_connection = (("grpc.use_local_subchannel_pool", 1),)
    async with grpc.aio.insecure_channel(calls.target, options=own_connection) as channel:
        call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(calls.path)
        stop_at = time.perf_counter() + WARM_UP_SECONDS + calls.seconds
        while (started := time.perf_counter()) < stop_at:
            try:
                sent = request + number_field(next(numbers)) if numbers else request
                await call(sent, metadata=headers)
            except grpc.aio.AioRpcError as error:
                if not calls.may_be_refused or error.code() is not REFUSED:
                    raise
                refused += 1
                await asyncio.sleep(PAUSE_SECONDS)
            times.append((started, time.perf_counter()))
    return refused


async def _run(calls: Calls) -> Result:
    times: list[tuple[float, float]] = []
    begun = time.perf_counter() + WARM_UP_SECONDS
    callers = (_caller(calls, index, times) for index in range(len(calls.requests)))
    refused = sum(await asyncio.gather(*callers))
    measured = [
        end - start for start, end in times if start >= begun and end <= begun + calls.seconds
    ]
    return Result(
        calls=len(times),
        refused=refused,
        rate=len(measured) / calls.seconds,
        p50_ms=median(measured) * 1000,
        p99_ms=percentile(measured, 99) * 1000,
    )


if __name__ == "__main__":
    given = Calls(**json.loads(sys.stdin.read()))
    print(json.dumps(asdict(asyncio.run(_run(given)))))
