"""Statements on the outbox: read, delete, put back, count."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, func, insert, null, or_, select

from howmuch.messaging.messages import Message, from_payload, to_payload
from howmuch.storage.tables import deliveries, outbox

_NEXT = (
    select(outbox.c.id, outbox.c.routing_key, outbox.c.payload, outbox.c.attempts, outbox.c.origin)
    .where(or_(outbox.c.due_time.is_(null()), outbox.c.due_time <= bindparam("now")))
    .order_by(outbox.c.id)
    .limit(bindparam("limit"))
    # Each relay takes only rows that no other relay has locked.
    .with_for_update(skip_locked=True)
)
_DELETE = delete(outbox).where(outbox.c.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class Backlog:
    """Messages to publish and mails that are due, each with the time of the oldest."""

    messages: int
    oldest_message: dt.datetime | None
    mails: int
    oldest_mail: dt.datetime | None


def next_messages(connection: Connection, now: dt.datetime, limit: int) -> list[Message]:
    rows = connection.execute(_NEXT, {"now": now, "limit": limit})
    return [from_payload(str(row_id), *columns) for row_id, *columns in rows]


def delete_messages(connection: Connection, messages: Sequence[Message]) -> None:
    connection.execute(_DELETE, {"ids": [int(message.id) for message in messages]})


def put_back(
    connection: Connection, message: Message, attempts: int, now: dt.datetime, delay_seconds: int
) -> None:
    """Puts a message into the outbox again, to be handled after the delay."""
    connection.execute(
        insert(outbox),
        {
            "routing_key": message.routing_key,
            "payload": to_payload(message),
            "create_time": now,
            "due_time": now + dt.timedelta(seconds=delay_seconds),
            "attempts": attempts,
            "origin": message.origin.to_json(),
        },
    )


def read_backlog(connection: Connection, now: dt.datetime) -> Backlog:
    messages = connection.execute(
        select(func.count(), func.min(outbox.c.create_time)).select_from(outbox)
    ).one()
    mails = connection.execute(
        select(func.count(), func.min(deliveries.c.due_time)).where(
            deliveries.c.done_time.is_(null()), deliveries.c.due_time <= now
        )
    ).one()
    return Backlog(*messages, *mails)
