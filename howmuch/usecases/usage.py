"""Stored bytes by event and user: added some seconds after the writes, and read for quotas."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from howmuch.storage.many import InsertMany, among, insert_together
from howmuch.storage.tables import members, sessions, usage

_ADD = InsertMany(usage, adding_to=("stored_bytes",))
_SUM = func.sum(usage.c.stored_bytes)
_BY_EVENT = select(usage.c.event_id, _SUM).group_by(usage.c.event_id)
_BY_USER = select(usage.c.user_id, _SUM).group_by(usage.c.user_id)


class UsageKey(NamedTuple):
    """An event, and a user who wrote to it."""

    event_id: str
    user_id: str


class Holdings(NamedTuple):
    """Things of a user whose number is limited. events: those that they own."""

    sessions: int
    events: int


def add_usage(connection: Connection, added: Mapping[UsageKey, int]) -> None:
    """Adds bytes. The rows are in the order of their keys, so that two processes cannot block each other."""
    rows = [
        {"event_id": key.event_id, "user_id": key.user_id, "stored_bytes": size}
        for key, size in sorted(added.items())
    ]
    insert_together(connection, {_ADD: rows})


def read_totals(
    connection: Connection, event_ids: Collection[str], user_ids: Collection[str]
) -> dict[str, int]:
    """Id of an event or user to its stored bytes; an id without bytes is left out."""
    statements = (
        (_BY_EVENT.where(among(usage.c.event_id, "ids")), event_ids),
        (_BY_USER.where(among(usage.c.user_id, "ids")), user_ids),
    )
    return {
        row[0]: int(row[1])
        for statement, ids in statements
        if ids
        for row in connection.execute(statement, {"ids": sorted(ids)})
    }


def read_fullest_events(connection: Connection, user_id: str, most: int) -> dict[str, int]:
    """Event id to stored bytes of the events that the user is in, the fullest first."""
    rows = connection.execute(
        _BY_EVENT.join(members, members.c.event_id == usage.c.event_id)
        .where(members.c.user_id == user_id, members.c.state == "ACTIVE")
        .order_by(_SUM.desc(), usage.c.event_id)
        .limit(most)
    )
    return {event_id: int(size) for event_id, size in rows}


def count_owned_events(connection: Connection, user_id: str) -> int:
    """The events that the user owns, with archived and deleted ones."""
    found: int = connection.execute(
        select(func.count()).where(
            members.c.user_id == user_id, members.c.role == "OWNER", members.c.state == "ACTIVE"
        )
    ).scalar_one()
    return found


def read_holdings(connection: Connection, user_id: str) -> Holdings:
    """Counts the things of a user."""
    count: int = connection.execute(
        select(func.count()).where(sessions.c.user_id == user_id)
    ).scalar_one()
    return Holdings(count, count_owned_events(connection, user_id))
