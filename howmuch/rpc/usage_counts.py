"""Counts in moving windows, in the memory of this process, with the counts of other processes added to them.

A window is estimated from two fixed ones: all of the present one, and of the previous one the part that the
moving window still covers. So a count takes the same room for one call and for a million.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Rule:
    """At most `limit` in any `seconds`. limit: 0 means any number."""

    name: str
    limit: int
    seconds: int


class WindowKey(NamedTuple):
    """A fixed window of a rule and a user. number: counted from 1970, the same in all processes."""

    name: str
    user_id: str
    seconds: int
    number: int


class SharedCount(NamedTuple):
    """The counts of all processes, in the fixed window and in the one before it."""

    current: int
    previous: int


class _Window:
    """Two fixed windows."""

    __slots__ = ("current", "number", "previous")

    def __init__(self, number: int) -> None:
        self.number = number
        self.current = self.previous = 0

    def advance(self, number: int) -> None:
        """Makes `number` the present window."""
        if number > self.number:
            self.previous = self.current if number == self.number + 1 else 0
            self.number, self.current = number, 0


class UsageCounts:
    """Counts by rule and user. Any thread may use it. most: windows in memory; the oldest go first."""

    def __init__(self, most: int = 200_000) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, str], _Window] = {}
        # The part of the counts that only this process knows.
        self._pending: dict[WindowKey, int] = {}

    def add(self, rule: Rule, user_id: str, count: int, now: float) -> None:
        """Counts. now: in seconds since 1970."""
        with self._lock:
            window = self._window(rule, user_id, now)
            window.current += count
            key = WindowKey(rule.name, user_id, rule.seconds, window.number)
            self._pending[key] = self._pending.get(key, 0) + count

    def used(self, rule: Rule, user_id: str, now: float) -> int:
        """The count of the moving window that ends now."""
        with self._lock:
            window = self._windows.get((rule.name, user_id))
            if window is None:
                return 0
            window.advance(int(now // rule.seconds))
            passed = now % rule.seconds / rule.seconds
            return window.current + int(window.previous * (1 - passed))

    def free_at(self, rule: Rule, user_id: str, count: int, now: float) -> float:
        """When `count` more fit the limit, if nothing else is counted; in seconds since 1970."""
        if self.used(rule, user_id, now) + count <= rule.limit:
            return now
        with self._lock:
            window = self._window(rule, user_id, now)
            current, previous = window.current, window.previous
        start = now // rule.seconds * rule.seconds
        room = rule.limit - count
        if current > room:
            # Only in the next window, which counts the present one as its previous one.
            start, current, previous = start + rule.seconds, 0, current
        passed = 1 - max(0, room - current) / previous if previous else 0.0
        return float(start + passed * rule.seconds)

    def take_pending(self) -> dict[WindowKey, int]:
        """The counts that no other process knows yet, which are then no longer pending."""
        with self._lock:
            taken, self._pending = self._pending, {}
            return taken

    def merge(self, counts: Mapping[WindowKey, SharedCount]) -> None:
        """Puts the counts of all processes in the place of those of this one."""
        with self._lock:
            for key, shared in counts.items():
                window = self._windows.get((key.name, key.user_id))
                if window is not None and window.number == key.number:
                    window.current = shared.current + self._pending.get(key, 0)
                    window.previous = shared.previous

    def give_back(self, counts: Mapping[WindowKey, int]) -> None:
        """Makes counts pending again, which could not be told to other processes."""
        with self._lock:
            for key, count in counts.items():
                self._pending[key] = self._pending.get(key, 0) + count

    def _window(self, rule: Rule, user_id: str, now: float) -> _Window:
        number = int(now // rule.seconds)
        found = self._windows.get((rule.name, user_id))
        if found is None:
            if len(self._windows) >= self._most:
                del self._windows[next(iter(self._windows))]
            found = self._windows[rule.name, user_id] = _Window(number)
        found.advance(number)
        return found
