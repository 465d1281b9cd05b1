"""Streams of changes, which hold no thread while they wait.

One thread reads the revisions of all watched events of this process, once a second, by one statement. Writes
wake it at once: those of this process, and with Redis those of all. A few threads then read and send. They
read the history after the last revision that was sent, so each change is sent once, whichever process wrote
it. Before each read they check session and membership again.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import grpc
import structlog
from sqlalchemy import bindparam, select

from howmuch.errors import HowmuchError, Unavailable
from howmuch.model import Role
from howmuch.rpc.activity import ActivityReader, reader_of, told_message
from howmuch.rpc.call import Call
from howmuch.rpc.status import internal_status, to_status
from howmuch.rpc.stream_limits import StreamCounts, StreamLimits, StreamOwner
from howmuch.runtime.networks import network_of
from howmuch.storage.database import Database
from howmuch.storage.many import among
from howmuch.storage.tables import events, sessions
from howmuch.usecases.access import authorize
from howmuch.usecases.history import read_changes
from howmuch.v1 import change_pb2

log = structlog.get_logger()

LAST_SEND_SECONDS = 0.5
"""How long a stop waits for messages that are being sent, in all."""

POLL_SECONDS = 1.0
# A client that takes no message for this long is cut off; it resumes from the last revision it saw.
STALLED_SECONDS = 20.0
_CHANGES_AT_ONCE = 100
# A thread is started only while the others are busy. A client that takes no message keeps one.
_SENDERS = 256
_READERS = 8

_REVISIONS = select(events.c.id, events.c.revision).where(among(events.c.id, "ids"))
_LIVE_SESSIONS = select(sessions.c.token_hash).where(
    sessions.c.token_hash.in_(bindparam("hashes", expanding=True)),
    sessions.c.expire_time > bindparam("now"),
)

Send = Callable[[change_pb2.Change | None], None]


@dataclass(eq=False, slots=True)
class _Watcher:
    """One stream. sent: the last revision sent. sending_since: None means that no message is being sent."""

    event_id: str
    owner: StreamOwner
    reader: ActivityReader
    request_id: str
    trailing_metadata: tuple[tuple[str, str | bytes], ...]
    context: grpc.ServicerContext
    send: Send
    sent: int
    busy: bool = False
    again: bool = False
    ended: bool = False
    counted: bool = True
    sending_since: float | None = None


@dataclass(slots=True)
class _State:
    watchers: dict[str, set[_Watcher]] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    look_at_all: bool = False
    closed: bool = False


class WatchHub:
    """All streams of this process."""

    def __init__(
        self, database: Database, now: Callable[[], Any], limits: StreamLimits | None = None
    ) -> None:
        self._counts = StreamCounts(limits or StreamLimits())
        self._database = database
        self._now = now
        self._state = _State()
        self._wake = threading.Condition()
        self._senders = ThreadPoolExecutor(_SENDERS, "watch-send")
        # Reads leave connections to calls.
        self._reading = threading.Semaphore(_READERS)
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def watch(
        self, call: Call, context: grpc.ServicerContext, since_revision: int, send: Send
    ) -> None:
        """Takes a stream over from the call that opened it, and sends every later change in order."""
        watcher = _Watcher(
            event_id=call.caller.in_event.event.id,
            owner=StreamOwner(call.token_hash, call.caller.user_id, network_of(call.peer)),
            reader=reader_of(call),
            request_id=call.request_id,
            trailing_metadata=call.trailing_metadata,
            context=context,
            send=send,
            sent=since_revision,
        )
        with self._wake:
            if self._state.closed:
                raise _closing()
            self._counts.add(watcher.owner)
            self._state.watchers.setdefault(watcher.event_id, set()).add(watcher)
        # The caller learns that it watches, although nothing may change for long.
        context.send_initial_metadata(())
        if not context.add_callback(lambda: self._forget(watcher)):
            self._forget(watcher)
            return
        self._schedule(watcher)

    def notify(self, event_id: str) -> None:
        """Looks for changes of an event at once. Empty means all events."""
        with self._wake:
            if not event_id:
                self._state.look_at_all = bool(self._state.watchers)
            elif event_id in self._state.watchers:
                self._state.changed.add(event_id)
            else:
                return
            self._wake.notify()

    def close(self) -> None:
        """Ends every stream with UNAVAILABLE, so that clients resume at another process."""
        with self._wake:
            self._state.closed = True
            self._wake.notify()
        self._thread.join()
        give_up_at = time.monotonic() + LAST_SEND_SECONDS
        for watcher in self._all():
            while watcher.sending_since is not None and time.monotonic() < give_up_at:
                time.sleep(0.01)  # The message may be sent in a moment.
            if watcher.sending_since is not None:
                # A client that takes nothing would hold up its sender and the stop.
                watcher.context.cancel()
            else:
                self._end(watcher, to_status(_closing(), watcher.request_id))
        self._senders.shutdown(wait=False)

    def _all(self) -> list[_Watcher]:
        with self._wake:
            return [watcher for group in self._state.watchers.values() for watcher in group]

    def _forget(self, watcher: _Watcher) -> None:
        with self._wake:
            if not watcher.counted:
                return
            watcher.counted = False
            self._counts.remove(watcher.owner)
            watcher.ended = True
            group = self._state.watchers.get(watcher.event_id, set())
            group.discard(watcher)
            if not group:
                self._state.watchers.pop(watcher.event_id, None)

    def _run(self) -> None:
        next_look = time.monotonic() + POLL_SECONDS
        while True:
            with self._wake:
                if not self._state.changed and not self._state.look_at_all:
                    self._wake.wait(max(0.0, next_look - time.monotonic()))
                if self._state.closed:
                    return
                # Due every second, even while writes keep waking the thread.
                look_at_all = self._state.look_at_all or time.monotonic() >= next_look
                changed, self._state.changed = self._state.changed, set()
                self._state.look_at_all = False
                due = [w for event_id in changed for w in self._state.watchers.get(event_id, ())]
            for watcher in due:
                self._schedule(watcher)
            if look_at_all:
                self._look_at_all()
                next_look = time.monotonic() + POLL_SECONDS

    def _look_at_all(self) -> None:
        watchers = self._all()
        if not watchers:
            return
        now = time.monotonic()
        for watcher in watchers:
            since = watcher.sending_since
            if since is not None and now - since > STALLED_SECONDS:
                watcher.context.cancel()
        try:
            with self._database.read() as connection:
                rows = connection.execute(_REVISIONS, {"ids": list({w.event_id for w in watchers})})
                revisions: dict[str, int] = {row.id: row.revision for row in rows}
                live = set(
                    connection.execute(
                        _LIVE_SESSIONS,
                        {
                            "hashes": list({w.owner.token_hash for w in watchers}),
                            "now": self._now(),
                        },
                    ).scalars()
                )
        except Exception:
            # The database is down. The streams stay open, and go on when it is back.
            log.warning("watched events could not be read", exc_info=True)
            return
        for watcher in watchers:
            moved_on = revisions.get(watcher.event_id) != watcher.sent
            if moved_on or bytes(watcher.owner.token_hash) not in live:
                self._schedule(watcher)

    def _schedule(self, watcher: _Watcher) -> None:
        """Hands the watcher to a sender, to one at a time."""
        with self._wake:
            if self._state.closed or watcher.ended:
                return
            if watcher.busy:
                watcher.again = True
                return
            watcher.busy = True
        self._senders.submit(self._serve, watcher)

    def _serve(self, watcher: _Watcher) -> None:
        while True:
            try:
                caught_up = self._send_some(watcher)
            except Unavailable:
                caught_up = True
            except HowmuchError as error:
                self._end(watcher, to_status(error, watcher.request_id))
                return
            except Exception:
                log.exception("stream failed", request_id=watcher.request_id)
                self._end(watcher, internal_status(watcher.request_id))
                return
            with self._wake:
                if self._state.closed or watcher.ended:
                    return
                if caught_up and not watcher.again:
                    watcher.busy = False
                    return
                watcher.again = False

    def _send_some(self, watcher: _Watcher) -> bool:
        """Sends new changes, up to a bound. True means that these were all."""
        with self._reading, self._database.read() as connection:
            authorize(
                connection, watcher.owner.token_hash, self._now(), watcher.event_id, Role.VIEWER
            )
            found = read_changes(connection, watcher.event_id, watcher.sent, _CHANGES_AT_ONCE)
            wording = watcher.reader.wording(connection, found) if found else None
        for change in found:
            if watcher.ended or wording is None:
                return True
            watcher.sending_since = time.monotonic()
            watcher.send(told_message(wording, change))
            watcher.sending_since = None
            watcher.sent = change.revision
        return len(found) < _CHANGES_AT_ONCE

    def _end(self, watcher: _Watcher, status: grpc.Status) -> None:
        if watcher.ended:
            return
        self._forget(watcher)
        context = watcher.context
        context.set_code(status.code)
        context.set_details(status.details)
        context.set_trailing_metadata((*watcher.trailing_metadata, *status.trailing_metadata))
        watcher.send(None)


def _closing() -> Unavailable:
    return Unavailable(
        "SERVER_CLOSING", "The server is going down. Watch again from the last revision you saw."
    )
