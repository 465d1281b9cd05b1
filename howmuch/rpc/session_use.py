"""Moves the ends of sessions that are used, in a thread of its own.

Calls add no statement: a session is written when its end has moved by a day, together with others.
"""

import datetime as dt
import threading
from contextlib import suppress
from queue import Empty, Full, Queue

import structlog

from howmuch.model import Caller
from howmuch.storage.database import Database
from howmuch.usecases.sessions import SessionLife, extend_sessions

log = structlog.get_logger()

_MOST_WAITING = 10_000
_MOST_AT_ONCE = 500
_MOST_REMEMBERED = 20_000


class SessionUse:
    """One per process; any thread may note a use. After `stop`, nothing more is written."""

    def __init__(self, database: Database, life: SessionLife) -> None:
        self._database = database
        self._life = life
        self._ends: dict[str, dt.datetime] = {}
        self._used: Queue[tuple[str, dt.datetime] | None] = Queue(_MOST_WAITING)
        self._thread = threading.Thread(target=self._loop, name="session-use", daemon=True)
        self._thread.start()

    def note(self, caller: Caller, now: dt.datetime) -> None:
        """Notes that a session is used now. Returns at once."""
        end = self._life.extended(caller, now)
        # The caller may come from a cache, and know nothing of the last write.
        written = self._ends.get(caller.session_id)
        if end is None or (written is not None and end - written < self._life.granularity):
            return
        if len(self._ends) >= _MOST_REMEMBERED:
            self._ends.clear()
        self._ends[caller.session_id] = end
        # The queue is full if the database hangs. The next use is noted then.
        with suppress(Full):
            self._used.put_nowait((caller.session_id, end))

    def stop(self) -> None:
        with suppress(Full):
            self._used.put_nowait(None)
        self._thread.join(1.0)

    def _loop(self) -> None:
        while True:
            ends: dict[str, dt.datetime] = {}
            used = self._used.get()
            with suppress(Empty):
                while used is not None and len(ends) < _MOST_AT_ONCE:
                    ends[used[0]] = used[1]
                    used = self._used.get_nowait()
            try:
                if ends:
                    with self._database.begin() as connection:
                        extend_sessions(connection, ends)
            except Exception as error:  # noqa: BLE001 - the sessions are noted again at their next use
                for session_id in ends:
                    self._ends.pop(session_id, None)
                log.warning("ends of sessions not moved", reason=type(error).__name__)
            if used is None:
                return
