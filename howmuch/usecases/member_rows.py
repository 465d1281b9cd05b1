"""Rows of members: how a member is read and written."""

import datetime as dt
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    bindparam,
    func,
    insert,
    null,
    select,
    update,
)

from howmuch.errors import NotFound, ResourceExhausted
from howmuch.ids import MEMBER, new_id
from howmuch.model import Member, Role
from howmuch.storage.rows import record_of, row_of
from howmuch.storage.tables import members, users
from howmuch.usecases.names import look_alike, looks_like

MOST_MEMBERS = 2_000

_MEMBERS = select(
    members,
    members.c.name.label("own_name"),
    func.coalesce(members.c.name, users.c.name).label("shown_name"),
).outerjoin(users, users.c.id == members.c.user_id)
_SHOWN_NAME = func.coalesce(members.c.name, users.c.name)
_NAMES = (
    select(_SHOWN_NAME)
    .select_from(members)
    .outerjoin(users, users.c.id == members.c.user_id)
    .where(members.c.event_id == bindparam("event_id"), members.c.id != bindparam("but"))
)
_MINE = members.alias("mine")
_NAMES_AROUND = (
    select(_SHOWN_NAME)
    .distinct()
    .select_from(members)
    .join(_MINE, (_MINE.c.event_id == members.c.event_id) & (_MINE.c.id != members.c.id))
    .outerjoin(users, users.c.id == members.c.user_id)
    .where(
        _MINE.c.user_id == bindparam("user_id"),
        _MINE.c.name.is_(null()),
        _MINE.c.state == "ACTIVE",
    )
)
_ONE_MEMBER = _MEMBERS.where(
    members.c.event_id == bindparam("event_id"), members.c.id == bindparam("id")
)


def read_member(connection: Connection, event_id: str, member_id: str) -> Member:
    """One member; NotFound if the event has no member with this id."""
    found = connection.execute(_ONE_MEMBER, {"event_id": event_id, "id": member_id})
    row = found.mappings().one_or_none()
    if row is None:
        raise NotFound("member", member_id)
    return _member(row)


def find_members(
    connection: Connection, *conditions: ColumnElement[bool], limit: int | None = None
) -> list[Member]:
    """The members that meet all conditions, in the order they were added."""
    statement = _MEMBERS.where(*conditions).order_by(members.c.id).limit(limit)
    return [_member(row) for row in connection.execute(statement).mappings()]


def check_member_name(
    connection: Connection, event_id: str, name: str, field: str, *, but: str = ""
) -> int:
    """InvalidArgument for `field` if the name looks like that of another member. but: whose name it is.

    Returns the number of other members.
    """
    others = connection.execute(_NAMES, {"event_id": event_id, "but": but}).scalars().all()
    other = look_alike(name, others)
    if other is not None:
        raise looks_like(field, name, other)
    return len(others)


def check_user_name(connection: Connection, user_id: str, name: str, field: str) -> None:
    """As `check_member_name`, for all events in which the user goes by the name of the account."""
    others = connection.execute(_NAMES_AROUND, {"user_id": user_id}).scalars()
    other = look_alike(name, others)
    if other is not None:
        raise looks_like(field, name, other)


def insert_member(connection: Connection, member: Member) -> None:
    """Writes a new member's row.

    ResourceExhausted if the event is full, InvalidArgument if the name looks like that of another member.
    """
    count = check_member_name(connection, member.event_id, member.name, "name")
    if count >= MOST_MEMBERS:
        raise ResourceExhausted(
            "TOO_MANY_MEMBERS",
            f"The event has {count:,} members already; at most {MOST_MEMBERS:,} are possible.",
            retry_after_seconds=None,
        )
    connection.execute(insert(members), _row(member))


def update_member_row(connection: Connection, member: Member) -> None:
    """Writes a member over their present row."""
    row = _row(member)
    key = {"of_event": row.pop("event_id"), "of_id": row.pop("id")}
    connection.execute(
        update(members).where(
            members.c.event_id == bindparam("of_event"), members.c.id == bindparam("of_id")
        ),
        key | row,
    )


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


def _member(row: RowMapping) -> Member:
    return record_of(
        Member,
        row,
        name=row["shown_name"],
        role=Role[row["role"]],
        active=row["state"] == "ACTIVE",
    )


def _row(member: Member) -> dict[str, Any]:
    row = row_of(member, role=member.role.name)
    row["name"] = row.pop("own_name")
    row["state"] = "ACTIVE" if row.pop("active") else "INACTIVE"
    return row
