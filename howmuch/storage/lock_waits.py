"""Bounds the threads that wait for locks of the database, so that one lock never stops everything.

A thread that waits for a row keeps its connection. If one event were locked for long, its writers could take
every connection of the process. So at most half of them wait for one lock, and three quarters for all locks
together; only the first for a lock always goes ahead. The others wait here, as long as those before them get
their lock. If none does for a second, they are refused, and all that come later are refused at once.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Transaction

from howmuch.storage.database_errors import lock_timeout
from howmuch.telemetry.waits import add_lock_wait

PATIENCE_SECONDS = 1.0
"""How long a thread without a place waits for any sign of progress."""

_ALL = ""
"""Stands for all locks together, in the place of one of them."""
_OPTION = "howmuch_lock_waits"
_HELD: WeakKeyDictionary[Transaction, set[str]] = WeakKeyDictionary()
"""The locks that each open transaction has."""


class LockWaits:
    """The waiting threads of one process. Any thread may use it.

    connections: size of the pool. seconds: the longest that a thread waits for a lock.
    """

    def __init__(self, connections: int, seconds: float) -> None:
        self._most_of_one = max(1, connections // 2)
        self._most = max(1, connections * 3 // 4)
        self._seconds = seconds
        self._changed = threading.Condition()
        self._waiting: Counter[str] = Counter()
        self._got: Counter[str] = Counter()
        self._stuck: set[str] = set()

    def attach(self, engine: Engine) -> None:
        """Lets `waiting_for` find this by a connection of the engine."""
        engine.update_execution_options(**{_OPTION: self})

    @contextmanager
    def place(self, key: str) -> Iterator[None]:
        """A place among those that wait for the lock `key`, around the statement that takes it.

        Unavailable LOCK_TIMEOUT if there is no place.
        """
        began = time.monotonic()
        self._enter(key)
        got = False
        try:
            yield
            got = True
        finally:
            self._leave(key, got=got)
            add_lock_wait(time.monotonic() - began)

    def _enter(self, key: str) -> None:
        give_up_at = time.monotonic() + self._seconds
        with self._changed:
            while (full := self._full(key)) is not None:
                seen = self._got[full]
                if full in self._stuck or time.monotonic() > give_up_at:
                    raise lock_timeout()
                if not self._changed.wait_for(
                    lambda: self._full(key) is None or self._got[full] != seen,  # noqa: B023
                    PATIENCE_SECONDS,
                ):
                    self._stuck.add(full)
                    raise lock_timeout()
            self._waiting[key] += 1
            self._waiting[_ALL] += 1

    def _leave(self, key: str, *, got: bool) -> None:
        with self._changed:
            for each in (key, _ALL):
                self._waiting[each] -= 1
                if got:
                    self._got[each] += 1
                    self._stuck.discard(each)
                if not self._waiting[each]:
                    self._forget(each)
            self._changed.notify_all()

    def _forget(self, key: str) -> None:
        """No thread waits for this lock any more."""
        self._stuck.discard(key)
        del self._waiting[key]
        if key != _ALL:
            self._got.pop(key, None)

    def _full(self, key: str) -> str | None:
        """Which has no place left: the lock, or all together. None means that there is one."""
        if self._waiting[key] >= self._most_of_one:
            return key
        # The first one may find the lock free.
        return _ALL if self._waiting[key] and self._waiting[_ALL] >= self._most else None


@contextmanager
def waiting_for(connection: Connection, key: str) -> Iterator[None]:
    """Around a statement that may wait for a lock. key: names the lock: an id of an event or of a user.

    A transaction that has the lock already needs no place: all places may be taken by those that wait for it.
    """
    transaction = connection.get_transaction()
    assert transaction is not None, "a lock lasts until the end of its transaction"
    held = _HELD.setdefault(transaction, set())
    if key in held:
        yield
        return
    waits = cast(LockWaits, connection.get_execution_options()[_OPTION])
    with waits.place(key):
        yield
    held.add(key)
