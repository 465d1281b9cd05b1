"""Joining an event by an invitation: as the guest it is for, as one that is chosen, or as somebody new."""

import datetime as dt
from dataclasses import replace

from sqlalchemy import Connection, null, select, update

from howmuch.errors import NotFound, invalid
from howmuch.model import Caller, Invitation, Member
from howmuch.storage.tables import events, invitations, members, users
from howmuch.usecases.access import lock_user_for_share
from howmuch.usecases.event_writes import Entry, LockedWrite, check_writable, lock_event, record
from howmuch.usecases.events import MyEvent
from howmuch.usecases.invitations import INVITATION_COLUMNS, check_guest, invitation_of
from howmuch.usecases.members import (
    MEMBERS,
    insert_member,
    member_of,
    new_guest,
    read_member,
    update_row,
)


def get_invitation(
    connection: Connection, now: dt.datetime, token: str
) -> tuple[Invitation, str, str, list[Member]]:
    """The invitation, the event's name, the inviter's name, and the guests one may become."""
    invitation = _read_usable(connection, now, token)
    event_name, inviter_name = connection.execute(
        select(events.c.name, users.c.name)
        .join_from(invitations, events, events.c.id == invitations.c.event_id)
        .join(users, users.c.id == invitations.c.inviter_user_id)
        .where(invitations.c.token == token)
    ).one()
    statement = MEMBERS.where(
        members.c.event_id == invitation.event_id,
        members.c.user_id.is_(null()),
        members.c.state == "ACTIVE",
    ).order_by(members.c.id)
    if invitation.member_id:
        statement = statement.where(members.c.id == invitation.member_id)
    guests = [member_of(row) for row in connection.execute(statement)]
    return invitation, event_name, inviter_name, guests


def _read_usable(connection: Connection, now: dt.datetime, token: str) -> Invitation:
    row = connection.execute(
        select(*INVITATION_COLUMNS)
        .join(events, events.c.id == invitations.c.event_id)
        .where(
            invitations.c.token == token,
            invitations.c.revoke_time.is_(null()),
            invitations.c.expire_time > now,
            invitations.c.use_count < invitations.c.max_uses,
            events.c.delete_time.is_(null()),
        )
    ).one_or_none()
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
    """Joins the event as the guest that the invitation or `member_id` names, else as somebody new."""
    event_id = _read_usable(connection, now, token).event_id
    # The account before the event, in the order in which the end of an account takes them.
    user_name, _ = lock_user_for_share(connection, caller.user_id)
    event = lock_event(connection, event_id)
    # Again, now that nobody else can use it up or revoke it.
    invitation = _read_usable(connection, now, token)
    mine = connection.execute(
        MEMBERS.where(members.c.event_id == event_id, members.c.user_id == caller.user_id)
    ).one_or_none()
    before = member_of(mine) if mine else None
    if before and before.active:
        lock_event(connection, event_id, -1)
        return MyEvent(replace(event, revision=event.revision - 1), before.id, before.role)
    check_writable(event)
    if before:
        after = replace(before, active=True, role=invitation.role)
        update_row(connection, after)
    else:
        before, after = _join(connection, caller.user_id, user_name, now, invitation, member_id)
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
) -> tuple[Member | None, Member]:
    """Makes the user the guest they say they are, or a new member: before and after."""
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
        update_row(connection, joined)
        return guest, joined
    newcomer = new_guest(invitation.event_id, user_name, invitation.role, 1, now)
    joined = replace(newcomer, own_name=None, user_id=user_id)
    insert_member(connection, joined)
    return None, joined
