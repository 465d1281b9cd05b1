"""Writes to an event by one statement, without its lock: fast_add concurrency control.

What such a write goes by, the caller's place in the event and the member_states of members, was read before:
a moment ago, or for the write before it. The statement raises the event's revision from the one that was
read, and writes only if that was still the revision: then nobody has written to the event since, and all that
was read still holds. The session, which is not the event's, is asked for by the same statement.
"""

import datetime as dt
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Dialect,
    Double,
    Text,
    func,
    null,
    select,
    update,
)
from sqlalchemy.dialects import postgresql

from howmuch.model import Caller, Event
from howmuch.storage.many import InsertMany, Rows, hex_of, json_of, rows_in_json
from howmuch.storage.tables import events, idempotency_keys, sessions, users
from howmuch.storage.types import Instant
from howmuch.usecases.event_writes import (
    EventWrite,
    MemberState,
    check_writable,
    read_member_states,
)


@dataclass(frozen=True, slots=True)
class EventSnapshot:
    """What a write may go by while the event has this revision: who may write, and how members stand.

    members: those that were asked for; whole: all of them. connects: of the database when it was read: where
    another connection was made since, it may be to a database that has lost this revision, and has another.
    """

    caller: Caller
    event: Event
    members: Mapping[str, MemberState]
    whole: bool
    connects: int

    def covers(self, member_ids: Collection[str] | None) -> bool:
        """Whether it has these members; None: all."""
        return self.whole or (member_ids is not None and self.members.keys() >= set(member_ids))

    def after(self, write: EventWrite) -> "EventSnapshot":
        """What holds once `write` has written, which changes no member."""
        return EventSnapshot(self.caller, write.event, self.members, self.whole, self.connects)


# What is to be written, one row an event, with what has to hold for it.
_WANTED = rows_in_json(
    "wanted",
    {
        "event_id": Text(),
        "revision": BigInteger(),
        "steps": BigInteger(),
        "token_hash": postgresql.BYTEA(),
        "now": Instant,
        "seconds": Double(),
        "key": Text(),
    },
).render_derived(name="wanted", with_types=True)
# A statement that had to wait, as for a migration, may come too late for a caller. It is a transaction of its
# own, which began when the statement arrived.
_IN_TIME = func.extract("epoch", func.clock_timestamp() - func.now()) < _WANTED.c.seconds
# A key that is there, even if its time is over, is for the ordinary way to deal with.
_KEY_IS_FREE = ~(
    select(idempotency_keys.c.key)
    .where(
        idempotency_keys.c.user_id == sessions.c.user_id, idempotency_keys.c.key == _WANTED.c.key
    )
    .exists()
)
_SEEN = (
    select(events.c.id, _WANTED.c.steps)
    .join_from(_WANTED, events, events.c.id == _WANTED.c.event_id)
    .join(sessions, sessions.c.token_hash == _WANTED.c.token_hash)
    .join(users, users.c.id == sessions.c.user_id)
    .where(
        events.c.revision == _WANTED.c.revision,
        sessions.c.expire_time > _WANTED.c.now,
        users.c.delete_time.is_(null()),
        _IN_TIME,
    )
    # Whoever holds the lock is about to raise the revision: waiting for it would be in vain.
    .with_for_update(key_share=True, skip_locked=True, of=events)
)


def read_snapshot(
    connection: Connection, caller: Caller, member_ids: Collection[str] | None, connects: int
) -> EventSnapshot:
    """What holds for a caller who was authorized just now. member_ids: of those wanted; None: all."""
    place = caller.in_event
    wanted = None if member_ids is None else {*member_ids, place.member_id}
    # Read after the revision: if somebody writes in between, it is another one when it is compared.
    members = read_member_states(connection, place.event.id, wanted)
    return EventSnapshot(caller, place.event, members, wanted is None, connects)


def begin_conditional_write(snapshot: EventSnapshot, now: dt.datetime) -> EventWrite:
    """As `begin_write` for one change, by what is believed. FailedPrecondition as there."""
    check_writable(snapshot.event)
    event = replace(snapshot.event, revision=snapshot.event.revision + 1)
    caller = snapshot.caller
    return EventWrite(event, snapshot.members, caller.user_id, caller.in_event.member_id, now, 1)


@dataclass(frozen=True, slots=True)
class ConditionalWrite:
    """A write that went by a snapshot. token_hash: of the caller. deadline: of the call, by time.monotonic().

    inserts: all its rows; key: the idempotency key among them, empty where there is none.
    """

    write: EventWrite
    token_hash: bytes
    deadline: float
    inserts: Mapping[InsertMany, Rows]
    key: str = ""

    def wanted(self) -> dict[str, Any]:
        """What has to hold, as the statement is sent."""
        write = self.write
        return {
            "event_id": write.event.id,
            "revision": write.event.revision - write.steps,
            "steps": write.steps,
            "token_hash": hex_of(self.token_hash),
            "now": write.now,
            "seconds": self.deadline - time.monotonic(),
            "key": self.key or None,
        }

    def rows(self, table: InsertMany) -> Iterator[Mapping[str, Any]]:
        """Those of a table, each with the event that it belongs to."""
        event_id = self.write.event.id
        for row in self.inserts.get(table, ()):
            yield row if "event_id" in row else {**row, "event_id": event_id}


def write_conditionally(connection: Connection, attempts: Sequence[ConditionalWrite]) -> set[str]:
    """Writes those that went by what still holds, by one statement; the ids of their events.

    attempts: of different events. An error says that nothing was written, unless the connection broke.
    """
    rows: dict[InsertMany, list[Mapping[str, Any]]] = {}
    for attempt in attempts:
        for table in attempt.inserts:
            rows.setdefault(table, []).extend(attempt.rows(table))
    tables = tuple(table for table, those in rows.items() if those)
    parameters = {table.name: json_of(rows[table]) for table in tables}
    parameters["wanted"] = json_of([attempt.wanted() for attempt in attempts])
    keyed = any(attempt.key for attempt in attempts)
    text, names = _statement(connection.dialect, keyed, *tables)
    values = tuple(parameters[name] for name in names)
    return set(connection.exec_driver_sql(text, values).scalars())


@lru_cache
def _statement(dialect: Dialect, keyed: bool, *tables: InsertMany) -> tuple[str, Sequence[str]]:
    """The text, and the names of its parameters in their order. keyed: whether there are idempotency keys.

    SQLAlchemy would keep it, too, but take longer to find it than to run it.
    """
    seen = (_SEEN.where(_KEY_IS_FREE) if keyed else _SEEN).cte("seen")
    raised = (
        update(events)
        .where(events.c.id == seen.c.id)
        .values(revision=events.c.revision + seen.c.steps)
        .returning(events.c.id)
        .cte("raised")
    )
    inserts = (table.of_json(raised).cte(f"new_{table.name}") for table in tables)
    compiled: Any = select(raised.c.id).add_cte(*inserts).compile(dialect=dialect)
    return str(compiled), compiled.positiontup
