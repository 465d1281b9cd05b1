"""The steps of a write to an event: lock it, check again, write, record. `fast_add` does without the lock.

The statement that raises the event's revision locks its row. So writers of one event take turns, and
revisions have no gaps: a write that fails rolls its number back. Rows that were read before the lock may be
stale; the roles and states that a write depends on are read under it.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from howmuch.errors import Aborted, FailedPrecondition, NotFound
from howmuch.model import Caller, Event, etag
from howmuch.storage.lock_waits import waiting_for
from howmuch.storage.many import InsertMany, Rows, insert_together
from howmuch.storage.rows import record_of
from howmuch.storage.tables import changes, events, members, outbox, seen_marks, sessions
from howmuch.telemetry.origin import current_origin
from howmuch.usecases.access import (
    LIVE_SESSION,
    check_role,
    hold_session,
    session_parameters,
)
from howmuch.usecases.history import Resource, to_json
from howmuch.usecases.history_texts import leave_out
from howmuch.usecases.member_states import (
    NAMED_MEMBERS,
    STATE_COLUMNS,
    MemberState,
    member_states,
    read_member_states,
)


@dataclass(frozen=True, slots=True)
class EventWrite:
    """A write to an event and all that it depends on.

    event: its revision is raised by `steps` already. members: the states that were asked for. member_id: of
    the caller; empty if the caller is no member.
    """

    event: Event
    members: Mapping[str, MemberState]
    user_id: str
    member_id: str
    now: dt.datetime
    steps: int

    @property
    def active_count(self) -> int:
        """The number of active members among those that were asked for."""
        return sum(member.active for member in self.members.values())


@dataclass(frozen=True, slots=True)
class LockedWrite(EventWrite):
    """A write whose event is locked for this transaction."""

    connection: Connection


@dataclass(frozen=True, slots=True)
class Entry:
    """One change to record. kind: of storage.tables.CHANGE_KINDS."""

    kind: str
    subject_id: str
    before: Resource | None
    after: Resource | None


class _Locked(NamedTuple):
    event: Event
    states: dict[str, MemberState]


_RAISE_REVISION = (
    update(events)
    .where(events.c.id == bindparam("event"))
    .values(revision=events.c.revision + bindparam("steps"))
    .returning(*events.columns)
)
# Several at once, which SQLite cannot. PostgreSQL locks the session after it has waited for the event. So it
# sees whether the session has ended meanwhile, although it sees all else as it was before.
_LOCKED = _RAISE_REVISION.cte("locked")
_LOCK_WITH_SESSION = (
    select(_LOCKED)
    .join_from(_LOCKED, sessions, LIVE_SESSION)
    .with_for_update(read=True, key_share=True, of=sessions)
)
_LOCK_AND_READ = (
    select(_LOCKED, *STATE_COLUMNS)
    .join_from(_LOCKED, sessions, LIVE_SESSION)
    .outerjoin(members, (members.c.event_id == _LOCKED.c.id) & NAMED_MEMBERS)
    .with_for_update(read=True, key_share=True, of=sessions)
)
_INSERT_CHANGES = InsertMany(changes)
_INSERT_MESSAGES = InsertMany(outbox, columns=("routing_key", "payload", "create_time", "origin"))
_COUNT_OWN_CHANGES = InsertMany(
    seen_marks, columns=("event_id", "user_id", "own_changes"), adding_to=("own_changes",)
)


def lock_event(connection: Connection, event_id: str, steps: int = 1) -> Event:
    """Locks the event and raises its revision by `steps`. NotFound if it does not exist."""
    with waiting_for(connection, event_id):
        found = connection.execute(_RAISE_REVISION, {"event": event_id, "steps": steps})
    row = found.mappings().one_or_none()
    if row is None:
        raise NotFound("event", event_id)
    return record_of(Event, row)


def begin_write(
    connection: Connection,
    caller: Caller,
    now: dt.datetime,
    *,
    steps: int = 1,
    member_ids: Collection[str] | None = (),
    while_archived: bool = False,
    while_deleted: bool = False,
) -> LockedWrite:
    """Locks the event that the caller was authorized for, and checks session and authorization again.

    steps: number of changes that will be recorded. member_ids: members to read; None means all. Raises
    Unauthenticated if the session has ended meanwhile, FailedPrecondition EVENT_ARCHIVED or EVENT_DELETED
    unless the write is allowed in that state.
    """
    membership = caller.in_event
    wanted = None if member_ids is None else {membership.member_id, *member_ids}
    event, states = _lock_and_read(connection, caller, now, steps, wanted)
    check_writable(event, while_archived=while_archived, while_deleted=while_deleted)
    mine = states.get(membership.member_id)
    if mine is None or not mine.active or mine.user_id != caller.user_id:
        raise NotFound("event", event.id)
    check_role(mine.role, membership.needed)
    return LockedWrite(event, states, caller.user_id, membership.member_id, now, steps, connection)


def _lock_and_read(
    connection: Connection,
    caller: Caller,
    now: dt.datetime,
    steps: int,
    member_ids: Collection[str] | None,
) -> _Locked:
    """The locked event, and the member states that hold under its lock. The session is held as well.

    On PostgreSQL one statement does it all. It sees the members as they were before it waited for the lock.
    The revision shows whether the event has changed since the caller was authorized; only then they are read
    again.
    """
    seen = caller.in_event.event
    if connection.dialect.name != "postgresql":
        event = lock_event(connection, seen.id, steps)
        return _Locked(event, read_member_states(connection, seen.id, member_ids))
    wanted = {
        "event": seen.id,
        "steps": steps,
        **session_parameters(caller, now),
    }
    if member_ids is not None:
        wanted["ids"] = sorted(member_ids)
    statement = _LOCK_WITH_SESSION if member_ids is None else _LOCK_AND_READ
    with waiting_for(connection, seen.id):
        rows = connection.execute(statement, wanted).mappings().all()
    if not rows:
        hold_session(connection, caller, now)
        raise NotFound("event", seen.id)
    event = record_of(Event, rows[0])
    if member_ids is None or event.revision != seen.revision + steps:
        return _Locked(event, read_member_states(connection, seen.id, member_ids))
    return _Locked(event, member_states(row for row in rows if row["member_id"] is not None))


def check_writable(
    event: Event, *, while_archived: bool = False, while_deleted: bool = False
) -> None:
    """FailedPrecondition if the event is read-only."""
    if event.delete_time and not while_deleted:
        raise FailedPrecondition(
            "EVENT_DELETED",
            f"The event {event.name!r} is deleted and can only be read. Undelete it first.",
            metadata={"event_id": event.id},
        )
    if event.archive_time and not while_archived:
        raise FailedPrecondition(
            "EVENT_ARCHIVED",
            f"The event {event.name!r} is archived and can only be read. Unarchive it first.",
            metadata={"event_id": event.id},
        )


def check_etag(given: str, version: int, what: str) -> None:
    """Aborted if the caller read another version than the present one.

    given: the etag that was read, or several, separated by commas. Empty means no check.
    """
    if given and etag(version) not in given.split(", "):
        raise Aborted(
            "ETAG_STALE",
            f"This {what} has changed since you read it: your etag is {given[:40]!r}, it is now"
            f" {etag(version)!r}. Reload it and reapply your change; nothing was saved.",
            metadata={"etag": given[:40], "current_etag": etag(version)},
        )


def record(
    write: LockedWrite,
    entries: Sequence[Entry],
    inserts: Mapping[InsertMany, Rows] = MappingProxyType({}),
) -> None:
    """Writes history and outbox: one change and one message an entry, `write.steps` in all.

    inserts: rows of other tables to write with them, by the same statement if possible.
    """
    rows = recorded(write, entries)
    for row in rows[_INSERT_CHANGES]:
        if row["before"] is not None:
            leave_out(
                write.connection, write.event.id, row["subject_id"], row["before"], row["after"]
            )
    insert_together(write.connection, {**inserts, **rows})


def recorded(write: EventWrite, entries: Sequence[Entry]) -> dict[InsertMany, Rows]:
    """The rows to insert into history and outbox, with all fields, and the count of the user's changes."""
    if len(entries) != write.steps:
        raise AssertionError(f"{len(entries)} changes recorded, {write.steps} announced")
    first = write.event.revision - write.steps + 1
    rows: list[dict[str, Any]] = [
        {
            "event_id": write.event.id,
            "revision": first + index,
            "kind": entry.kind,
            "actor_user_id": write.user_id,
            "actor_member_id": write.member_id,
            "subject_id": entry.subject_id,
            "before": to_json(entry.before),
            "after": to_json(entry.after),
            "create_time": write.now,
        }
        for index, entry in enumerate(entries)
    ]
    origin = current_origin().to_json()
    messages = [
        {
            "routing_key": "event." + row["kind"].lower().replace("_", "."),
            "payload": {"event_id": row["event_id"], "revision": row["revision"]},
            "create_time": write.now,
            "origin": origin,
        }
        for row in rows
    ]
    own = {"event_id": write.event.id, "user_id": write.user_id, "own_changes": len(rows)}
    return {_INSERT_CHANGES: rows, _INSERT_MESSAGES: messages, _COUNT_OWN_CHANGES: [own]}


def change_nothing(write: LockedWrite) -> None:
    """Gives the revisions back, for a write that turns out to change nothing."""
    lock_event(write.connection, write.event.id, -write.steps)


def send(
    connection: Connection, routing_key: str, payload: dict[str, str], now: dt.datetime
) -> None:
    """Puts a message that belongs to no event into the outbox."""
    message = {
        "routing_key": routing_key,
        "payload": payload,
        "create_time": now,
        "origin": current_origin().to_json(),
    }
    insert_together(connection, {_INSERT_MESSAGES: [message]})
