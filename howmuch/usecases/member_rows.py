"""Rows of members: how a member is read and written."""

import datetime as dt
from collections.abc import Collection
from dataclasses import replace
from typing import Any, NamedTuple

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
from howmuch.storage.many import among
from howmuch.storage.rows import record_of, row_of
from howmuch.storage.tables import members, users
from howmuch.usecases.member_states import weight_columns, weight_of
from howmuch.usecases.names import is_same_name, look_alike, looks_like
from howmuch.usecases.paging import Page, in_page
from howmuch.weights import Weight

MOST_MEMBERS = 2_000
MOST_ALIASES = 10

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
_ACTIVE_NAMES = (
    select(members.c.id, _SHOWN_NAME)
    .select_from(members)
    .outerjoin(users, users.c.id == members.c.user_id)
    .where(
        members.c.event_id == bindparam("event_id"),
        members.c.id != bindparam("but"),
        members.c.state == "ACTIVE",
    )
    .order_by(members.c.id)
)
_NAMES_AND_LOCALES = (
    select(members.c.id, _SHOWN_NAME.label("shown_name"), users.c.locale)
    .select_from(members)
    .outerjoin(users, users.c.id == members.c.user_id)
    .where(members.c.event_id == bindparam("event_id"), among(members.c.id, "ids"))
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


_OWN_LOCALE = select(users.c.locale).where(users.c.id == bindparam("user_id")).scalar_subquery()
_NAMES_ANYWHERE = (
    select(members.c.id, _SHOWN_NAME.label("shown_name"), _OWN_LOCALE.label("own_locale"))
    .select_from(members)
    .outerjoin(users, users.c.id == members.c.user_id)
    .where(among(members.c.event_id, "event_ids"), among(members.c.id, "ids"))
)


class Names(NamedTuple):
    """Member id to name, and, of members with an account, to locale."""

    names: dict[str, str]
    locales: dict[str, str]


def read_names(connection: Connection, event_id: str, member_ids: Collection[str]) -> Names:
    """The present names of members of an event, active or not, and the locales of their accounts."""
    wanted = {"event_id": event_id, "ids": sorted(member_ids)}
    rows = connection.execute(_NAMES_AND_LOCALES, wanted).all()
    return Names(
        {row.id: row.shown_name for row in rows}, {row.id: row.locale for row in rows if row.locale}
    )


class NamesForUser(NamedTuple):
    """Member id to name, of members of several events, and the locale of the user who reads them."""

    names: dict[str, str]
    locale: str


def read_names_for_user(
    connection: Connection, user_id: str, event_ids: Collection[str], member_ids: Collection[str]
) -> NamesForUser:
    """The present names of members of these events. The locale is empty if no member is found."""
    wanted = {"user_id": user_id, "event_ids": sorted(event_ids), "ids": sorted(member_ids)}
    rows = connection.execute(_NAMES_ANYWHERE, wanted).all()
    return NamesForUser(
        {row.id: row.shown_name for row in rows}, rows[0].own_locale if rows else ""
    )


def find_members(
    connection: Connection, *conditions: ColumnElement[bool], limit: int | None = None
) -> list[Member]:
    """The members that meet all conditions, in the order they were added."""
    statement = _MEMBERS.where(*conditions).order_by(members.c.id).limit(limit)
    return [_member(row) for row in connection.execute(statement).mappings()]


def page_of_members(
    connection: Connection, page: Page, *conditions: ColumnElement[bool]
) -> list[Member]:
    """The members of a page, and one more, that meet all conditions, in the order they were added."""
    statement = in_page(_MEMBERS.where(*conditions), page, [members.c.id], page.key)
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


def find_namesake(connection: Connection, member: Member) -> str:
    """The id of another active member with the same name. Empty means that no other has it."""
    wanted = {"event_id": member.event_id, "but": member.id}
    for member_id, name in connection.execute(_ACTIVE_NAMES, wanted):
        if is_same_name(name, member.name):
            return str(member_id)
    return ""


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


def with_alias(member: Member, alias: str) -> Member:
    """The member, who others also know by `alias`. The oldest aliases go first."""
    if alias == member.name:
        return member
    others = [each for each in member.aliases if each not in (alias, member.name)]
    return replace(member, aliases=(*others, alias)[-MOST_ALIASES:])


def new_guest(event_id: str, name: str, role: Role, weight: Weight, now: dt.datetime) -> Member:
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
        aliases=tuple(row["aliases"]),
        weight=weight_of(row),
    )


def _row(member: Member) -> dict[str, Any]:
    row = row_of(member, role=member.role.name) | weight_columns(member.weight)
    row["name"] = row.pop("own_name")
    row["state"] = "ACTIVE" if row.pop("active") else "INACTIVE"
    row["aliases"] = list(row["aliases"])
    return row
