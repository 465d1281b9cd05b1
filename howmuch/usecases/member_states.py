"""The states of members, which a write to their event depends on."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, bindparam, select

from howmuch.model import Role
from howmuch.storage.many import among
from howmuch.storage.tables import members


@dataclass(frozen=True, slots=True)
class MemberState:
    """The role, weight, activity and user of a member, as a write needs them."""

    role: Role
    weight: int
    active: bool
    user_id: str | None


STATE_COLUMNS = (
    members.c.id.label("member_id"),
    members.c.role,
    members.c.weight,
    members.c.state,
    members.c.user_id,
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
            Role[row["role"]], row["weight"], row["state"] == "ACTIVE", row["user_id"]
        )
        for row in rows
    }
