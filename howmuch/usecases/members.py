"""Members of an event: list, change, remove. Adding them is in invitations."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, delete, exists, func, null, or_, select

from howmuch.errors import FailedPrecondition, PermissionDenied, invalid
from howmuch.ledger.money import format_amount
from howmuch.model import Caller, Member, Role
from howmuch.storage.tables import NET_MINOR, balances, comments, expenses, members, users
from howmuch.usecases import validation
from howmuch.usecases.access import check_role
from howmuch.usecases.appearance import check_colour
from howmuch.usecases.event_writes import Entry, LockedWrite, begin_write, change_nothing, record
from howmuch.usecases.invitation_rows import end_invitations
from howmuch.usecases.member_rows import (
    check_member_name,
    page_of_members,
    read_member,
    update_member_row,
)
from howmuch.usecases.names import check_name
from howmuch.usecases.paging import Listing, Page, cut

_PRIVATE = {"muted": "mute mail", "mail_only_mine": "choose the mail about expenses"}
"""The fields of a member that only the member sees and changes, each with a phrase for errors."""


def check_may_give(write: LockedWrite, role: Role) -> None:
    """PermissionDenied if the role is above the caller's own."""
    mine = write.members[write.member_id].role
    if role > mine:
        raise PermissionDenied(
            "ROLE_TOO_HIGH",
            f"You cannot give the role {role.name}; your own is {mine.name}.",
            metadata={"given_role": role.name, "role": mine.name},
        )


def list_members(
    connection: Connection, caller: Caller, page: Page, *, inactive: bool
) -> Listing[Member]:
    """A page of the members in the order they were added."""
    conditions = [members.c.event_id == caller.in_event.event.id]
    if not inactive:
        conditions.append(members.c.state == "ACTIVE")
    found = page_of_members(connection, page, *conditions)
    return cut(page, found, lambda member: [member.id])


def update_member(
    connection: Connection,
    caller: Caller,
    now: dt.datetime,
    member_id: str,
    given: Mapping[str, Any],
) -> Member:
    """Changes the fields in `given`: name (str), role (Role), weight, active, barred, colour, _PRIVATE."""
    # They are private, so history does not record them, and an archived event allows them.
    private = bool(given) and given.keys() <= _PRIVATE.keys()
    write = begin_write(connection, caller, now, member_ids=[member_id], while_archived=private)
    before = read_member(connection, write.event.id, member_id)
    if "colour" in given:
        given = {**given, "colour": check_colour(given["colour"], member_id)}
    # Of another member everybody reads false.
    is_me = member_id == write.member_id
    read = before if is_me else replace(before, muted=False, mail_only_mine=False)
    # A client may send back all that it has read: an equal value is not a change.
    given = {name: value for name, value in given.items() if getattr(read, name) != value}
    _check_may_update(write, before, given)
    after = _updated(before, given, connection)
    if private or after == before:
        change_nothing(write)
        if after != before:
            update_member_row(connection, after)
        return after
    if before.role is Role.OWNER and after.role is not Role.OWNER:
        check_not_last_owner(write, before)
    update_member_row(connection, after)
    entry = Entry("MEMBER_UPDATED", member_id, before, after)
    if after.role < before.role and before.active:
        _record_with_end(write, entry, before.user_id, after.role)
    else:
        record(write, [entry])
    return after


def _record_with_end(
    write: LockedWrite, entry: Entry, user_id: str | None, role: Role | None
) -> None:
    """Records a change that leaves the user this role, and ends the invitations that it does not allow."""
    if user_id is None:
        record(write, [entry])
        return
    write, ended = end_invitations(write, user_id, role)
    record(write, [entry, *ended])


def _check_may_update(write: LockedWrite, member: Member, given: Mapping[str, Any]) -> None:
    mine = write.members[write.member_id].role
    is_me = member.id == write.member_id
    if "role" in given or "barred" in given:
        check_role(mine, Role.OWNER)
    of_others = not is_me and ("name" in given or "colour" in given)
    if "weight" in given or "active" in given or of_others:
        check_role(mine, Role.EDITOR)
    if "name" in given and not is_me and member.user_id is not None:
        raise PermissionDenied(
            "NAME_OF_OTHERS",
            f"{member.name!r} has an account, so no other member can rename them.",
            metadata={"member_id": member.id},
        )
    if "colour" in given and not is_me and member.user_id is not None:
        raise PermissionDenied(
            "COLOUR_OF_OTHERS",
            f"{member.name!r} has an account, so no other member can change their colour.",
            metadata={"member_id": member.id},
        )
    private = [name for name in _PRIVATE if name in given]
    if private and not is_me:
        raise PermissionDenied(
            "MUTE_OF_OTHERS",
            f"member.{private[0]}: you can only {_PRIVATE[private[0]]} for yourself, not for another member.",
            metadata={"member_id": member.id, "field": f"member.{private[0]}"},
        )


def _updated(before: Member, given: Mapping[str, Any], connection: Connection) -> Member:
    after = before
    if "name" in given:
        own_name = check_name(given["name"], "member.name", required=before.user_id is None)
        name = own_name or _user_name(connection, before)
        if name != before.name:
            check_member_name(connection, before.event_id, name, "member.name", but=before.id)
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
    if given.get("barred"):
        _check_may_bar(before)
    plain = {name: given[name] for name in ("role", "barred", "colour", *_PRIVATE) if name in given}
    return replace(after, **plain)


def _user_name(connection: Connection, member: Member) -> str:
    name: str = connection.execute(
        select(users.c.name).where(users.c.id == member.user_id)
    ).scalar_one()
    return name


def _check_may_bar(member: Member) -> None:
    """InvalidArgument unless the member is a user who has left."""
    if member.user_id is None:
        raise invalid(
            "member.barred",
            "BAR_OF_GUEST",
            f"{member.name!r} is a guest, who has no account to bar. Revoke the invitations for the guest.",
        )
    if member.active:
        raise invalid(
            "member.barred",
            "BAR_OF_ACTIVE",
            f"{member.name!r} is still in the event. Use RemoveMember with `bar`.",
        )


def remove_member(
    connection: Connection, caller: Caller, now: dt.datetime, member_id: str, *, bar: bool = False
) -> None:
    """Removes a member, or lets the caller leave. A member with history stays, inactive.

    bar: no invitation lets the user in again. The member then stays, inactive, in any case.
    """
    is_me = member_id == caller.in_event.member_id
    write = begin_write(connection, caller, now, member_ids=[member_id], while_archived=is_me)
    member = read_member(connection, write.event.id, member_id)
    if not is_me:
        needed = Role.EDITOR if member.user_id is None else Role.OWNER
        check_role(write.members[write.member_id].role, Role.OWNER if bar else needed)
    if bar and member.user_id is None:
        raise invalid(
            "bar", "BAR_OF_GUEST", f"{member.name!r} is a guest; only another user can be barred."
        )
    if bar and is_me:
        raise invalid(
            "bar", "BAR_OF_SELF", f"{member.name!r} is yourself; only another user can be barred."
        )
    after = replace(member, active=False, barred=bar or member.barred)
    if after == member:
        change_nothing(write)
        return
    if not member.active:
        update_member_row(connection, after)
        record(write, [Entry("MEMBER_UPDATED", member.id, member, after)])
        return
    check_not_last_owner(write, member)
    check_settled(connection, member)
    kind = "MEMBER_LEFT" if is_me else "MEMBER_REMOVED"
    if bar or _has_history(connection, member):
        update_member_row(connection, after)
        entry = Entry(kind, member.id, member, after)
    else:
        connection.execute(
            delete(members).where(members.c.event_id == member.event_id, members.c.id == member.id)
        )
        entry = Entry(kind, member.id, member, None)
    _record_with_end(write, entry, member.user_id, None)


def check_not_last_owner(write: LockedWrite, member: Member) -> None:
    """FailedPrecondition if the member is the event's last owner who can sign in."""
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
    """FailedPrecondition if the member owes or is owed in any currency."""
    rows = connection.execute(
        select(balances.c.currency_code, NET_MINOR)
        .where(
            balances.c.event_id == member.event_id,
            balances.c.member_id == member.id,
            NET_MINOR != 0,
        )
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
    commented = exists().where(
        comments.c.event_id == member.event_id, comments.c.author_member_id == member.id
    )
    return bool(connection.execute(select(or_(took_part, wrote, commented))).scalar_one())
