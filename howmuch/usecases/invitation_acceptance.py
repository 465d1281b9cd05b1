"""Joining an event by an invitation: as its guest, as a guest that the user chooses, or as a new member."""

import datetime as dt
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection, update

from howmuch.errors import (
    FailedPrecondition,
    InvalidArgument,
    PermissionDenied,
    invalid,
)
from howmuch.model import Caller, Invitation, Member
from howmuch.storage.tables import invitations, members
from howmuch.usecases.access import lock_user_for_share
from howmuch.usecases.event_writes import Entry, LockedWrite, check_writable, lock_event, record
from howmuch.usecases.events import MyEvent
from howmuch.usecases.invitation_rows import left_since, read_role
from howmuch.usecases.invitations import check_guest, check_may_be_claimed
from howmuch.usecases.member_rows import (
    check_member_name,
    find_members,
    insert_member,
    new_guest,
    read_member,
    update_member_row,
    with_alias,
)
from howmuch.usecases.seen import mark_seen
from howmuch.usecases.usable_invitations import read_usable


class _Joining(NamedTuple):
    before: Member | None
    after: Member


def accept_invitation(
    connection: Connection, caller: Caller, now: dt.datetime, token: str, member_id: str
) -> MyEvent:
    """Joins the event as the guest that the invitation or `member_id` names, else as a new member."""
    event_id = read_usable(connection, now, token).event_id
    # The account is locked before the event, as by the deletion of an account.
    user = lock_user_for_share(connection, caller.user_id)
    event = lock_event(connection, event_id)
    # Again under the lock: no other call can use it up or revoke it now.
    invitation = read_usable(connection, now, token)
    mine = find_members(
        connection, members.c.event_id == event_id, members.c.user_id == caller.user_id
    )
    before = mine[0] if mine else None
    if before and before.active:
        lock_event(connection, event_id, -1)
        return MyEvent(replace(event, revision=event.revision - 1), before.id, before.role)
    check_writable(event)
    _check_may_return(connection, invitation, caller.user_id, before)
    _check_name(connection, event_id, before, user.name, member_id or invitation.member_id or "")
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
    # Changes from before are not news to a new member.
    mark_seen(connection, caller.user_id, event_id, event.revision)
    return MyEvent(event, after.id, after.role)


def _check_may_return(
    connection: Connection, invitation: Invitation, user_id: str, before: Member | None
) -> None:
    """PermissionDenied for a user who is barred; FailedPrecondition if they left after the invitation."""
    if before and before.barred:
        raise PermissionDenied(
            "BARRED",
            "An owner has barred you from this event. Ask an owner to lift that, then accept again.",
        )
    if left_since(connection, invitation, user_id):
        raise FailedPrecondition(
            "INVITATION_BEFORE_LEAVING",
            "This invitation was made before you left the event or were removed from it. Ask a member for a"
            " new one.",
        )


def _check_name(
    connection: Connection, event_id: str, before: Member | None, user_name: str, guest_id: str
) -> None:
    """FailedPrecondition if the name that the user will have looks like that of another member."""
    name = before.name if before else user_name
    try:
        check_member_name(connection, event_id, name, "", but=before.id if before else guest_id)
    except InvalidArgument as error:
        raise FailedPrecondition(
            "NAME_LOOKS_LIKE_ANOTHER",
            f"{error.violations[0].description} UpdateMe changes your name; then accept again.",
        ) from error


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
        inviter = read_role(connection, invitation.event_id, invitation.inviter_user_id)
        check_may_be_claimed(connection, guest, inviter, named=invitation.member_id is not None)
        joined = with_alias(
            replace(
                guest,
                user_id=user_id,
                name=user_name,
                own_name=None,
                role=invitation.role,
                active=True,
            ),
            guest.name,
        )
        update_member_row(connection, joined)
        return _Joining(guest, joined)
    newcomer = new_guest(invitation.event_id, user_name, invitation.role, 1, now)
    joined = replace(newcomer, own_name=None, user_id=user_id)
    insert_member(connection, joined)
    return _Joining(None, joined)
