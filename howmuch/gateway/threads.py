"""Threads for conversions that would hold the event loop.

One thread reads requests and one writes answers. More would not be faster, since a conversion holds Python's
lock, and would need the memory of as many conversions at once.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

LARGE_BYTES = 128 * 1024
"""Answers up to this size are written in the event loop, which takes a few milliseconds."""


class Threads:
    """Used in one event loop."""

    def __init__(self) -> None:
        self._requests = ThreadPoolExecutor(1, "gateway-requests")
        self._answers = ThreadPoolExecutor(1, "gateway-answers")

    async def request(self, work: Callable[P, R], *args: P.args, **named: P.kwargs) -> R:
        """Runs a part of reading a request."""
        return await _run(self._requests, work, *args, **named)

    async def answer(self, work: Callable[P, R], *args: P.args, **named: P.kwargs) -> R:
        """Runs a part of writing an answer."""
        return await _run(self._answers, work, *args, **named)

    def close(self) -> None:
        """Drops the work that has not begun."""
        for pool in (self._requests, self._answers):
            pool.shutdown(wait=False, cancel_futures=True)


async def _run(
    pool: ThreadPoolExecutor, work: Callable[P, R], *args: P.args, **named: P.kwargs
) -> R:
    return await asyncio.wrap_future(pool.submit(work, *args, **named))
