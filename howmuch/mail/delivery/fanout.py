"""Turns a change into a notice for each member it concerns, and collects notices by member and event.

The first notice opens a mail, which waits for its window. Later notices join it until then. Mails about an
account, and invitations, are sent at once.

Mail goes out on behalf of users with a verified address only, and to verified addresses only. Invitations,
and links that verify an address or reset a password, also go to other addresses (ADR 0033).
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, RowMapping, bindparam, case, null, or_, select, tuple_

from howmuch.ids import DELIVERY, new_id
from howmuch.mail.delivery.at_once import invite
from howmuch.mail.delivery.concerned import ChangeKey, concerns, members_concerned
from howmuch.mail.delivery.mail_limits import MailLimits, lock_invitations
from howmuch.storage.on_conflict import insert_of
from howmuch.storage.tables import (
    WAITING,
    changes,
    deliveries,
    members,
    notices,
    users,
)
from howmuch.telemetry.origin import Origin
from howmuch.usecases.history import Change, changes_of

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
        "COMMENT_ADDED",
    }
)
"""Kinds of changes that members get mail about. A new guest is not one; an invitation has its own mail."""

_MAILED_FIELDS = ("role", "name")
"""The fields whose change in a MEMBER_UPDATED sends mail."""


@dataclass(frozen=True, slots=True)
class Timing:
    """window_seconds: how long changes of one event are collected. digest_hour: local, 0 to 23."""

    window_seconds: float
    digest_hour: int


class _Slot(NamedTuple):
    """The key of a waiting mail. name: the event's id, or DIGEST_SLOT."""

    user_id: str
    name: str


_MEMBER_UPDATED = changes.c.kind == "MEMBER_UPDATED"
_REVISIONS: Any = bindparam("revisions", expanding=True)
# An account that is deleted has no address any more, and its last change is that it left.
_ACTOR_IS_VERIFIED = or_(
    users.c.email_verify_time.is_not(null()), users.c.delete_time.is_not(null())
)
_CHANGES = (
    select(
        changes.c.event_id,
        changes.c.revision,
        changes.c.kind,
        changes.c.actor_user_id,
        changes.c.subject_id,
        # Other kinds reach the same members, no matter which fields changed.
        case((_MEMBER_UPDATED, changes.c.before)).label("before"),
        case((_MEMBER_UPDATED, changes.c.after)).label("after"),
        _ACTOR_IS_VERIFIED.label("actor_is_verified"),
    )
    .join_from(changes, users, users.c.id == changes.c.actor_user_id)
    .where(tuple_(changes.c.event_id, changes.c.revision).in_(_REVISIONS))
)
_MEMBERS = (
    select(
        members.c.event_id,
        members.c.id.label("member_id"),
        members.c.mail_only_mine,
        users.c.id,
        users.c.mail_mode,
        users.c.time_zone,
    )
    .join_from(members, users, users.c.id == members.c.user_id)
    .where(
        members.c.event_id.in_(bindparam("events", expanding=True)),
        members.c.state == "ACTIVE",
        ~members.c.muted,
        users.c.email_verify_time.is_not(null()),
        users.c.deletion_due_time.is_(null()),
        users.c.mail_mode != "OFF",
    )
)
_OF_EXPENSES = select(changes).where(
    tuple_(changes.c.event_id, changes.c.revision).in_(_REVISIONS),
    or_(changes.c.kind.like("EXPENSE%"), changes.c.kind.like("COMMENT%")),
)
_TOLD = select(notices.c.event_id, notices.c.revision, notices.c.user_id).where(
    tuple_(notices.c.event_id, notices.c.revision).in_(_REVISIONS)
)


def tell_of_changes(
    connection: Connection,
    origins: Mapping[ChangeKey, Origin],
    now: dt.datetime,
    timing: Timing,
    limits: MailLimits,
) -> bool:
    """Writes notices for all members whom changes concern. Returns whether a mail is to be sent at once.

    origins: change to its origin. A change that was deleted with its event concerns no member. The number of
    statements does not grow with the number of changes, except for invitations.
    """
    found = connection.execute(_CHANGES, {"revisions": list(origins)}).all()
    inviting = [change for change in found if change.kind == "INVITATION_CREATED"]
    if inviting:
        lock_invitations(connection, now)
    invited = [
        invite(connection, change.event_id, change.subject_id, now, origins[_key(change)], limits)
        for change in inviting
    ]
    mailed = [change for change in found if _is_mailed(change)]
    if mailed:
        _notify(connection, mailed, origins, now, timing)
    return any(invited)


def _key(change: Any) -> ChangeKey:
    return ChangeKey(change.event_id, change.revision)


def _is_mailed(change: Any) -> bool:
    if not change.actor_is_verified:
        return False
    if change.kind == "MEMBER_UPDATED":
        before, after = change.before or {}, change.after or {}
        return any(before.get(name) != after.get(name) for name in _MAILED_FIELDS)
    return change.kind in MAILED_KINDS


def _notify(
    connection: Connection,
    mailed: Sequence[Any],
    origins: Mapping[ChangeKey, Origin],
    now: dt.datetime,
    timing: Timing,
) -> None:
    """Adds a notice of each change to the waiting mail of each member."""
    event_ids = sorted({change.event_id for change in mailed})
    people: dict[str, list[Any]] = {}
    for member in connection.execute(_MEMBERS, {"events": event_ids}):
        people.setdefault(member.event_id, []).append(member)
    # If a message is delivered twice, all members have their notices already.
    told = {
        (ChangeKey(event_id, revision), user_id)
        for event_id, revision, user_id in connection.execute(
            _TOLD, {"revisions": [_key(change) for change in mailed]}
        )
    }
    choosy = {
        event_id
        for event_id, those in people.items()
        if any(member.mail_only_mine for member in those)
    }
    known = _expense_changes(connection, [_key(each) for each in mailed if each.event_id in choosy])
    concerned = members_concerned(connection, known)
    telling = [
        (change, member)
        for change in mailed
        for member in people.get(change.event_id, ())
        if member.id != change.actor_user_id
        and (_key(change), member.id) not in told
        and (not member.mail_only_mine or concerns(concerned, _key(change), member.member_id))
    ]
    if not telling:
        return
    opened = _open_mails(connection, {member for _, member in telling}, now, timing)
    connection.execute(
        insert_of(connection, notices).on_conflict_do_nothing(),
        [
            {
                "event_id": change.event_id,
                "revision": change.revision,
                "user_id": member.id,
                "delivery_id": opened[_slot(member)],
                "origin": origins[_key(change)].to_json(),
            }
            for change, member in telling
        ],
    )


def _expense_changes(connection: Connection, keys: Sequence[ChangeKey]) -> dict[ChangeKey, Change]:
    """The changes of expenses and comments among these."""
    rows: dict[str, list[RowMapping]] = {}
    if keys:
        for row in connection.execute(_OF_EXPENSES, {"revisions": list(keys)}).mappings():
            rows.setdefault(row["event_id"], []).append(row)
    return {
        ChangeKey(event_id, change.revision): change
        for event_id, of_event in rows.items()
        for change in changes_of(connection, event_id, of_event)
    }


def _slot(member: Any) -> _Slot:
    digest = member.mail_mode == "DAILY_DIGEST"
    return _Slot(member.id, DIGEST_SLOT if digest else member.event_id)


def _open_mails(
    connection: Connection, readers: Collection[Any], now: dt.datetime, timing: Timing
) -> dict[_Slot, str]:
    """Slot to its waiting mail. Each mail is locked, and so not sent before the notice is in it."""
    rows: dict[_Slot, dict[str, object]] = {}
    for member in readers:
        slot = _slot(member)
        kind, due_time = "CHANGES", now + dt.timedelta(seconds=timing.window_seconds)
        if slot.name == DIGEST_SLOT:
            kind, due_time = "DIGEST", next_digest(now, member.time_zone, timing.digest_hour)
        rows[slot] = {
            "id": new_id(DELIVERY),
            "kind": kind,
            "state": "WAITING",
            "user_id": slot.user_id,
            "slot": slot.name,
            "due_time": due_time,
            "attempts": 0,
            "create_time": now,
        }
    statement = (
        insert_of(connection, deliveries)
        .on_conflict_do_update(
            index_elements=[deliveries.c.user_id, deliveries.c.slot],
            index_where=WAITING,
            set_={"due_time": deliveries.c.due_time},
        )
        .returning(deliveries.c.user_id, deliveries.c.slot, deliveries.c.id)
    )
    # Concurrent calls lock the mails of the same members in the same order.
    ordered = [rows[slot] for slot in sorted(rows)]
    return {_Slot(row.user_id, row.slot): row.id for row in connection.execute(statement, ordered)}


def next_digest(now: dt.datetime, time_zone: str, hour: int) -> dt.datetime:
    """The next time that it is this hour in the user's time zone."""
    local = now.astimezone(ZoneInfo(time_zone))
    due = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    if due <= local:
        due += dt.timedelta(days=1)
    return due.astimezone(dt.UTC)
