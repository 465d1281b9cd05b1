"""Queues the mails whose window has passed."""

import datetime as dt

from sqlalchemy import Connection, bindparam, insert, select, update

from howmuch.mail.delivery.at_once import due_message
from howmuch.storage.tables import WAITING, deliveries, notices, outbox
from howmuch.telemetry.origin import from_json

AT_ONCE = 200

# The origin of a mail's message is that of its first change. The mail itself names all origins.
_ORIGIN = (
    select(notices.c.origin)
    .where(notices.c.delivery_id == deliveries.c.id)
    .order_by(notices.c.event_id, notices.c.revision)
    .limit(1)
    .scalar_subquery()
)
_DUE = (
    select(deliveries.c.id, _ORIGIN)
    .where(WAITING, deliveries.c.due_time <= bindparam("now"))
    .order_by(deliveries.c.due_time)
    .limit(AT_ONCE)
    .with_for_update(of=deliveries, skip_locked=True)
)
_QUEUE = (
    update(deliveries)
    .where(deliveries.c.id.in_(bindparam("ids", expanding=True)), WAITING)
    .values(state="QUEUED")
)


def dispatch(connection: Connection, now: dt.datetime) -> int:
    """Queues at most AT_ONCE due mails, and returns how many. Any number of processes may call it at once."""
    due = connection.execute(_DUE, {"now": now}).all()
    if due:
        connection.execute(_QUEUE, {"ids": [mail for mail, _ in due]})
        messages = [due_message(mail, now, from_json(origin)) for mail, origin in due]
        connection.execute(insert(outbox), messages)
    return len(due)
