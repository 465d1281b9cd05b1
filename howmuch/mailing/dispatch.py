"""Mails whose window has passed are handed on to be sent."""

import datetime as dt

from sqlalchemy import Connection, bindparam, insert, select, update

from howmuch.mailing.fanout import due_message
from howmuch.storage.tables import WAITING, deliveries, outbox

AT_ONCE = 200

_DUE = (
    select(deliveries.c.id)
    .where(WAITING, deliveries.c.due_time <= bindparam("now"))
    .order_by(deliveries.c.due_time)
    .limit(AT_ONCE)
    .with_for_update(skip_locked=True)
)
_QUEUE = (
    update(deliveries)
    .where(deliveries.c.id.in_(bindparam("ids", expanding=True)), WAITING)
    .values(state="QUEUED")
)


def dispatch(connection: Connection, now: dt.datetime) -> int:
    """Hands on those that are due, AT_ONCE at most; how many there were. Any number may do it at once."""
    ids = list(connection.execute(_DUE, {"now": now}).scalars())
    if ids:
        connection.execute(_QUEUE, {"ids": ids})
        connection.execute(insert(outbox), [due_message(each, now) for each in ids])
    return len(ids)
