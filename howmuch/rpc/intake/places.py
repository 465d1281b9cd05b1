"""Places to work: calls that have their message take one, in order, to share processor and connections."""

import threading
import time
from collections import deque

from howmuch.errors import DeadlineExceeded, ResourceExhausted

LARGE_REQUEST_BYTES = 64 * 1024
"""Larger requests share `MOST_LARGE_BYTES`."""

MOST_LARGE_BYTES = 64 * 1024 * 1024
"""Of large requests that are worked on or wait for their place, in all."""


class Places:
    """count: calls that work at the same time. Others wait in the order in which they came."""

    def __init__(self, count: int) -> None:
        self._lock = threading.Lock()
        self._free = count
        self._waiting: deque[threading.Lock] = deque()

    @property
    def waiting(self) -> int:
        """Calls that wait for a place."""
        return len(self._waiting)

    def take(self, most_seconds: float) -> float:
        """Waits for a place, and returns the seconds. DeadlineExceeded after `most_seconds`."""
        with self._lock:
            if self._free:
                self._free -= 1
                return 0.0
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        started = time.perf_counter()
        if not turn.acquire(timeout=min(most_seconds, threading.TIMEOUT_MAX)):
            self._leave(turn)
        return time.perf_counter() - started

    def give(self) -> None:
        """Gives a place back, to the call that has waited longest."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1

    def _leave(self, turn: threading.Lock) -> None:
        """Ends a wait. Raises DeadlineExceeded, unless the place came in the last moment."""
        with self._lock:
            if turn not in self._waiting:
                return
            self._waiting.remove(turn)
        raise DeadlineExceeded(
            "DEADLINE_EXCEEDED",
            "The deadline passed before the call could begin; nothing was written.",
        )


class LargeRequests:
    """Bytes of the large requests that are held at the same time."""

    def __init__(self, most_bytes: int = MOST_LARGE_BYTES) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._held = 0

    def take(self, size: int) -> None:
        """Raises ResourceExhausted if the request would be too much. A single request always may."""
        with self._lock:
            if self._held and self._held + size > self._most:
                raise ResourceExhausted(
                    "TOO_MANY_LARGE_REQUESTS",
                    f"This request has {size} bytes, and the server holds {self._held} bytes of large"
                    f" requests already, at most {self._most}. Try again in a second, or send less.",
                    retry_after_seconds=1.0,
                )
            self._held += size

    def give(self, size: int) -> None:
        """Gives the bytes back."""
        with self._lock:
            self._held -= size
