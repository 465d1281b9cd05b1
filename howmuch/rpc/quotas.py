"""Quotas: the writes of one user, and the stored bytes of one user and one event.

A write is admitted by numbers in the memory of this process, so it costs no statement and no trip to Redis.
Every few seconds a thread adds the stored bytes to the database and the counts to Redis, and reads the
numbers of all processes. ADR 0034 has the exact effect with several processes.
"""

import datetime as dt
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import structlog

from howmuch.errors import ResourceExhausted, Unavailable
from howmuch.rpc.shared_counts import SharedCounts
from howmuch.rpc.usage_counts import Rule, UsageCounts
from howmuch.storage.database import Database
from howmuch.storage.written import Written
from howmuch.usecases.usage import UsageKey, add_usage, read_totals

log = structlog.get_logger()

SYNC_SECONDS = 5.0
"""How often the numbers of all processes are brought together."""

STOP_SECONDS = 2.0
"""How long a stop waits for the last numbers. Those of a database that is down are lost."""

MOST_TOTALS = 100_000
"""Events and users whose stored bytes are in memory."""

MIB = 1024 * 1024
MINUTE, DAY = 60, 86_400


@dataclass(frozen=True, slots=True)
class Quotas:
    """The limits of one user; bytes_per_event: of one event. 0 means no limit."""

    writes_per_minute: int = 600
    bytes_per_day: int = 256 * MIB
    bytes_per_user: int = 4096 * MIB
    bytes_per_event: int = 1024 * MIB
    sessions: int = 20
    events: int = 1_000
    events_per_day: int = 100
    members_per_day: int = 5_000
    invitations_per_day: int = 200


class QuotaUse(NamedTuple):
    """How much of a quota is used. seconds: of its window; 0 means at any time. free_at: since 1970."""

    name: str
    limit: int
    used: int
    seconds: int
    free_at: float | None = None
    event_id: str = ""


class QuotaKeeper:
    """Admits writes and counts them. Any thread may use it. `sync` runs between start and stop."""

    def __init__(self, database: Database, quotas: Quotas, shared: SharedCounts | None) -> None:
        self.quotas = quotas
        self._database = database
        self._shared = shared
        self._counts = UsageCounts()
        self._lock = threading.Lock()
        # Stored bytes of events and users by id: those in the database, and those yet to be added.
        self._totals: dict[str, int] = {}
        self._pending: dict[UsageKey, int] = {}
        self._pending_by_id: dict[str, int] = {}
        self._refused: set[UsageKey] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="quotas", daemon=True)

    def start(self) -> None:
        """Starts to bring the numbers together."""
        self._thread.start()

    def stop(self) -> None:
        """Brings the numbers together a last time."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def admit(self, key: UsageKey, wanted: Mapping[str, int], *, stores: bool, now: float) -> None:
        """ResourceExhausted if a quota of the user or the event is used up; else counts one write.

        wanted: rule to the number that the call needs of it. stores: whether it is refused when the bytes are
        used up. now: in seconds since 1970.
        """
        for name, count in {"writes_per_minute": 1, **wanted}.items():
            rule = self._rule(name)
            if rule.limit and self._counts.used(rule, key.user_id, now) + count > rule.limit:
                raise self._too_often(rule, key.user_id, count, now)
        if stores:
            self._check_bytes(key, now)
        self._counts.add(self._rule("writes_per_minute"), key.user_id, 1, now)

    def count(self, key: UsageKey, wanted: Mapping[str, int], written: Written, now: float) -> None:
        """Counts a write that has been committed. key: an empty event_id means none."""
        for name, count in wanted.items():
            self._counts.add(self._rule(name), key.user_id, count, now)
        size = written.stored + written.passing
        if size:
            self._counts.add(self._rule("bytes_per_day"), key.user_id, size, now)
        if written.stored and key.event_id:
            with self._lock:
                self._pending[key] = self._pending.get(key, 0) + written.stored
                for each in key:
                    self._pending_by_id[each] = self._pending_by_id.get(each, 0) + written.stored

    def uses(self, user_id: str, now: float) -> list[QuotaUse]:
        """The quotas that have a window."""
        found = []
        for name in _SECONDS:
            rule = self._rule(name)
            used = self._counts.used(rule, user_id, now)
            full = bool(rule.limit) and used >= rule.limit
            free_at = self._counts.free_at(rule, user_id, 1, now) if full else None
            found.append(QuotaUse(name, rule.limit, used, rule.seconds, free_at))
        return found

    def stored(self, id_: str, in_database: int) -> int:
        """The stored bytes of an event or user, with those yet to be added."""
        with self._lock:
            return in_database + self._pending_by_id.get(id_, 0)

    def sync(self) -> None:
        """Tells the database and Redis, and learns from them."""
        self._sync_stored()
        if self._shared is None:
            # No other process counts.
            self._counts.take_pending()
            return
        pending = self._counts.take_pending()
        if not pending:
            return
        counts = self._shared.add(pending)
        if counts is None:
            self._counts.give_back(pending)
        else:
            self._counts.merge(counts)

    def _sync_stored(self) -> None:
        with self._lock:
            added, self._pending, self._pending_by_id = self._pending, {}, {}
            asked, self._refused = self._refused, set()
            for key, size in added.items():
                # Until the database has answered, they count as stored.
                for each in key:
                    self._totals[each] = self._totals.get(each, 0) + size
        keys = added.keys() | asked
        if not keys:
            return
        try:
            with self._database.begin(SYNC_SECONDS) as connection:
                if added:
                    add_usage(connection, added)
                totals = read_totals(
                    connection, {key.event_id for key in keys} - {""}, {key.user_id for key in keys}
                )
        except BaseException:
            with self._lock:
                for key, size in added.items():
                    self._pending[key] = self._pending.get(key, 0) + size
                    for each in key:
                        self._totals[each] -= size
                        self._pending_by_id[each] = self._pending_by_id.get(each, 0) + size
            raise
        with self._lock:
            for key in keys:
                for each in key:
                    self._totals.pop(each, None)
                    self._totals[each] = totals.get(each, 0)
            while len(self._totals) > MOST_TOTALS:
                del self._totals[next(iter(self._totals))]

    def _run(self) -> None:
        down = False
        while True:
            last = self._stopping.wait(SYNC_SECONDS)
            try:
                self.sync()
                down = False
            except Unavailable as error:
                if not down:
                    log.warning("stored bytes are not counted", reason=error.message)
                down = True
            except Exception:
                log.exception("stored bytes are not counted")
            if last:
                return

    def _rule(self, name: str) -> Rule:
        return Rule(name, getattr(self.quotas, name), _SECONDS[name])

    def _check_bytes(self, key: UsageKey, now: float) -> None:
        rule = self._rule("bytes_per_day")
        # Sizes are known after the write, so the write that exceeds the limit is the last one.
        if rule.limit and self._counts.used(rule, key.user_id, now) >= rule.limit:
            raise self._too_often(rule, key.user_id, 1, now)
        for name, limit, id_, way_out in (
            ("bytes_per_user", self.quotas.bytes_per_user, key.user_id, _FREE_EVENTS),
            ("bytes_per_event", self.quotas.bytes_per_event, key.event_id, _NEW_EVENT),
        ):
            if not limit or not id_:
                continue
            with self._lock:
                used = self._totals.get(id_, 0) + self._pending_by_id.get(id_, 0)
                if used >= limit:
                    # Less may be stored by now.
                    self._refused.add(key)
            if used >= limit:
                raise exceeded(QuotaUse(name, limit, used, 0), subject=id_, way_out=way_out)

    def _too_often(self, rule: Rule, user_id: str, count: int, now: float) -> ResourceExhausted:
        used = self._counts.used(rule, user_id, now)
        free_at = self._counts.free_at(rule, user_id, count, now)
        use = QuotaUse(rule.name, rule.limit, used, rule.seconds, free_at)
        seconds = max(1.0, free_at - now)
        return exceeded(
            use, subject=user_id, way_out=f"Try again in {seconds:.0f} seconds.", seconds=seconds
        )


_SECONDS = {
    "writes_per_minute": MINUTE,
    "bytes_per_day": DAY,
    "events_per_day": DAY,
    "members_per_day": DAY,
    "invitations_per_day": DAY,
}
_FREE_EVENTS = (
    "Delete events that you no longer need; their bytes are free 30 days later. Reading and deleting"
    " still work."
)
_NEW_EVENT = "Go on in a new event. Reading and deleting still work."


def instant(seconds: float) -> dt.datetime:
    """The instant of seconds since 1970."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def exceeded(
    use: QuotaUse, *, subject: str, way_out: str, seconds: float | None = None
) -> ResourceExhausted:
    """The error for a quota that is used up. subject: the user or event. seconds: until the next try."""
    words = use.name.replace("_", " ")
    return ResourceExhausted(
        "QUOTA_EXCEEDED",
        f"The quota of {use.limit:,} {words} is used up ({use.used:,} used). {way_out}",
        retry_after_seconds=seconds,
        quota_subject=subject,
        metadata={
            "quota": use.name,
            "limit": str(use.limit),
            "used": str(use.used),
            "subject": subject,
        },
    )
