"""Guests, and invitations to take over a guest or to join as a new member."""

import datetime as dt
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection, null, select, update

from howmuch.errors import (
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Violations,
    invalid,
)
from howmuch.ids import INVITATION, MEMBER, new_id, optional_id
from howmuch.model import Caller, Invitation, Member, Role
from howmuch.storage.tables import invitations
from howmuch.usecases import validation
from howmuch.usecases.access import check_role
from howmuch.usecases.event_writes import Entry, LockedWrite, begin_write, change_nothing, record
from howmuch.usecases.invitation_rows import (
    INVITER_MAY_GIVE,
    guests_of_owners,
    in_history,
    insert_invitation,
    invitation_of,
    read_role,
)
from howmuch.usecases.member_rows import insert_member, new_guest, read_member
from howmuch.usecases.members import check_may_give
from howmuch.usecases.names import check_name
from howmuch.usecases.paging import Listing, Page, cut, in_page
from howmuch.usecases.tokens import new_token
from howmuch.weights import Weight

DEFAULT_TTL = dt.timedelta(days=14)
LONGEST_TTL = dt.timedelta(days=90)
MOST_USES = 1_000


def new_invitation(
    write: LockedWrite,
    *,
    role: Role,
    member_id: str | None,
    email: str,
    max_uses: int = 1,
    ttl: dt.timedelta = DEFAULT_TTL,
) -> Invitation:
    """An invitation that is yet to be written."""
    return Invitation(
        id=new_id(INVITATION),
        event_id=write.event.id,
        token=new_token(),
        role=role,
        member_id=member_id,
        email=email,
        max_uses=max_uses,
        use_count=0,
        inviter_user_id=write.user_id,
        create_time=write.now,
        expire_time=write.now + ttl,
        revoke_time=None,
    )


def check_new_member(name: str, email: str) -> tuple[str, str]:
    """Name and address of a new guest, clean. An empty address means none."""
    wrong = Violations()
    with wrong:
        name = check_name(name, "name")
    with wrong:
        email = validation.check_email(email, "email") if email else ""
    wrong.raise_any()
    return name, email


def add_member(
    connection: Connection,
    caller: Caller,
    now: dt.datetime,
    *,
    name: str,
    email: str,
    role: Role,
    weight: Weight,
) -> Member:
    """Adds a guest; with an address, also an invitation to take over that guest, which is mailed there.

    name, email: as `check_new_member` returns them.
    """
    write = begin_write(connection, caller, now, steps=2 if email else 1)
    check_may_give(write, role)
    member = new_guest(write.event.id, name, role, weight, now)
    insert_member(connection, member)
    entries = [Entry("MEMBER_ADDED", member.id, None, member)]
    if email:
        invitation = new_invitation(write, role=role, member_id=member.id, email=email)
        insert_invitation(connection, invitation)
        entries.append(_invited(invitation))
    record(write, entries)
    return member


def _invited(invitation: Invitation) -> Entry:
    return Entry("INVITATION_CREATED", invitation.id, None, in_history(invitation))


class Terms(NamedTuple):
    """Guest, address and bounds of a new invitation. An empty member_id or email means none."""

    member_id: str = ""
    email: str = ""
    max_uses: int = 1
    ttl: dt.timedelta = DEFAULT_TTL


def check_terms(member_id: str, email: str, max_uses: int, ttl: dt.timedelta) -> Terms:
    """The terms of a new invitation. InvalidArgument names all fields that are wrong."""
    wrong = Violations()
    with wrong:
        optional_id(MEMBER, member_id, "member_id")
    with wrong:
        email = validation.check_email(email, "email") if email else ""
    with wrong:
        max_uses = validation.check_range(max_uses, "max_uses", 1, MOST_USES)
        if member_id and max_uses > 1:
            raise invalid(
                "max_uses",
                "GUEST_IS_ONE",
                "An invitation for a specific guest can be used only once; set max_uses to 1.",
            )
    with wrong:
        if not dt.timedelta(0) < ttl <= LONGEST_TTL:
            raise ttl_out_of_range(f"{ttl.total_seconds():.15g}")
    wrong.raise_any()
    return Terms(member_id, email, max_uses, ttl)


def create_invitation(
    connection: Connection, caller: Caller, now: dt.datetime, *, role: Role, terms: Terms
) -> Invitation:
    """Makes an invitation. terms: as `check_terms` returns them."""
    write = begin_write(connection, caller, now)
    check_may_give(write, role)
    if terms.member_id:
        guest = read_member(connection, write.event.id, terms.member_id)
        check_guest(guest)
        check_may_be_claimed(connection, guest, write.members[write.member_id].role, named=True)
    invitation = new_invitation(
        write,
        role=role,
        member_id=terms.member_id or None,
        email=terms.email,
        max_uses=terms.max_uses,
        ttl=terms.ttl,
    )
    insert_invitation(connection, invitation)
    record(write, [_invited(invitation)])
    return invitation


def ttl_out_of_range(seconds: str) -> InvalidArgument:
    """The error for a lifetime that is too long, or not positive."""
    return invalid(
        "ttl",
        "TTL_OUT_OF_RANGE",
        f"{seconds} s must be more than 0 s and at most {LONGEST_TTL.days} days, which are"
        f" {LONGEST_TTL.total_seconds():.0f} s.",
    )


def check_guest(member: Member) -> None:
    """FailedPrecondition if the member is no longer a guest."""
    if member.user_id is not None:
        raise FailedPrecondition(
            "GUEST_TAKEN",
            f"{member.name!r} has an account already and cannot be claimed. Choose another guest.",
            metadata={"member_id": member.id},
        )


def check_may_be_claimed(
    connection: Connection, guest: Member, inviter: Role | None, *, named: bool
) -> None:
    """FailedPrecondition if the guest needs an invitation of an owner. Arguments as `guests_of_owners`."""
    if guests_of_owners(connection, guest.event_id, [guest.id], inviter, named=named):
        raise FailedPrecondition(
            "GUEST_NEEDS_OWNER",
            f"{guest.name!r} is a former member, or a guest with an open balance. Ask an owner of the event"
            " for an invitation for this guest.",
            metadata={"member_id": guest.id},
        )


def list_invitations(
    connection: Connection, caller: Caller, now: dt.datetime, page: Page
) -> Listing[Invitation]:
    """A page of the invitations that still work, newest first."""
    statement = select(invitations).where(
        invitations.c.event_id == caller.in_event.event.id,
        invitations.c.revoke_time.is_(null()),
        invitations.c.expire_time > now,
        invitations.c.use_count < invitations.c.max_uses,
        INVITER_MAY_GIVE,
        # A reader of a token can use it, so members see none for a role above their own.
        invitations.c.role.in_([role.name for role in Role if role <= caller.in_event.role]),
    )
    statement = in_page(statement, page, [invitations.c.id], page.key, descending=True)
    found = [invitation_of(row) for row in connection.execute(statement).mappings()]
    return cut(page, found, lambda invitation: [invitation.id])


def revoke_invitation(
    connection: Connection, caller: Caller, now: dt.datetime, invitation_id: str
) -> None:
    """Ends an invitation; one that has ended already stays as it is."""
    write = begin_write(connection, caller, now)
    found = connection.execute(
        select(invitations).where(
            invitations.c.event_id == write.event.id, invitations.c.id == invitation_id
        )
    )
    row = found.mappings().one_or_none()
    if row is None:
        raise NotFound("invitation", invitation_id)
    before = in_history(invitation_of(row))
    _check_may_revoke(write, before)
    if before.revoke_time:
        change_nothing(write)
        return
    after = replace(before, revoke_time=now)
    connection.execute(
        update(invitations)
        .where(invitations.c.event_id == write.event.id, invitations.c.id == invitation_id)
        .values(revoke_time=now)
    )
    record(write, [Entry("INVITATION_REVOKED", invitation_id, before, after)])


def _check_may_revoke(write: LockedWrite, invitation: Invitation) -> None:
    """PermissionDenied for an invitation to a higher role, or of an owner, unless the caller is one."""
    mine = write.members[write.member_id].role
    check_role(mine, invitation.role)
    by_me = invitation.inviter_user_id == write.user_id
    if mine is Role.OWNER or by_me:
        return
    if read_role(write.connection, write.event.id, invitation.inviter_user_id) is Role.OWNER:
        raise PermissionDenied(
            "INVITATION_OF_OWNER",
            "An owner of the event has made this invitation. Only owners can revoke it.",
            metadata={"invitation_id": invitation.id},
        )
