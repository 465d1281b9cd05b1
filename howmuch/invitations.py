"""How people come into an event: guests are added by name, invitations are links to join by.

Who joins by an invitation comes as somebody new, or as a guest who is there already.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, insert, null, select, update

from howmuch import fields
from howmuch.errors import FailedPrecondition, NotFound, invalid
from howmuch.events import MyEvent
from howmuch.ids import INVITATION, new_id
from howmuch.members import (
    MEMBERS,
    check_may_give,
    insert_member,
    member_of,
    new_guest,
    read_member,
    update_row,
)
from howmuch.model import Caller, Invitation, Member, Role
from howmuch.pages import Page, cut
from howmuch.storage.tables import events, invitations, members, users
from howmuch.tokens import new_token
from howmuch.writes import (
    Entry,
    EventWrite,
    begin_write,
    change_nothing,
    check_writable,
    lock_event,
    record,
)

DEFAULT_TTL = dt.timedelta(days=14)
LONGEST_TTL = dt.timedelta(days=90)
MOST_USES = 1_000

_COLUMNS = (
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


def _invitation(row: Sequence[Any]) -> Invitation:
    invitation_id, event_id, token, role, *rest = row
    return Invitation(invitation_id, event_id, token, Role[role], *rest)


def new_invitation(
    write: EventWrite,
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
    name = fields.check_line(name, "name", length=fields.NAME_LENGTH)
    weight = fields.check_weight(weight or 1, "weight")
    email = fields.check_email(email, "email") if email else ""
    check_may_give(caller, role)
    write = begin_write(connection, caller, now, steps=2 if email else 1)
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
    return Entry("INVITATION_CREATED", invitation.id, None, replace(invitation, token=""))


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
    email = fields.check_email(email, "email") if email else ""
    max_uses = fields.check_range(max_uses or 1, "max_uses", 1, MOST_USES)
    ttl = DEFAULT_TTL if ttl is None else ttl
    if not dt.timedelta(0) < ttl <= LONGEST_TTL:
        raise invalid(
            "ttl",
            "TTL_OUT_OF_RANGE",
            f"{ttl.total_seconds():g} s is not more than 0 s and at most"
            f" {LONGEST_TTL.days} days ({LONGEST_TTL.total_seconds():g} s).",
        )
    if member_id and max_uses > 1:
        raise invalid(
            "max_uses", "GUEST_IS_ONE", f"{max_uses} people cannot all become one guest; use 1."
        )
    check_may_give(caller, role)
    write = begin_write(connection, caller, now)
    if member_id:
        _check_guest(read_member(connection, write.event.id, member_id))
    invitation = new_invitation(
        write, role=role, member_id=member_id or None, email=email, max_uses=max_uses, ttl=ttl
    )
    insert_invitation(connection, invitation)
    record(write, [_invited(invitation)])
    return invitation


def _check_guest(member: Member) -> None:
    if member.user_id is not None:
        raise FailedPrecondition(
            "GUEST_TAKEN",
            f"{member.name!r} has an account already. Join as somebody else.",
            metadata={"member_id": member.id},
        )


def list_invitations(
    connection: Connection, caller: Caller, now: dt.datetime, page: Page
) -> tuple[list[Invitation], str]:
    """A page of the invitations that still work, newest first, and the token of the next."""
    statement = (
        select(*_COLUMNS)
        .where(
            invitations.c.event_id == caller.in_event.event.id,
            invitations.c.revoke_time.is_(null()),
            invitations.c.expire_time > now,
            invitations.c.use_count < invitations.c.max_uses,
        )
        .order_by(invitations.c.id.desc())
        .limit(page.size + 1)
    )
    if page.after:
        statement = statement.where(invitations.c.id < page.after[0])
    found = [_invitation(row) for row in connection.execute(statement)]
    rows, token = cut(page, found, lambda invitation: [invitation.id])
    return list(rows), token


def revoke_invitation(
    connection: Connection, caller: Caller, now: dt.datetime, invitation_id: str
) -> None:
    """Ends an invitation; one that has ended already stays as it is."""
    write = begin_write(connection, caller, now)
    row = connection.execute(
        select(*_COLUMNS).where(
            invitations.c.event_id == write.event.id, invitations.c.id == invitation_id
        )
    ).one_or_none()
    if row is None:
        raise NotFound("invitation", invitation_id)
    before = replace(_invitation(row), token="")
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


def get_invitation(
    connection: Connection, now: dt.datetime, token: str
) -> tuple[Invitation, str, str, list[Member]]:
    """The invitation, the event's name, the inviter's name, and the guests one may become."""
    invitation = _read_usable(connection, now, token)
    event_name, inviter_name = connection.execute(
        select(events.c.name, users.c.name).where(
            events.c.id == invitation.event_id, users.c.id == invitation.inviter_user_id
        )
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
        select(*_COLUMNS)
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
    return _invitation(row)


def _unusable() -> NotFound:
    # The token is a secret: it is not repeated.
    return NotFound("invitation", "with this token")


def accept_invitation(
    connection: Connection, caller: Caller, now: dt.datetime, token: str, member_id: str
) -> MyEvent:
    """Joins the event as the guest that the invitation or `member_id` names, else as somebody new."""
    event_id = _read_usable(connection, now, token).event_id
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
        before, after = _join(connection, caller, now, invitation, member_id)
    connection.execute(
        update(invitations)
        .where(invitations.c.event_id == event_id, invitations.c.id == invitation.id)
        .values(use_count=invitations.c.use_count + 1)
    )
    write = EventWrite(connection, event, {}, caller.user_id, after.id, now, steps=1)
    record(write, [Entry("MEMBER_JOINED", after.id, before, after)])
    return MyEvent(event, after.id, after.role)


def _join(
    connection: Connection,
    caller: Caller,
    now: dt.datetime,
    invitation: Invitation,
    member_id: str,
) -> tuple[Member | None, Member]:
    """Makes the caller the guest they say they are, or a new member: before and after."""
    if invitation.member_id and member_id not in ("", invitation.member_id):
        raise invalid(
            "member_id",
            "INVITATION_OF_OTHER_GUEST",
            f"{member_id!r} is not the guest that this invitation is for.",
        )
    user_name: str = connection.execute(
        select(users.c.name).where(users.c.id == caller.user_id)
    ).scalar_one()
    chosen = invitation.member_id or member_id
    if chosen:
        guest = read_member(connection, invitation.event_id, chosen)
        _check_guest(guest)
        joined = replace(
            guest,
            user_id=caller.user_id,
            name=user_name,
            own_name=None,
            role=invitation.role,
            active=True,
        )
        update_row(connection, joined)
        return guest, joined
    newcomer = new_guest(invitation.event_id, user_name, invitation.role, 1, now)
    joined = replace(newcomer, own_name=None, user_id=caller.user_id)
    insert_member(connection, joined)
    return None, joined
