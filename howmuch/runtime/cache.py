"""The cache behind every `*Cache`, and the one rule by which none of them is ever stale.

The rule: a key names content that never changes. Content of the database is named by the id of an event or
expense, its revision or version, and the generation of the database connection that read it
(`Database.generation_of`). A new connection may lead to a database that was restored or failed over, has lost
a revision, and will give its number to another write. Behind a pooler an old connection may lead there too.
Content that depends on some bytes alone is named by those bytes. So nothing is ever invalidated: entries only
go to make room.
"""

import threading
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_ENTRY_BYTES = 250
"""Size of an entry besides its key and value: its slot, and the headers of objects."""


class SizedCache(Generic[K, V]):
    """A cache bounded by its size. Any thread may use it. most_bytes: 0 means that it keeps nothing.

    It has two halves. A value that is asked for moves to the young half; when that is full, it becomes the
    old one, and the previous old one is dropped. So a hit reorders nothing.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes // 2
        self._lock = threading.Lock()
        self._young: dict[K, tuple[V, int]] = {}
        self._old: dict[K, tuple[V, int]] = {}
        self._bytes = 0

    def get(self, key: K) -> V | None:
        """The value, or None."""
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is None:
                return None
            self._add(key, found)
        return found[0]

    def keep(self, key: K, value: V, size: int) -> None:
        """Adds a value. size: of key and value, in bytes; one larger than a half is not kept."""
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
