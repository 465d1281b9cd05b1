"""Rows of invitations: how an invitation is read, written and ended, and whom it lets in."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    bindparam,
    exists,
    insert,
    null,
    or_,
    select,
    update,
)

from howmuch.model import Invitation, Role
from howmuch.storage.many import among
from howmuch.storage.rows import record_of, row_of
from howmuch.storage.tables import NET_MINOR, balances, changes, invitations, members
from howmuch.usecases.event_writes import Entry, LockedWrite, lock_event

_LEAVING = ("MEMBER_REMOVED", "MEMBER_LEFT")

INVITER_MAY_GIVE: ColumnElement[bool] = exists().where(
    members.c.event_id == invitations.c.event_id,
    members.c.user_id == invitations.c.inviter_user_id,
    members.c.state == "ACTIVE",
    or_(
        members.c.role == Role.OWNER.name,
        and_(members.c.role == Role.EDITOR.name, invitations.c.role != Role.OWNER.name),
    ),
)
"""Whether the inviter could make the invitation today: an active editor or owner whose role is no smaller."""

_INVITERS_ROLE = select(members.c.role).where(
    members.c.event_id == bindparam("event_id"),
    members.c.user_id == bindparam("user_id"),
    members.c.state == "ACTIVE",
)
_LAST_OF_BOTH = (
    select(changes.c.kind)
    .where(
        changes.c.event_id == bindparam("event_id"),
        or_(
            and_(
                changes.c.kind.in_(_LEAVING),
                changes.c.before["user_id"].as_string() == bindparam("user_id"),
            ),
            and_(
                changes.c.kind == "INVITATION_CREATED",
                changes.c.subject_id == bindparam("invitation_id"),
            ),
        ),
    )
    .order_by(changes.c.revision.desc())
    .limit(1)
)
_HAVE_LEFT = select(changes.c.subject_id).where(
    changes.c.event_id == bindparam("event_id"),
    among(changes.c.subject_id, "member_ids"),
    changes.c.kind == "MEMBER_LEFT",
)
_WITH_BALANCE = select(balances.c.member_id).where(
    balances.c.event_id == bindparam("event_id"),
    among(balances.c.member_id, "member_ids"),
    NET_MINOR != 0,
)


class Ended(NamedTuple):
    """A write that ends invitations as well, with the entries that record it."""

    write: LockedWrite
    entries: Sequence[Entry]


def invitation_of(row: RowMapping) -> Invitation:
    """An invitation from a row of `invitations`."""
    return record_of(Invitation, row, role=Role[row["role"]])


def insert_invitation(connection: Connection, invitation: Invitation) -> None:
    """Writes a new invitation's row."""
    connection.execute(insert(invitations), row_of(invitation, role=invitation.role.name))


def in_history(invitation: Invitation) -> Invitation:
    """The invitation without token and address, which not every member may see."""
    return replace(invitation, token="", email="")


def read_role(connection: Connection, event_id: str, user_id: str) -> Role | None:
    """The role of a user in an event. None means that they are not an active member."""
    found = connection.execute(_INVITERS_ROLE, {"event_id": event_id, "user_id": user_id}).scalar()
    return None if found is None else Role[found]


def end_invitations(write: LockedWrite, user_id: str, role: Role | None) -> Ended:
    """Ends the user's invitations that their present role would not allow. role: None means no member.

    Raises the revision by one for each of them.
    """
    kept = (
        [] if role is None or role < Role.EDITOR else [each.name for each in Role if each <= role]
    )
    found = write.connection.execute(
        select(invitations)
        .where(
            invitations.c.event_id == write.event.id,
            invitations.c.inviter_user_id == user_id,
            invitations.c.revoke_time.is_(null()),
            invitations.c.expire_time > write.now,
            invitations.c.use_count < invitations.c.max_uses,
            invitations.c.role.not_in(kept),
        )
        .order_by(invitations.c.id)
    )
    ended = [in_history(invitation_of(row)) for row in found.mappings()]
    if not ended:
        return Ended(write, ())
    write.connection.execute(
        update(invitations)
        .where(
            invitations.c.event_id == bindparam("of_event"),
            invitations.c.id == bindparam("of_id"),
        )
        .values(revoke_time=write.now),
        [{"of_event": write.event.id, "of_id": each.id} for each in ended],
    )
    event = lock_event(write.connection, write.event.id, len(ended))
    entries = [
        Entry("INVITATION_REVOKED", each.id, each, replace(each, revoke_time=write.now))
        for each in ended
    ]
    return Ended(replace(write, event=event, steps=write.steps + len(ended)), entries)


def left_since(connection: Connection, invitation: Invitation, user_id: str) -> bool:
    """Whether the user has left the event, or was removed from it, after the invitation was made."""
    wanted = {
        "event_id": invitation.event_id,
        "user_id": user_id,
        "invitation_id": invitation.id,
    }
    return connection.execute(_LAST_OF_BOTH, wanted).scalar() in _LEAVING


def guests_of_owners(
    connection: Connection,
    event_id: str,
    guest_ids: Sequence[str],
    inviter: Role | None,
    *,
    named: bool,
) -> set[str]:
    """The guests that may be claimed only by an invitation of an owner that names them.

    They are those that had an account, which was deleted. Without an owner's invitation, those with an open
    balance as well. inviter: the role of the person who invites. named: whether the invitation names them.
    """
    if named and inviter is Role.OWNER:
        return set()
    wanted = {"event_id": event_id, "member_ids": guest_ids}
    # A guest who never had an account is removed by others, and does not leave.
    found = set(connection.execute(_HAVE_LEFT, wanted).scalars())
    if not named and inviter is not Role.OWNER:
        found.update(connection.execute(_WITH_BALANCE, wanted).scalars())
    return found
