"""The caller of a request, and their permissions in an event."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, and_, bindparam, null, select

from howmuch.errors import HowmuchError, NotFound, PermissionDenied, Unauthenticated
from howmuch.model import Caller, Event, Membership, Role
from howmuch.storage.lock_waits import waiting_for
from howmuch.storage.rows import record_of
from howmuch.storage.tables import events, members, sessions, users

_SESSION = (
    select(
        sessions.c.user_id,
        sessions.c.id.label("session_id"),
        sessions.c.expire_time,
        sessions.c.create_time.label("session_create_time"),
    )
    .join(users, users.c.id == sessions.c.user_id)
    .where(
        sessions.c.token_hash == bindparam("token_hash"),
        sessions.c.expire_time > bindparam("now"),
        users.c.delete_time.is_(null()),
    )
)

_SESSION_IN_EVENT = (
    _SESSION.add_columns(members.c.id.label("member_id"), members.c.role, events)
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
    select(members.c.id.label("member_id"), members.c.role, events)
    .join(events, events.c.id == members.c.event_id)
    .where(
        members.c.user_id == bindparam("user_id"),
        members.c.event_id == bindparam("event_id"),
        members.c.state == "ACTIVE",
    )
)

_LOCKED_USER = (
    select(users.c.name, users.c.currency_code, users.c.time_zone)
    .where(users.c.id == bindparam("user_id"), users.c.delete_time.is_(null()))
    .with_for_update(read=True)
)


LIVE_SESSION = (
    (sessions.c.id == bindparam("session_id"))
    & (sessions.c.user_id == bindparam("user_id"))
    & (sessions.c.expire_time > bindparam("now"))
)
"""The caller's session, by `session_parameters`, unless it has ended."""

_HELD_SESSION = select(sessions.c.id).where(LIVE_SESSION).with_for_update(read=True, key_share=True)


class LockedUser(NamedTuple):
    """Fields of an account that is locked for this transaction."""

    name: str
    currency_code: str
    time_zone: str


def authenticate(connection: Connection, token_hash: bytes, now: dt.datetime) -> Caller:
    """The caller whose live session has this token hash; else Unauthenticated. One statement."""
    found = connection.execute(_SESSION, {"token_hash": token_hash, "now": now})
    row = found.mappings().one_or_none()
    if row is None:
        raise session_ended()
    return record_of(Caller, row, membership=None)


def authorize(
    connection: Connection, token_hash: bytes, now: dt.datetime, event_id: str, needed: Role
) -> Caller:
    """`authenticate`, and the caller's membership in an event: one statement for both.

    NotFound unless the caller is an active member, whether or not the event exists; PermissionDenied for
    a member whose role is too small.
    """
    found = connection.execute(
        _SESSION_IN_EVENT, {"token_hash": token_hash, "now": now, "event_id": event_id}
    )
    row = found.mappings().one_or_none()
    if row is None:
        raise session_ended()
    with _refusing(row["user_id"]):
        membership = _membership(row, event_id, needed)
    return record_of(Caller, row, membership=membership)


def authorize_known(connection: Connection, caller: Caller, event_id: str, needed: Role) -> Caller:
    """`authorize` for a caller whose session is known. One statement, which reads less. Errors as there."""
    found = connection.execute(_MEMBERSHIP, {"user_id": caller.user_id, "event_id": event_id})
    row = found.mappings().one_or_none()
    with _refusing(caller.user_id):
        return replace(caller, membership=_membership(row, event_id, needed))


@contextmanager
def _refusing(user_id: str) -> Iterator[None]:
    """Names the user in an error, so that the log can."""
    try:
        yield
    except HowmuchError as error:
        error.caller_id = user_id
        raise


def _membership(row: RowMapping | None, event_id: str, needed: Role) -> Membership:
    """The membership of a row. NotFound if the row is None or has no member."""
    if row is None or row["member_id"] is None:
        raise NotFound("event", event_id)
    role = Role[row["role"]]
    check_role(role, needed)
    return Membership(record_of(Event, row), row["member_id"], role, needed)


def lock_user_for_share(connection: Connection, user_id: str) -> LockedUser:
    """Locks the account FOR SHARE. Unauthenticated if it has been deleted meanwhile."""
    with waiting_for(connection, user_id):
        row = connection.execute(_LOCKED_USER, {"user_id": user_id}).one_or_none()
    if row is None:
        raise session_ended()
    return LockedUser(*row)


def session_parameters(caller: Caller, now: dt.datetime) -> dict[str, Any]:
    """The parameters of LIVE_SESSION."""
    return {"session_id": caller.session_id, "user_id": caller.user_id, "now": now}


def hold_session(connection: Connection, caller: Caller, now: dt.datetime) -> None:
    """Unauthenticated if the caller's session has ended since it was found; else it lasts until the commit.

    The last lock that a write takes: its end waits for the commit, and for nothing that the write waits for.
    The deletion of an account deletes its sessions, so they say enough of it. Nothing to do on SQLite, where
    no session ends during a write.
    """
    if connection.dialect.name == "sqlite":
        return
    if connection.execute(_HELD_SESSION, session_parameters(caller, now)).first() is None:
        raise session_ended()


def check_role(role: Role, needed: Role) -> None:
    """PermissionDenied where `role` is smaller than `needed`."""
    if role < needed:
        raise PermissionDenied(
            "ROLE_TOO_SMALL",
            f"This needs the role {needed.name} in the event; yours is {role.name}.",
            metadata={"needed_role": needed.name, "role": role.name},
        )


def session_ended() -> Unauthenticated:
    """The same error for every token without a live session."""
    return Unauthenticated(
        "SESSION_INVALID", "The session token is unknown or its session has ended. Log in again."
    )
