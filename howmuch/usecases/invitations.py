"""Guests, and invitations to become one or to join as somebody new. Using them is in joining."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, insert, null, select, update

from howmuch.errors import FailedPrecondition, InvalidArgument, NotFound, invalid
from howmuch.ids import INVITATION, new_id
from howmuch.model import Caller, Invitation, Member, Role
from howmuch.storage.tables import invitations
from howmuch.usecases import validation
from howmuch.usecases.event_writes import Entry, LockedWrite, begin_write, change_nothing, record
from howmuch.usecases.members import check_may_give, insert_member, new_guest, read_member
from howmuch.usecases.paging import Page, cut
from howmuch.usecases.tokens import new_token

DEFAULT_TTL = dt.timedelta(days=14)
LONGEST_TTL = dt.timedelta(days=90)
MOST_USES = 1_000

INVITATION_COLUMNS = (
    invitations.c.id,
    invitations.c.event_id,
    invitations.c.token,
    invitations.c.role,
    invitations.c.member_id,
    invitations.c.email,
    invitations.c.max_uses,
    invitations.c.use_count,
    invitations.c.inviter_user_id,
    invitations.c.create_time,
    invitations.c.expire_time,
    invitations.c.revoke_time,
)


def invitation_of(row: Sequence[Any]) -> Invitation:
    """An invitation out of a row of INVITATION_COLUMNS."""
    invitation_id, event_id, token, role, *rest = row
    return Invitation(invitation_id, event_id, token, Role[role], *rest)


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


def insert_invitation(connection: Connection, invitation: Invitation) -> None:
    """Writes a new invitation's row."""
    connection.execute(insert(invitations), {**asdict(invitation), "role": invitation.role.name})


def add_member(
    connection: Connection,
    caller: Caller,
    now: dt.datetime,
    *,
    name: str,
    email: str,
    role: Role,
    weight: int,
) -> Member:
    """Adds a guest; with an address, also an invitation to become that guest, to be mailed there."""
    name = validation.check_line(name, "name", length=validation.NAME_LENGTH)
    weight = validation.check_weight(weight or 1, "weight")
    email = validation.check_email(email, "email") if email else ""
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
    return Entry("INVITATION_CREATED", invitation.id, None, _in_history(invitation))


def _in_history(invitation: Invitation) -> Invitation:
    """The invitation without what is not for every member's eyes."""
    return replace(invitation, token="", email="")


def create_invitation(
    connection: Connection,
    caller: Caller,
    now: dt.datetime,
    *,
    role: Role,
    member_id: str,
    email: str,
    max_uses: int,
    ttl: dt.timedelta | None,
) -> Invitation:
    """Makes an invitation. member_id, email: empty for none. max_uses 0: 1. ttl None: 14 days."""
    email = validation.check_email(email, "email") if email else ""
    max_uses = validation.check_range(max_uses or 1, "max_uses", 1, MOST_USES)
    ttl = DEFAULT_TTL if ttl is None else ttl
    if not dt.timedelta(0) < ttl <= LONGEST_TTL:
        raise ttl_out_of_range(f"{ttl.total_seconds():.15g}")
    if member_id and max_uses > 1:
        raise invalid(
            "max_uses", "GUEST_IS_ONE", f"{max_uses} people cannot all become one guest; use 1."
        )
    write = begin_write(connection, caller, now)
    check_may_give(write, role)
    if member_id:
        check_guest(read_member(connection, write.event.id, member_id))
    invitation = new_invitation(
        write, role=role, member_id=member_id or None, email=email, max_uses=max_uses, ttl=ttl
    )
    insert_invitation(connection, invitation)
    record(write, [_invited(invitation)])
    return invitation


def ttl_out_of_range(seconds: str) -> InvalidArgument:
    """The error for an invitation that would work for too long, or not at all."""
    return invalid(
        "ttl",
        "TTL_OUT_OF_RANGE",
        f"{seconds} s must be more than 0 s and at most {LONGEST_TTL.days} days, which are"
        f" {LONGEST_TTL.total_seconds():.0f} s.",
    )


def check_guest(member: Member) -> None:
    """FailedPrecondition where the member is no guest any more."""
    if member.user_id is not None:
        raise FailedPrecondition(
            "GUEST_TAKEN",
            f"{member.name!r} has an account already and cannot be claimed. Choose another guest.",
            metadata={"member_id": member.id},
        )


def list_invitations(
    connection: Connection, caller: Caller, now: dt.datetime, page: Page
) -> tuple[list[Invitation], str]:
    """A page of the invitations that still work, newest first, and the token of the next."""
    statement = (
        select(*INVITATION_COLUMNS)
        .where(
            invitations.c.event_id == caller.in_event.event.id,
            invitations.c.revoke_time.is_(null()),
            invitations.c.expire_time > now,
            invitations.c.use_count < invitations.c.max_uses,
            # Whoever reads a token can use it: nobody gets at a role above their own.
            invitations.c.role.in_([role.name for role in Role if role <= caller.in_event.role]),
        )
        .order_by(invitations.c.id.desc())
        .limit(page.size + 1)
    )
    if page.after:
        statement = statement.where(invitations.c.id < page.after[0])
    found = [invitation_of(row) for row in connection.execute(statement)]
    rows, token = cut(page, found, lambda invitation: [invitation.id])
    return list(rows), token


def revoke_invitation(
    connection: Connection, caller: Caller, now: dt.datetime, invitation_id: str
) -> None:
    """Ends an invitation; one that has ended already stays as it is."""
    write = begin_write(connection, caller, now)
    row = connection.execute(
        select(*INVITATION_COLUMNS).where(
            invitations.c.event_id == write.event.id, invitations.c.id == invitation_id
        )
    ).one_or_none()
    if row is None:
        raise NotFound("invitation", invitation_id)
    before = _in_history(invitation_of(row))
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
