"""One change becomes a notice for each of the people it concerns, gathered into one mail a person and event.

The first notice opens the mail, which waits for its window; those that come meanwhile go with it. Mails
about an account, and invitations, wait for nothing.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, bindparam, exists, insert, null, select
from sqlalchemy.dialects import postgresql, sqlite

from howmuch.ids import DELIVERY, new_id
from howmuch.storage.tables import (
    WAITING,
    changes,
    deliveries,
    invitations,
    members,
    notices,
    outbox,
    users,
)

DIGEST_SLOT = "digest"
MAILED_KINDS = frozenset(
    {
        "EVENT_UPDATED",
        "EVENT_ARCHIVED",
        "EVENT_UNARCHIVED",
        "EVENT_DELETED",
        "EVENT_UNDELETED",
        "MEMBER_JOINED",
        "MEMBER_UPDATED",
        "MEMBER_REMOVED",
        "MEMBER_LEFT",
        "EXPENSE_CREATED",
        "EXPENSE_UPDATED",
        "EXPENSE_DELETED",
        "EXPENSE_UNDELETED",
        "EXPENSE_RESTORED",
    }
)
"""Kinds of changes that people are told of. A new guest is news to nobody; an invitation has its own mail."""

_TOLD_OF_A_MEMBER = ("role", "name")
"""What somebody else's MEMBER_UPDATED has to change to be worth a mail."""


@dataclass(frozen=True, slots=True)
class Timing:
    """window_seconds: for which changes of one event are gathered. digest_hour: local, 0 to 23."""

    window_seconds: float
    digest_hour: int


_CHANGE = select(
    changes.c.kind, changes.c.actor_user_id, changes.c.subject_id, changes.c.before, changes.c.after
).where(
    changes.c.event_id == bindparam("event_id"), changes.c.revision == bindparam("change_revision")
)
_RECIPIENTS = (
    select(users.c.id, users.c.mail_mode, users.c.time_zone)
    .join_from(members, users, users.c.id == members.c.user_id)
    .where(
        members.c.event_id == bindparam("event_id"),
        members.c.state == "ACTIVE",
        ~members.c.muted,
        users.c.id != bindparam("actor"),
        users.c.email.is_not(null()),
        users.c.mail_mode != "OFF",
        # A message that comes twice finds everybody told already.
        ~exists().where(
            notices.c.event_id == members.c.event_id,
            notices.c.revision == bindparam("change_revision"),
            notices.c.user_id == users.c.id,
        ),
    )
    # Two that fan out at once lock the mails of the same people in the same order.
    .order_by(users.c.id)
)


def tell_of_change(
    connection: Connection, event_id: str, revision: int, now: dt.datetime, timing: Timing
) -> bool:
    """Notices for everybody whom a change concerns. Whether a mail is to be sent at once."""
    named = {"event_id": event_id, "change_revision": revision}
    change = connection.execute(_CHANGE, named).one_or_none()
    if change is None:
        return False  # The event is gone, and with it whoever could be told.
    if change.kind == "INVITATION_CREATED":
        return _invite(connection, event_id, change.subject_id, now)
    if not _is_news(change):
        return False
    recipients = connection.execute(_RECIPIENTS, {**named, "actor": change.actor_user_id}).all()
    if not recipients:
        return False
    opened = _open_mails(connection, event_id, recipients, now, timing)
    connection.execute(
        _insert(connection, notices).on_conflict_do_nothing(),
        [
            {"event_id": event_id, "revision": revision, "user_id": user, "delivery_id": delivery}
            for user, delivery in opened
        ],
    )
    return False


def _is_news(change: Any) -> bool:
    if change.kind == "MEMBER_UPDATED":
        before, after = change.before or {}, change.after or {}
        return any(before.get(name) != after.get(name) for name in _TOLD_OF_A_MEMBER)
    return change.kind in MAILED_KINDS


def _open_mails(
    connection: Connection,
    event_id: str,
    recipients: Sequence[Any],
    now: dt.datetime,
    timing: Timing,
) -> Sequence[Any]:
    """Pairs of user and waiting mail; each is held, so that it is not sent before the notice is in it."""
    rows = []
    for user_id, mail_mode, time_zone in recipients:
        digest = mail_mode == "DAILY_DIGEST"
        due = next_digest(now, time_zone, timing.digest_hour) if digest else None
        rows.append(
            {
                "id": new_id(DELIVERY),
                "kind": "DIGEST" if digest else "CHANGES",
                "state": "WAITING",
                "user_id": user_id,
                "slot": DIGEST_SLOT if digest else event_id,
                "due_time": due or now + dt.timedelta(seconds=timing.window_seconds),
                "attempts": 0,
                "create_time": now,
            }
        )
    statement = (
        _insert(connection, deliveries)
        .on_conflict_do_update(
            index_elements=[deliveries.c.user_id, deliveries.c.slot],
            index_where=WAITING,
            set_={"due_time": deliveries.c.due_time},
        )
        .returning(deliveries.c.user_id, deliveries.c.id)
    )
    return connection.execute(statement, rows).all()


def _insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that knows ON CONFLICT."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def next_digest(now: dt.datetime, time_zone: str, hour: int) -> dt.datetime:
    """The next time that it is this hour where the user is."""
    local = now.astimezone(ZoneInfo(time_zone))
    due = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    if due <= local:
        due += dt.timedelta(days=1)
    return due.astimezone(dt.UTC)


def _invite(connection: Connection, event_id: str, invitation_id: str, now: dt.datetime) -> bool:
    """A mail to the address that an invitation is for, if it is for one."""
    email = connection.execute(
        select(invitations.c.email).where(
            invitations.c.event_id == event_id, invitations.c.id == invitation_id
        )
    ).scalar()
    if not email:
        return False
    delivery_id = f"{DELIVERY}_{invitation_id.partition('_')[2]}"
    return send_now(connection, "INVITATION", now, delivery_id=delivery_id, slot=invitation_id)


def send_now(
    connection: Connection,
    kind: str,
    now: dt.datetime,
    *,
    delivery_id: str,
    slot: str = "",
    user_id: str | None = None,
) -> bool:
    """Writes a mail, and the message that has it sent. False where there is this mail already."""
    row = {
        "id": delivery_id,
        "kind": kind,
        "state": "QUEUED",
        "user_id": user_id,
        "slot": slot,
        "due_time": now,
        "attempts": 0,
        "create_time": now,
    }
    written = connection.execute(_insert(connection, deliveries).on_conflict_do_nothing(), row)
    if written.rowcount:
        connection.execute(insert(outbox), due_message(delivery_id, now))
    return bool(written.rowcount)


def due_message(delivery_id: str, now: dt.datetime) -> dict[str, object]:
    """A row of `outbox`: this mail is to be sent."""
    return {
        "routing_key": "mail.send",
        "payload": {"delivery_id": delivery_id},
        "create_time": now,
    }
