"""Values that were made a moment ago, for as long as they are asked for."""

import threading
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_ENTRY_BYTES = 250
"""What an entry takes besides what is in it: its slot, and the headers of objects."""


class SizedCache(Generic[K, V]):
    """A cache of what never becomes wrong, bounded by its size. Any thread may use it.

    There are two generations. What is asked for moves to the young one; when that fills half of the room, it
    becomes the old one, and what was the old one is dropped. So asking puts nothing in order.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes // 2
        self._lock = threading.Lock()
        self._young: dict[K, tuple[V, int]] = {}
        self._old: dict[K, tuple[V, int]] = {}
        self._bytes = 0

    def get(self, key: K) -> V | None:
        """The value that was kept; None: there is none, or none any more."""
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is None:
                return None
            self._add(key, found)
        return found[0]

    def keep(self, key: K, value: V, size: int) -> None:
        """Remembers a value. size: in bytes, of key and value; half of the room is too much for one."""
        size += _ENTRY_BYTES
        if size <= self._most:
            self._add(key, (value, size))

    def _add(self, key: K, entry: tuple[V, int]) -> None:
        size = entry[1]
        with self._lock:
            if key in self._young:
                return
            if self._bytes + size > self._most:
                self._old, self._young, self._bytes = self._young, {}, 0
            self._young[key] = entry
            self._bytes += size
