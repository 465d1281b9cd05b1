"""Conditional writes: to several events by one statement, without waiting for their locks.

A write relies on a snapshot (the caller's membership, the event, member states) that was read earlier: just
now, or for this caller's previous write. The statement raises the event's revision from the one in the
snapshot and inserts only if it could. Then no other call has written to the event, and the snapshot still
holds. The same statement checks the session, which is not part of the event.
"""

import datetime as dt
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from pydantic_core import to_json
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
from howmuch.storage.written import Written
from howmuch.usecases.event_writes import (
    EventWrite,
    check_writable,
)
from howmuch.usecases.member_states import MemberState, read_member_states


@dataclass(frozen=True, slots=True)
class EventSnapshot:
    """The caller's membership, the event and member states, valid while the event has this revision.

    members: those that were asked for; whole: these are all. generation: of the database connection that read
    it, see runtime.cache.
    """

    caller: Caller
    event: Event
    members: Mapping[str, MemberState]
    whole: bool
    generation: int

    def covers(self, member_ids: Collection[str] | None) -> bool:
        """Whether it has these members; None means all."""
        return self.whole or (member_ids is not None and self.members.keys() >= set(member_ids))

    def after(self, write: EventWrite) -> "EventSnapshot":
        """The snapshot once `write` has written, which changes no member."""
        return replace(self, event=write.event)


# The wanted writes, one row per event, each with its conditions.
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
# A statement that had to wait, as for a migration, may come too late for a caller. now() is when the
# statement arrived, since it is a transaction of its own.
_IN_TIME = func.extract("epoch", func.clock_timestamp() - func.now()) < _WANTED.c.seconds
# The ordinary way deals with a key that is there, even an expired one.
_KEY_IS_FREE = ~(
    select(idempotency_keys.c.key)
    .where(
        idempotency_keys.c.user_id == sessions.c.user_id, idempotency_keys.c.key == _WANTED.c.key
    )
    .exists()
)
# A session lasts until the commit. One that ends at this moment is left to the ordinary way.
_SEEN = (
    select(_WANTED.c.event_id, _WANTED.c.revision, _WANTED.c.steps)
    .join_from(_WANTED, sessions, sessions.c.token_hash == _WANTED.c.token_hash)
    .join(users, users.c.id == sessions.c.user_id)
    .where(sessions.c.expire_time > _WANTED.c.now, users.c.delete_time.is_(null()), _IN_TIME)
    .with_for_update(read=True, key_share=True, skip_locked=True, of=sessions)
)


def read_snapshot(
    connection: Connection, caller: Caller, member_ids: Collection[str] | None, generation: int
) -> EventSnapshot:
    """The snapshot for a caller who was authorized just now. member_ids: None means all members."""
    membership = caller.in_event
    wanted = None if member_ids is None else {*member_ids, membership.member_id}
    # Read after the revision: after a write in between, the revisions differ when they are compared.
    members = read_member_states(connection, membership.event.id, wanted)
    return EventSnapshot(caller, membership.event, members, wanted is None, generation)


def begin_conditional_write(snapshot: EventSnapshot, now: dt.datetime) -> EventWrite:
    """As `begin_write` for one change, from a snapshot. Raises FailedPrecondition as there."""
    check_writable(snapshot.event)
    event = replace(snapshot.event, revision=snapshot.event.revision + 1)
    caller = snapshot.caller
    return EventWrite(event, snapshot.members, caller.user_id, caller.in_event.member_id, now, 1)


@dataclass(frozen=True, slots=True, eq=False)
class ConditionalWrite:
    """A write that relies on a snapshot.

    token_hash: of the caller. deadline: of the call, by time.monotonic(). generation: of the snapshot.
    inserts: all its rows. key: the idempotency key among them; empty means none. written: their bytes, once
    they are written.
    """

    write: EventWrite
    token_hash: bytes
    deadline: float
    generation: int
    inserts: Mapping[InsertMany, Rows]
    key: str = ""
    written: Written = field(default_factory=Written)

    def wanted(self) -> dict[str, Any]:
        """The conditions, at the moment the statement is sent."""
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
        """The rows of a table, each with its event_id."""
        event_id = self.write.event.id
        for row in self.inserts.get(table, ()):
            yield row if "event_id" in row else {**row, "event_id": event_id}


def write_conditionally(connection: Connection, attempts: Sequence[ConditionalWrite]) -> set[str]:
    """Writes, by one statement, the attempts whose snapshot still holds; returns the ids of their events.

    attempts: to different events. An error means that nothing was written, unless the connection broke.
    """
    rows: dict[InsertMany, list[bytes]] = {}
    for attempt in attempts:
        for table, those in attempt.inserts.items():
            if those:
                as_json = to_json(list(attempt.rows(table)))
                attempt.written.add(table.name, len(as_json))
                rows.setdefault(table, []).append(as_json[1:-1])
    tables = tuple(rows)
    parameters = {table.name: f"[{b','.join(rows[table]).decode()}]" for table in tables}
    parameters["wanted"] = json_of([attempt.wanted() for attempt in attempts])
    keyed = any(attempt.key for attempt in attempts)
    text, names = _statement(connection.dialect, keyed, *tables)
    values = tuple(parameters[name] for name in names)
    return set(connection.exec_driver_sql(text, values).scalars())


@lru_cache
def _statement(dialect: Dialect, keyed: bool, *tables: InsertMany) -> tuple[str, Sequence[str]]:
    """The SQL, and the names of its parameters in order. keyed: whether there are idempotency keys.

    SQLAlchemy caches statements too, but takes longer to find this one than to run it.
    """
    seen = (_SEEN.where(_KEY_IS_FREE) if keyed else _SEEN).cte("seen")
    unchanged = (
        select(events.c.id, seen.c.steps)
        .join_from(seen, events, events.c.id == seen.c.event_id)
        .where(events.c.revision == seen.c.revision)
        # The holder of the lock is about to raise the revision: waiting for it would be in vain.
        .with_for_update(key_share=True, skip_locked=True, of=events)
        .cte("unchanged")
    )
    raised = (
        update(events)
        .where(events.c.id == unchanged.c.id)
        .values(revision=events.c.revision + unchanged.c.steps)
        .returning(events.c.id)
        .cte("raised")
    )
    inserts = (table.of_json(raised).cte(f"new_{table.name}") for table in tables)
    compiled: Any = select(raised.c.id).add_cte(*inserts).compile(dialect=dialect)
    return str(compiled), compiled.positiontup
