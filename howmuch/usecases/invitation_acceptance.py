"""Joining an event by an invitation: as its guest, as a guest that the user chooses, or as a new member."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import Connection, null, select, update

from howmuch.errors import NotFound, invalid
from howmuch.model import Caller, Invitation, Member
from howmuch.storage.tables import events, invitations, members, users
from howmuch.usecases.access import lock_user_for_share
from howmuch.usecases.event_writes import Entry, LockedWrite, check_writable, lock_event, record
from howmuch.usecases.events import MyEvent
from howmuch.usecases.invitations import check_guest, invitation_of
from howmuch.usecases.member_rows import (
    find_members,
    insert_member,
    new_guest,
    read_member,
    update_member_row,
)


@dataclass(frozen=True, slots=True)
class Preview:
    """An invitation as the invited person sees it. guests: those that they may take over."""

    invitation: Invitation
    event_name: str
    inviter_name: str
    guests: Sequence[Member]


class _Joining(NamedTuple):
    before: Member | None
    after: Member


def get_invitation(connection: Connection, now: dt.datetime, token: str) -> Preview:
    """The preview of an invitation; NotFound if it cannot be used."""
    invitation = _read_usable(connection, now, token)
    names = connection.execute(
        select(events.c.name.label("event"), users.c.name.label("inviter"))
        .join_from(invitations, events, events.c.id == invitations.c.event_id)
        .join(users, users.c.id == invitations.c.inviter_user_id)
        .where(invitations.c.token == token)
    ).one()
    conditions = [
        members.c.event_id == invitation.event_id,
        members.c.user_id.is_(null()),
        members.c.state == "ACTIVE",
    ]
    if invitation.member_id:
        conditions.append(members.c.id == invitation.member_id)
    guests = find_members(connection, *conditions)
    return Preview(invitation, names.event, names.inviter, guests)


def _read_usable(connection: Connection, now: dt.datetime, token: str) -> Invitation:
    found = connection.execute(
        select(invitations)
        .join(events, events.c.id == invitations.c.event_id)
        .where(
            invitations.c.token == token,
            invitations.c.revoke_time.is_(null()),
            invitations.c.expire_time > now,
            invitations.c.use_count < invitations.c.max_uses,
            events.c.delete_time.is_(null()),
        )
    )
    row = found.mappings().one_or_none()
    if row is None:
        raise _unusable()
    return invitation_of(row)


def _unusable() -> NotFound:
    # The token is a secret: it is not repeated.
    return NotFound(
        "invitation",
        "",
        "There is no invitation with this token: it is unknown, used up, expired or revoked.",
    )


def accept_invitation(
    connection: Connection, caller: Caller, now: dt.datetime, token: str, member_id: str
) -> MyEvent:
    """Joins the event as the guest that the invitation or `member_id` names, else as a new member."""
    event_id = _read_usable(connection, now, token).event_id
    # The account is locked before the event, as by the deletion of an account.
    user = lock_user_for_share(connection, caller.user_id)
    event = lock_event(connection, event_id)
    # Again under the lock: no other call can use it up or revoke it now.
    invitation = _read_usable(connection, now, token)
    mine = find_members(
        connection, members.c.event_id == event_id, members.c.user_id == caller.user_id
    )
    before = mine[0] if mine else None
    if before and before.active:
        lock_event(connection, event_id, -1)
        return MyEvent(replace(event, revision=event.revision - 1), before.id, before.role)
    check_writable(event)
    if before:
        after = replace(before, active=True, role=invitation.role)
        update_member_row(connection, after)
    else:
        before, after = _join(connection, caller.user_id, user.name, now, invitation, member_id)
    connection.execute(
        update(invitations)
        .where(invitations.c.event_id == event_id, invitations.c.id == invitation.id)
        .values(use_count=invitations.c.use_count + 1)
    )
    write = LockedWrite(event, {}, caller.user_id, after.id, now, 1, connection)
    record(write, [Entry("MEMBER_JOINED", after.id, before, after)])
    return MyEvent(event, after.id, after.role)


def _join(
    connection: Connection,
    user_id: str,
    user_name: str,
    now: dt.datetime,
    invitation: Invitation,
    member_id: str,
) -> _Joining:
    """Makes the user the guest that they name, or a new member."""
    if invitation.member_id and member_id not in ("", invitation.member_id):
        raise invalid(
            "member_id",
            "INVITATION_OF_OTHER_GUEST",
            f"{member_id!r} is not the guest that this invitation is for.",
        )
    chosen = invitation.member_id or member_id
    if chosen:
        guest = read_member(connection, invitation.event_id, chosen)
        check_guest(guest)
        joined = replace(
            guest,
            user_id=user_id,
            name=user_name,
            own_name=None,
            role=invitation.role,
            active=True,
        )
        update_member_row(connection, joined)
        return _Joining(guest, joined)
    newcomer = new_guest(invitation.event_id, user_name, invitation.role, 1, now)
    joined = replace(newcomer, own_name=None, user_id=user_id)
    insert_member(connection, joined)
    return _Joining(None, joined)
