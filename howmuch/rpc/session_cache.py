"""Sessions that the database confirmed a moment ago.

An ended session must be refused everywhere at once. So sessions are kept only while this process hears
through Redis which ones end elsewhere, and for a few seconds at most. That bounds the one case that is not
heard: a process that ends a session while it alone cannot reach Redis.
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
class _Kept:
    caller: Caller
    generation: int
    fresh_until: float


class SessionCache:
    """One per process; any thread may use it. seconds: how long an entry counts; 0 means no cache.

    generation: of the database connection, see runtime.cache.
    """

    def __init__(self, broadcast: Broadcast, seconds: float) -> None:
        self._broadcast = broadcast
        self._seconds = seconds
        self._lock = threading.Lock()
        self._sessions: dict[bytes, _Kept] = {}
        self._hashes: dict[str, set[bytes]] = {}
        self._ended = 0
        broadcast.on("user", self.forget)
        broadcast.on_gap(self.forget_all)

    @property
    def moment(self) -> int:
        """For `remember`; read it before the database."""
        return self._ended

    def get(self, token_hash: bytes, now: dt.datetime, generation: int) -> Caller | None:
        """The owner of the live session with this token; None means that the database must say."""
        if not (self._seconds and self._broadcast.heard):
            return None
        found = self._sessions.get(token_hash)
        if (
            found is None
            or found.generation != generation
            or found.caller.expire_time <= now
            or found.fresh_until < time.monotonic()
        ):
            MISSES.inc()
            return None
        HITS.inc()
        return found.caller

    def remember(self, token_hash: bytes, caller: Caller, moment: int, generation: int) -> None:
        """Keeps a caller read after `moment`, unless a session has ended since: it may be this one.

        The membership is not kept: each call reads it.
        """
        if not (self._seconds and self._broadcast.heard):
            return
        now = time.monotonic()
        kept = _Kept(replace(caller, membership=None), generation, now + self._seconds)
        with self._lock:
            if moment != self._ended:
                return
            self._drop(token_hash)
            self._drop_old(now)
            self._sessions[token_hash] = kept
            self._hashes.setdefault(caller.user_id, set()).add(token_hash)

    def forget(self, user_id: str) -> None:
        """Drops the sessions of an account."""
        with self._lock:
            self._ended += 1
            for token_hash in tuple(self._hashes.get(user_id, ())):
                self._drop(token_hash)

    def forget_all(self) -> None:
        """Drops all sessions, after a gap in which their end may have been missed."""
        with self._lock:
            self._ended += 1
            self._sessions.clear()
            self._hashes.clear()

    def _drop_old(self, now: float) -> None:
        """Drops the expired entries, and one more if the cache is full. The oldest come first."""
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
