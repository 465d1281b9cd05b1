"""Sessions that were seen in the database a moment ago.

A session that has ended must be refused everywhere at once. So sessions are remembered only while this
process hears by Redis which ones end elsewhere, and for a few seconds at most: that bounds the one case that
is not heard of, a process that ends a session while it alone cannot reach Redis.
"""

import datetime as dt
import threading
import time
from dataclasses import dataclass, replace

from prometheus_client import Counter

from howmuch.broadcast.local import Broadcast
from howmuch.model import Caller

HITS = Counter("howmuch_session_cache_hits", "Calls whose session was remembered.")
MISSES = Counter("howmuch_session_cache_misses", "Calls whose session was asked of the database.")

MOST_SESSIONS = 20_000


@dataclass(frozen=True, slots=True)
class _Remembered:
    caller: Caller
    fresh_until: float


class SessionCache:
    """Of one process; any thread may use it. seconds: how long a session is believed; 0: never."""

    def __init__(self, broadcast: Broadcast, seconds: float) -> None:
        self._broadcast = broadcast
        self._seconds = seconds
        self._lock = threading.Lock()
        self._sessions: dict[bytes, _Remembered] = {}
        self._hashes: dict[str, set[bytes]] = {}
        self._ended = 0
        broadcast.on("user", self.forget)
        broadcast.on_gap(self.forget_all)

    @property
    def moment(self) -> int:
        """To be asked before the database is, for `remember`."""
        return self._ended

    def get(self, token_hash: bytes, now: dt.datetime) -> Caller | None:
        """Whose live session has this token, as far as it is known here."""
        if not (self._seconds and self._broadcast.heard):
            return None
        found = self._sessions.get(token_hash)
        if found is None or found.caller.expire_time <= now or found.fresh_until < time.monotonic():
            MISSES.inc()
            return None
        HITS.inc()
        return found.caller

    def remember(self, token_hash: bytes, caller: Caller, moment: int) -> None:
        """Keeps what the database said after `moment`, unless a session has ended since: perhaps this one.

        The place in an event is not kept: that is asked each time.
        """
        if not (self._seconds and self._broadcast.heard):
            return
        now = time.monotonic()
        found = _Remembered(replace(caller, membership=None), now + self._seconds)
        with self._lock:
            if moment != self._ended:
                return
            self._drop(token_hash)
            self._drop_old(now)
            self._sessions[token_hash] = found
            self._hashes.setdefault(caller.user_id, set()).add(token_hash)

    def forget(self, user_id: str) -> None:
        """Sessions of this account have ended."""
        with self._lock:
            self._ended += 1
            for token_hash in tuple(self._hashes.get(user_id, ())):
                self._drop(token_hash)

    def forget_all(self) -> None:
        """Nothing that is remembered is certain any more."""
        with self._lock:
            self._ended += 1
            self._sessions.clear()
            self._hashes.clear()

    def _drop_old(self, now: float) -> None:
        """Those that are believed no longer, and one more where there is no room. The oldest come first."""
        while self._sessions:
            token_hash, oldest = next(iter(self._sessions.items()))
            if oldest.fresh_until >= now and len(self._sessions) < MOST_SESSIONS:
                return
            self._drop(token_hash)

    def _drop(self, token_hash: bytes) -> None:
        found = self._sessions.pop(token_hash, None)
        if found is not None:
            hashes = self._hashes[found.caller.user_id]
            hashes.discard(token_hash)
            if not hashes:
                del self._hashes[found.caller.user_id]
