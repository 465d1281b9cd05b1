"""One change becomes a notice for each of the people it concerns, gathered into one mail a person and event.

The first notice opens the mail, which waits for its window; those that come meanwhile go with it. Mails
about an account, and invitations, wait for nothing.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Column,
    Connection,
    Label,
    Table,
    bindparam,
    case,
    insert,
    null,
    select,
    tuple_,
)
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
from howmuch.telemetry.origin import NOWHERE, Origin

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


def _if_of_a_member(state: Column[Any]) -> Label[Any]:
    """What a change of something else was from and to makes no difference to who is told."""
    return case((changes.c.kind == "MEMBER_UPDATED", state)).label(state.name)


_REVISIONS: Any = bindparam("revisions", expanding=True)
_CHANGES = select(
    changes.c.event_id,
    changes.c.revision,
    changes.c.kind,
    changes.c.actor_user_id,
    changes.c.subject_id,
    _if_of_a_member(changes.c.before),
    _if_of_a_member(changes.c.after),
).where(tuple_(changes.c.event_id, changes.c.revision).in_(_REVISIONS))
_MEMBERS = (
    select(members.c.event_id, users.c.id, users.c.mail_mode, users.c.time_zone)
    .join_from(members, users, users.c.id == members.c.user_id)
    .where(
        members.c.event_id.in_(bindparam("events", expanding=True)),
        members.c.state == "ACTIVE",
        ~members.c.muted,
        users.c.email.is_not(null()),
        users.c.mail_mode != "OFF",
    )
)
_TOLD = select(notices.c.event_id, notices.c.revision, notices.c.user_id).where(
    tuple_(notices.c.event_id, notices.c.revision).in_(_REVISIONS)
)


def tell_of_changes(
    connection: Connection,
    revisions: Mapping[tuple[str, int], Origin],
    now: dt.datetime,
    timing: Timing,
) -> bool:
    """Notices for everybody whom changes concern. Whether a mail is to be sent at once.

    revisions: pairs of event id and revision, to what has caused the change. One that is not there any more,
    since its event is gone, concerns nobody. The number of statements does not grow.
    """
    found = connection.execute(_CHANGES, {"revisions": list(revisions)}).all()
    invited = [
        _invite(
            connection,
            change.event_id,
            change.subject_id,
            now,
            revisions[change.event_id, change.revision],
        )
        for change in found
        if change.kind == "INVITATION_CREATED"
    ]
    news = [change for change in found if _is_news(change)]
    if news:
        _notify(connection, news, revisions, now, timing)
    return any(invited)


def _is_news(change: Any) -> bool:
    if change.kind == "MEMBER_UPDATED":
        before, after = change.before or {}, change.after or {}
        return any(before.get(name) != after.get(name) for name in _TOLD_OF_A_MEMBER)
    return change.kind in MAILED_KINDS


def _notify(
    connection: Connection,
    news: Sequence[Any],
    origins: Mapping[tuple[str, int], Origin],
    now: dt.datetime,
    timing: Timing,
) -> None:
    """Writes who is told of each change into the mail of theirs that waits."""
    event_ids = sorted({change.event_id for change in news})
    people: dict[str, list[Any]] = {}
    for member in connection.execute(_MEMBERS, {"events": event_ids}):
        people.setdefault(member.event_id, []).append(member)
    # A message that comes twice finds everybody told already.
    revisions = [(change.event_id, change.revision) for change in news]
    told = {tuple(row) for row in connection.execute(_TOLD, {"revisions": revisions})}
    telling = [
        (change, member)
        for change in news
        for member in people.get(change.event_id, ())
        if member.id != change.actor_user_id
        and (change.event_id, change.revision, member.id) not in told
    ]
    if not telling:
        return
    opened = _open_mails(connection, {member for _, member in telling}, now, timing)
    connection.execute(
        _insert(connection, notices).on_conflict_do_nothing(),
        [
            {
                "event_id": change.event_id,
                "revision": change.revision,
                "user_id": member.id,
                "delivery_id": opened[member.id, _slot(member)],
                "origin": origins[change.event_id, change.revision].to_json(),
            }
            for change, member in telling
        ],
    )


def _slot(member: Any) -> str:
    return DIGEST_SLOT if member.mail_mode == "DAILY_DIGEST" else str(member.event_id)


def _open_mails(
    connection: Connection, readers: Collection[Any], now: dt.datetime, timing: Timing
) -> dict[tuple[str, str], str]:
    """User and slot to the mail that waits; each is held, and so not sent before the notice is in it."""
    window = dt.timedelta(seconds=timing.window_seconds)
    rows: dict[tuple[str, str], dict[str, object]] = {}
    for member in readers:
        slot = _slot(member)
        digest = slot == DIGEST_SLOT
        rows[member.id, slot] = {
            "id": new_id(DELIVERY),
            "kind": "DIGEST" if digest else "CHANGES",
            "state": "WAITING",
            "user_id": member.id,
            "slot": slot,
            "due_time": next_digest(now, member.time_zone, timing.digest_hour)
            if digest
            else now + window,
            "attempts": 0,
            "create_time": now,
        }
    statement = (
        _insert(connection, deliveries)
        .on_conflict_do_update(
            index_elements=[deliveries.c.user_id, deliveries.c.slot],
            index_where=WAITING,
            set_={"due_time": deliveries.c.due_time},
        )
        .returning(deliveries.c.user_id, deliveries.c.slot, deliveries.c.id)
    )
    # Two that fan out at once lock the mails of the same people in the same order.
    ordered = [rows[key] for key in sorted(rows)]
    return {(row.user_id, row.slot): row.id for row in connection.execute(statement, ordered)}


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


def _invite(
    connection: Connection, event_id: str, invitation_id: str, now: dt.datetime, origin: Origin
) -> bool:
    """A mail to the address that an invitation is for, if it is for one."""
    email = connection.execute(
        select(invitations.c.email).where(
            invitations.c.event_id == event_id, invitations.c.id == invitation_id
        )
    ).scalar()
    if not email:
        return False
    delivery_id = f"{DELIVERY}_{invitation_id.partition('_')[2]}"
    return send_now(
        connection, "INVITATION", now, delivery_id=delivery_id, slot=invitation_id, origin=origin
    )


def send_now(
    connection: Connection,
    kind: str,
    now: dt.datetime,
    *,
    delivery_id: str,
    slot: str = "",
    user_id: str | None = None,
    origin: Origin = NOWHERE,
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
        connection.execute(insert(outbox), due_message(delivery_id, now, origin))
    return bool(written.rowcount)


def due_message(delivery_id: str, now: dt.datetime, origin: Origin) -> dict[str, object]:
    """A row of `outbox`: this mail is to be sent."""
    return {
        "routing_key": "mail.send",
        "payload": {"delivery_id": delivery_id},
        "create_time": now,
        "origin": origin.to_json(),
    }
