"""How a write to an event goes: lock it, check again, write, record. `fast_add` is the other way.

The statement that raises the event's revision locks its row, so writers of one event come one after the
other and revisions have no gaps: a write that fails rolls its number back. What was read before the lock
may be stale by then; the roles and states that a write depends on are read after it.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from howmuch.errors import Aborted, FailedPrecondition, NotFound
from howmuch.model import Caller, Event, Role, etag
from howmuch.storage.many import InsertMany, Rows, among, insert_together
from howmuch.storage.tables import changes, events, members, outbox
from howmuch.telemetry.origin import current_origin
from howmuch.usecases.access import EVENT_COLUMNS, check_role
from howmuch.usecases.history import Resource, to_json


@dataclass(frozen=True, slots=True)
class MemberState:
    """What a write needs to know of a member."""

    role: Role
    weight: int
    active: bool


@dataclass(frozen=True, slots=True)
class EventWrite:
    """What a write to an event goes by.

    event: its revision raised by `steps` already. members: those asked for. member_id: of the caller;
    empty where the caller is no member.
    """

    event: Event
    members: Mapping[str, MemberState]
    user_id: str
    member_id: str
    now: dt.datetime
    steps: int


@dataclass(frozen=True, slots=True)
class LockedWrite(EventWrite):
    """One whose event is locked for this transaction."""

    connection: Connection


@dataclass(frozen=True, slots=True)
class Entry:
    """One change to record. kind: of storage.tables.CHANGE_KINDS."""

    kind: str
    subject_id: str
    before: Resource | None
    after: Resource | None


_RAISE_REVISION = (
    update(events)
    .where(events.c.id == bindparam("event"))
    .values(revision=events.c.revision + bindparam("steps"))
    .returning(*EVENT_COLUMNS)
)
_STANDING_COLUMNS = (members.c.id, members.c.role, members.c.weight, members.c.state)
_STANDINGS = select(*_STANDING_COLUMNS).where(members.c.event_id == bindparam("event"))
_NAMED = among(members.c.id, "ids")
_NAMED_STANDINGS = _STANDINGS.where(_NAMED)
# Both at once, which SQLite cannot.
_LOCKED = _RAISE_REVISION.cte("locked")
_LOCK_AND_READ = select(*_LOCKED.c, *_STANDING_COLUMNS).join_from(
    _LOCKED, members, (members.c.event_id == _LOCKED.c.id) & _NAMED, isouter=True
)
_INSERT_CHANGES = InsertMany(changes)
_INSERT_MESSAGES = InsertMany(outbox, columns=("routing_key", "payload", "create_time", "origin"))


def lock_event(connection: Connection, event_id: str, steps: int = 1) -> Event:
    """Locks the event and raises its revision by `steps`. NotFound where there is none."""
    row = connection.execute(_RAISE_REVISION, {"event": event_id, "steps": steps}).one_or_none()
    if row is None:
        raise NotFound("event", event_id)
    return Event(*row)


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
    """Locks the event that the caller was authorized for, and checks again what authorized it.

    steps: how many changes will be recorded. member_ids: members to read; None: all. Raises
    FailedPrecondition EVENT_ARCHIVED or EVENT_DELETED unless the write is allowed in that state.
    """
    membership = caller.in_event
    wanted = None if member_ids is None else {membership.member_id, *member_ids}
    event, member_states = _lock_and_read(connection, membership.event, steps, wanted)
    check_writable(event, while_archived=while_archived, while_deleted=while_deleted)
    mine = member_states.get(membership.member_id)
    if mine is None or not mine.active:
        raise NotFound("event", event.id)
    check_role(mine.role, membership.needed)
    return LockedWrite(
        event, member_states, caller.user_id, membership.member_id, now, steps, connection
    )


def _lock_and_read(
    connection: Connection, seen: Event, steps: int, member_ids: Collection[str] | None
) -> tuple[Event, dict[str, MemberState]]:
    """The locked event and member_states that hold under its lock. seen: as the caller was authorized.

    On PostgreSQL one statement does both. Its view of the members is of the moment before it waited for
    the lock; the revision tells whether anybody wrote to the event since it was seen, and only then
    they are read again.
    """
    if connection.dialect.name != "postgresql" or member_ids is None:
        event = lock_event(connection, seen.id, steps)
        return event, read_member_states(connection, seen.id, member_ids)
    rows = connection.execute(
        _LOCK_AND_READ, {"event": seen.id, "steps": steps, "ids": sorted(member_ids)}
    ).all()
    if not rows:
        raise NotFound("event", seen.id)
    width = len(EVENT_COLUMNS)
    event = Event(*rows[0][:width])
    if event.revision != seen.revision + steps:
        return event, read_member_states(connection, seen.id, member_ids)
    return event, _standings(row[width:] for row in rows if row[width] is not None)


def read_member_states(
    connection: Connection, event_id: str, member_ids: Collection[str] | None
) -> dict[str, MemberState]:
    """Member id to member_state, for the ids that there are; None: for all members."""
    if member_ids is None:
        rows = connection.execute(_STANDINGS, {"event": event_id})
    else:
        rows = connection.execute(_NAMED_STANDINGS, {"event": event_id, "ids": sorted(member_ids)})
    return _standings(rows)


def _standings(rows: Iterable[Sequence[Any]]) -> dict[str, MemberState]:
    return {
        member_id: MemberState(Role[role], weight, state == "ACTIVE")
        for member_id, role, weight, state in rows
    }


def check_writable(
    event: Event, *, while_archived: bool = False, while_deleted: bool = False
) -> None:
    """FailedPrecondition where the event can only be read."""
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
    """Aborted where the caller read another version than there is now.

    given: the etag that was read, or several with commas between; empty: not checked.
    """
    if given and etag(version) not in given.split(", "):
        raise Aborted(
            "ETAG_STALE",
            f"Somebody changed this {what} since you read it: your etag is {given[:40]!r}, it is now"
            f" {etag(version)!r}. Read it again and decide anew; nothing was written.",
            metadata={"etag": given[:40], "current_etag": etag(version)},
        )


def record(
    write: LockedWrite,
    entries: Sequence[Entry],
    inserts: Mapping[InsertMany, Rows] = MappingProxyType({}),
) -> None:
    """Writes history and outbox: one change and one message an entry, `write.steps` in all.

    inserts: rows of other tables that are written along, by the same statement where that is possible.
    """
    insert_together(write.connection, {**inserts, **recorded(write, entries)})


def recorded(write: EventWrite, entries: Sequence[Entry]) -> dict[InsertMany, Rows]:
    """What is to be inserted into history and outbox."""
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
    return {_INSERT_CHANGES: rows, _INSERT_MESSAGES: messages}


def change_nothing(write: LockedWrite) -> None:
    """Gives the revisions back, where it turns out that there is nothing to write."""
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
