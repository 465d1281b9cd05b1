"""Waiting for what takes an unknown, short time."""

import time
from collections.abc import Callable

SECONDS = 30.0


def until(
    holds: Callable[[], object],
    what: str = "what was waited for",
    *,
    seconds: float = SECONDS,
    every: float = 0.02,
) -> None:
    """Asks again and again, until it is true; an assertion that names `what` where that takes too long."""
    give_up_at = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up_at, f"not within {seconds:.0f} s: {what}"
        time.sleep(every)
