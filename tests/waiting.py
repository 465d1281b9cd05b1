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
    assert comes_true(holds, seconds=seconds, every=every), f"not within {seconds:.0f} s: {what}"


def comes_true(holds: Callable[[], object], *, seconds: float, every: float = 0.02) -> bool:
    """Whether it is true within this time. False is for what should not come: it takes all of the time."""
    give_up_at = time.monotonic() + seconds
    while not holds():
        if time.monotonic() >= give_up_at:
            return False
        time.sleep(every)
    return True
