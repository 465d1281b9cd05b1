"""Who calls, and what they may do in an event."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, and_, bindparam, null, select

from howmuch.errors import NotFound, PermissionDenied, Unauthenticated
from howmuch.model import Caller, Event, Membership, Role
from howmuch.storage.tables import events, members, sessions, users

EVENT_COLUMNS = (
    events.c.id,
    events.c.name,
    events.c.description,
    events.c.currency_code,
    events.c.revision,
    events.c.version,
    events.c.create_time,
    events.c.update_time,
    events.c.archive_time,
    events.c.delete_time,
)

_SESSION = (
    select(sessions.c.user_id, sessions.c.id.label("session_id"), sessions.c.expire_time)
    .join(users, users.c.id == sessions.c.user_id)
    .where(
        sessions.c.token_hash == bindparam("token_hash"),
        sessions.c.expire_time > bindparam("now"),
        users.c.delete_time.is_(null()),
    )
)

_SESSION_IN_EVENT = (
    _SESSION.add_columns(members.c.id.label("member_id"), members.c.role, *EVENT_COLUMNS)
    .outerjoin_from(
        users,
        members,
        and_(
            members.c.user_id == users.c.id,
            members.c.event_id == bindparam("event_id"),
            members.c.state == "ACTIVE",
        ),
    )
    .outerjoin(events, events.c.id == members.c.event_id)
)


_MEMBERSHIP = (
    select(members.c.id.label("member_id"), members.c.role, *EVENT_COLUMNS)
    .join(events, events.c.id == members.c.event_id)
    .where(
        members.c.user_id == bindparam("user_id"),
        members.c.event_id == bindparam("event_id"),
        members.c.state == "ACTIVE",
    )
)

_USER_TO_HOLD = (
    select(users.c.name, users.c.currency_code)
    .where(users.c.id == bindparam("user_id"), users.c.delete_time.is_(null()))
    .with_for_update(read=True)
)


def authenticate(connection: Connection, token_hash: bytes, now: dt.datetime) -> Caller:
    """The caller whose live session has this token hash; else Unauthenticated. One statement."""
    row = connection.execute(_SESSION, {"token_hash": token_hash, "now": now}).one_or_none()
    if row is None:
        raise session_ended()
    return Caller(*row)


def authorize(
    connection: Connection, token_hash: bytes, now: dt.datetime, event_id: str, needed: Role
) -> Caller:
    """`authenticate`, and the caller's place in an event: one statement for both.

    NotFound for who is not an active member, whether or not the event exists; PermissionDenied for a
    member whose role is too small.
    """
    row = connection.execute(
        _SESSION_IN_EVENT, {"token_hash": token_hash, "now": now, "event_id": event_id}
    ).one_or_none()
    if row is None:
        raise session_ended()
    user_id, session_id, expire_time, *place = row
    return Caller(user_id, session_id, expire_time, _membership(place, event_id, needed))


def authorize_known(connection: Connection, caller: Caller, event_id: str, needed: Role) -> Caller:
    """`authorize` for a caller whose session is known. One statement, which reads less. Errors as there."""
    row = connection.execute(
        _MEMBERSHIP, {"user_id": caller.user_id, "event_id": event_id}
    ).one_or_none()
    place = (None,) if row is None else row
    return replace(caller, membership=_membership(place, event_id, needed))


def _membership(place: Sequence[Any], event_id: str, needed: Role) -> Membership:
    """place: the member's id, role and event; or None in the place of its id, where there is no member."""
    member_id, *role_and_event = place
    if member_id is None:
        raise NotFound("event", event_id)
    role_name, *event = role_and_event
    role = Role[role_name]
    check_role(role, needed)
    return Membership(Event(*event), member_id, role, needed)


def lock_user_for_share(connection: Connection, user_id: str) -> tuple[str, str]:
    """Name and currency of an account that stays while this transaction lasts.

    Unauthenticated where it was deleted meanwhile: nothing new may come to belong to it.
    """
    row = connection.execute(_USER_TO_HOLD, {"user_id": user_id}).one_or_none()
    if row is None:
        raise session_ended()
    return row[0], row[1]


def check_role(role: Role, needed: Role) -> None:
    """PermissionDenied where `role` is smaller than `needed`."""
    if role < needed:
        raise PermissionDenied(
            "ROLE_TOO_SMALL",
            f"This needs the role {needed.name} in the event; yours is {role.name}.",
            metadata={"needed_role": needed.name, "role": role.name},
        )


def session_ended() -> Unauthenticated:
    """The one answer for every token that opens nothing."""
    return Unauthenticated(
        "SESSION_INVALID", "The session token is unknown or its session has ended. Log in again."
    )
