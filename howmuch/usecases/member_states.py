"""The states of members, which a write to their event depends on."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, case, func, select

from howmuch.errors import FailedPrecondition, InvalidArgument, invalid
from howmuch.model import Role
from howmuch.storage.many import among
from howmuch.storage.tables import members, users
from howmuch.weights import Weight, of_thousandths, thousandths, whole_at_least_one


@dataclass(frozen=True, slots=True)
class MemberState:
    """The role, weight, activity and user of a member, as a write needs them.

    name_of_left: of a member who has left, for errors. Empty for an active one.
    """

    role: Role
    weight: Weight
    active: bool
    user_id: str | None
    name_of_left: str


_USER_NAME = select(users.c.name).where(users.c.id == members.c.user_id).scalar_subquery()
STATE_COLUMNS = (
    members.c.id.label("member_id"),
    members.c.role,
    members.c.weight,
    members.c.weight_thousandths,
    members.c.state,
    members.c.user_id,
    # Not of the active ones, who are many, and of whom no error tells.
    case((members.c.state == "ACTIVE", ""), else_=func.coalesce(members.c.name, _USER_NAME)).label(
        "name_of_left"
    ),
)
_STATES = select(*STATE_COLUMNS).where(members.c.event_id == bindparam("event"))
NAMED_MEMBERS = among(members.c.id, "ids")
_NAMED_STATES = _STATES.where(NAMED_MEMBERS)


def read_member_states(
    connection: Connection, event_id: str, member_ids: Collection[str] | None
) -> dict[str, MemberState]:
    """Member id to state, for those of the ids that exist. None means all members."""
    if member_ids is None:
        rows = connection.execute(_STATES, {"event": event_id})
    else:
        rows = connection.execute(_NAMED_STATES, {"event": event_id, "ids": sorted(member_ids)})
    return member_states(rows.mappings())


def member_states(rows: Iterable[RowMapping]) -> dict[str, MemberState]:
    return {
        row["member_id"]: MemberState(
            Role[row["role"]],
            weight_of(row),
            row["state"] == "ACTIVE",
            row["user_id"],
            row["name_of_left"],
        )
        for row in rows
    }


def weight_of(row: RowMapping) -> Weight:
    """The weight in a row of `members`.

    A program that knows only whole weights may have changed `weight` alone, which then counts.
    """
    whole: int = row["weight"]
    if row["weight_thousandths"] is None:
        return whole
    exact = of_thousandths(row["weight_thousandths"])
    return exact if whole_at_least_one(exact) == whole else whole


def weight_columns(weight: Weight) -> dict[str, Any]:
    """The columns of a weight; `weight_of` is the inverse."""
    whole = whole_at_least_one(weight)
    return {"weight": whole, "weight_thousandths": None if weight == whole else thousandths(weight)}


def check_member(
    members: Mapping[str, MemberState], member_id: str, field: str, *, inactive: bool = False
) -> None:
    """InvalidArgument MEMBER_UNKNOWN or FailedPrecondition MEMBER_INACTIVE. field: path of the id.

    inactive: a member who has left is allowed.
    """
    member = members.get(member_id)
    if member is None:
        raise member_unknown(field, member_id)
    if not member.active and not inactive:
        raise member_inactive(field, member_id, member.name_of_left)


def member_unknown(field: str, member_id: str) -> InvalidArgument:
    """The error for a member whom the event does not have."""
    return invalid(
        field,
        "MEMBER_UNKNOWN",
        f"{member_id[:60]!r} is not a member of this event.",
        metadata={"member_id": member_id[:60]},
    )


def member_inactive(field: str, member_id: str, name: str) -> FailedPrecondition:
    """The error for a member who has left. field: path of the id."""
    return FailedPrecondition(
        "MEMBER_INACTIVE",
        f"{field}: {name!r} has left the event. Re-add them first, or leave them out.",
        metadata={"field": field, "member_id": member_id, "member_name": name},
    )
