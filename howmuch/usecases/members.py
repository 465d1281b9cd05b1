"""Members of an event: list, change, remove. How they come in is in invitations."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    exists,
    func,
    insert,
    null,
    or_,
    select,
    update,
)

from howmuch.errors import (
    FailedPrecondition,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    invalid,
)
from howmuch.ids import MEMBER, new_id
from howmuch.ledger.money import format_amount
from howmuch.model import Caller, Member, Role
from howmuch.storage.tables import balances, expenses, members, users
from howmuch.usecases import validation
from howmuch.usecases.access import check_role
from howmuch.usecases.event_writes import Entry, LockedWrite, begin_write, change_nothing, record
from howmuch.usecases.paging import Page, cut

MOST_MEMBERS = 2_000

MEMBERS = select(
    members.c.id,
    members.c.event_id,
    func.coalesce(members.c.name, users.c.name),
    members.c.name,
    members.c.user_id,
    members.c.role,
    members.c.weight,
    members.c.state,
    members.c.muted,
    members.c.create_time,
).outerjoin(users, users.c.id == members.c.user_id)
_ONE_MEMBER = MEMBERS.where(
    members.c.event_id == bindparam("event_id"), members.c.id == bindparam("id")
)


def member_of(row: Sequence[Any]) -> Member:
    """A member out of a row of MEMBERS."""
    member_id, event_id, name, own_name, user_id, role, weight, state, muted, create_time = row
    return Member(
        member_id,
        event_id,
        name,
        own_name,
        user_id,
        Role[role],
        weight,
        state == "ACTIVE",
        muted,
        create_time,
    )


def read_member(connection: Connection, event_id: str, member_id: str) -> Member:
    """One member; NotFound where the event has none with this id."""
    row = connection.execute(_ONE_MEMBER, {"event_id": event_id, "id": member_id}).one_or_none()
    if row is None:
        raise NotFound("member", member_id)
    return member_of(row)


def insert_member(connection: Connection, member: Member) -> None:
    """Writes a new member's row. ResourceExhausted where the event is full."""
    count = connection.execute(
        select(func.count()).where(members.c.event_id == member.event_id)
    ).scalar_one()
    if count >= MOST_MEMBERS:
        raise ResourceExhausted(
            "TOO_MANY_MEMBERS",
            f"The event has {count:,} members already; at most {MOST_MEMBERS:,} are possible.",
            retry_after_seconds=None,
        )
    connection.execute(
        insert(members), {"event_id": member.event_id, "id": member.id, **_row(member)}
    )


def update_row(connection: Connection, member: Member) -> None:
    """Writes a member's row over the one there is."""
    connection.execute(
        update(members).where(
            members.c.event_id == bindparam("of_event"), members.c.id == bindparam("of_id")
        ),
        {"of_event": member.event_id, "of_id": member.id, **_row(member)},
    )


def _row(member: Member) -> dict[str, Any]:
    return {
        "name": member.own_name,
        "user_id": member.user_id,
        "role": member.role.name,
        "weight": member.weight,
        "state": "ACTIVE" if member.active else "INACTIVE",
        "muted": member.muted,
        "create_time": member.create_time,
    }


def new_guest(event_id: str, name: str, role: Role, weight: int, now: dt.datetime) -> Member:
    """A guest that is yet to be written."""
    return Member(
        id=new_id(MEMBER),
        event_id=event_id,
        name=name,
        own_name=name,
        user_id=None,
        role=role,
        weight=weight,
        active=True,
        muted=False,
        create_time=now,
    )


def check_may_give(write: LockedWrite, role: Role) -> None:
    """PermissionDenied where the role is above the caller's own."""
    mine = write.members[write.member_id].role
    if role > mine:
        raise PermissionDenied(
            "ROLE_TOO_HIGH",
            f"You cannot give the role {role.name}; your own is {mine.name}.",
            metadata={"given_role": role.name, "role": mine.name},
        )


def list_members(
    connection: Connection, caller: Caller, page: Page, *, inactive: bool
) -> tuple[list[Member], str]:
    """A page of the members in the order they were added, and the token of the next."""
    statement = (
        MEMBERS.where(members.c.event_id == caller.in_event.event.id)
        .order_by(members.c.id)
        .limit(page.size + 1)
    )
    if page.after:
        statement = statement.where(members.c.id > page.after[0])
    if not inactive:
        statement = statement.where(members.c.state == "ACTIVE")
    rows, token = cut(
        page, [member_of(row) for row in connection.execute(statement)], lambda row: [row.id]
    )
    return list(rows), token


def update_member(
    connection: Connection,
    caller: Caller,
    now: dt.datetime,
    member_id: str,
    given: Mapping[str, Any],
) -> Member:
    """Changes the fields in `given`: name (str), role (Role), weight, muted, active."""
    write = begin_write(connection, caller, now, member_ids=[member_id])
    before = read_member(connection, write.event.id, member_id)
    # A client may send back all that it has read; what is as it was asks for nothing.
    given = {name: value for name, value in given.items() if getattr(before, name) != value}
    _check_may_update(write, before, given)
    after = _updated(before, given, connection)
    if after == before:
        change_nothing(write)
        return before
    if before.role is Role.OWNER and after.role is not Role.OWNER:
        check_not_last_owner(write, before)
    update_row(connection, after)
    record(write, [Entry("MEMBER_UPDATED", member_id, before, after)])
    return after


def _check_may_update(write: LockedWrite, member: Member, given: Mapping[str, Any]) -> None:
    mine = write.members[write.member_id].role
    is_me = member.id == write.member_id
    if "role" in given:
        check_role(mine, Role.OWNER)
    if "weight" in given or "active" in given or ("name" in given and not is_me):
        check_role(mine, Role.EDITOR)
    if "muted" in given and not is_me:
        raise PermissionDenied(
            "MUTE_OF_OTHERS",
            "Members turn mail off and on for themselves only: muted is not yours.",
        )


def _updated(before: Member, given: Mapping[str, Any], connection: Connection) -> Member:
    after = before
    if "name" in given:
        own_name = validation.check_line(
            given["name"],
            "member.name",
            length=validation.NAME_LENGTH,
            required=before.user_id is None,
        )
        name = own_name or _user_name(connection, before)
        after = replace(after, name=name, own_name=own_name or None)
    if "weight" in given:
        after = replace(after, weight=validation.check_weight(given["weight"], "member.weight"))
    if "active" in given and given["active"] != before.active:
        if before.active or before.user_id is not None:
            raise invalid(
                "member.state",
                "STATE_NOT_SETTABLE",
                "Only a guest who has left can be set ACTIVE again. Use RemoveMember to make a member"
                " leave, and an invitation to have a user back.",
            )
        after = replace(after, active=True)
    return replace(after, role=given.get("role", after.role), muted=given.get("muted", after.muted))


def _user_name(connection: Connection, member: Member) -> str:
    name: str = connection.execute(
        select(users.c.name).where(users.c.id == member.user_id)
    ).scalar_one()
    return name


def remove_member(connection: Connection, caller: Caller, now: dt.datetime, member_id: str) -> None:
    """Removes a member, or lets the caller leave. With history they stay as an inactive member."""
    write = begin_write(connection, caller, now, member_ids=[member_id])
    member = read_member(connection, write.event.id, member_id)
    is_me = member.id == write.member_id
    if not is_me:
        needed = Role.EDITOR if member.user_id is None else Role.OWNER
        check_role(write.members[write.member_id].role, needed)
    if not member.active:
        change_nothing(write)
        return
    check_not_last_owner(write, member)
    check_settled(connection, member)
    kind = "MEMBER_LEFT" if is_me else "MEMBER_REMOVED"
    if _has_history(connection, member):
        after = replace(member, active=False)
        update_row(connection, after)
        record(write, [Entry(kind, member.id, member, after)])
    else:
        connection.execute(
            delete(members).where(members.c.event_id == member.event_id, members.c.id == member.id)
        )
        record(write, [Entry(kind, member.id, member, None)])


def check_not_last_owner(write: LockedWrite, member: Member) -> None:
    """FailedPrecondition where the event would be left without an owner who can sign in."""
    if member.role is not Role.OWNER or member.user_id is None:
        return
    others = write.connection.execute(
        select(func.count()).where(
            members.c.event_id == member.event_id,
            members.c.id != member.id,
            members.c.role == "OWNER",
            members.c.state == "ACTIVE",
            members.c.user_id.is_not(null()),
        )
    ).scalar_one()
    if not others:
        raise FailedPrecondition(
            "LAST_OWNER",
            f"{member.name!r} is the only owner of the event. Make another member with an account an"
            " owner first, or delete the event.",
            metadata={"member_id": member.id},
        )


def check_settled(connection: Connection, member: Member) -> None:
    """FailedPrecondition where the member owes or is owed in any currency."""
    net = balances.c.paid_minor - balances.c.owed_minor + balances.c.transferred_minor
    rows = connection.execute(
        select(balances.c.currency_code, net)
        .where(balances.c.event_id == member.event_id, balances.c.member_id == member.id, net != 0)
        .order_by(balances.c.currency_code)
    )
    amounts = {currency: format_amount(minor, currency) for currency, minor in rows}
    if amounts:
        listed = ", ".join(f"{amount} {currency}" for currency, amount in amounts.items())
        raise FailedPrecondition(
            "BALANCE_OPEN",
            f"{member.name!r} has an open balance of {listed}. Settle it first.",
            metadata={f"balance_{currency}": amount for currency, amount in amounts.items()},
        )


def _has_history(connection: Connection, member: Member) -> bool:
    took_part = exists().where(
        balances.c.event_id == member.event_id, balances.c.member_id == member.id
    )
    wrote = exists().where(
        expenses.c.event_id == member.event_id, expenses.c.creator_member_id == member.id
    )
    return bool(connection.execute(select(or_(took_part, wrote))).scalar_one())
