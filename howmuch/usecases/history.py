"""The history of an event: every change, with what it looked like before and after."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, select, update

from howmuch.model import Caller, Event, Expense, Invitation, Member
from howmuch.storage.tables import changes
from howmuch.usecases.paging import Page, cut, number_after

Resource = Event | Member | Invitation | Expense
R = TypeVar("R", Event, Member, Invitation, Expense)

_ADAPTERS: dict[type, TypeAdapter[Any]] = {
    kind: TypeAdapter(kind) for kind in (Event, Member, Invitation, Expense)
}
# The first word of a change's kind says what it is about.
_RESOURCES: dict[str, type[Resource]] = {
    "EVENT": Event,
    "MEMBER": Member,
    "INVITATION": Invitation,
    "EXPENSE": Expense,
}


@dataclass(frozen=True, slots=True)
class Change:
    """One write to an event. before is None where the subject is new, after where it is gone."""

    event_id: str
    revision: int
    kind: str
    actor_member_id: str
    subject_id: str
    before: Resource | None
    after: Resource | None
    create_time: dt.datetime


CHANGE_COLUMNS = (
    changes.c.event_id,
    changes.c.revision,
    changes.c.kind,
    changes.c.actor_member_id,
    changes.c.subject_id,
    changes.c.before,
    changes.c.after,
    changes.c.create_time,
)
_CHANGES = (
    select(*CHANGE_COLUMNS)
    .where(
        changes.c.event_id == bindparam("event_id"),
        changes.c.revision > bindparam("since_revision"),
    )
    .order_by(changes.c.revision)
    .limit(bindparam("limit"))
)


def to_json(resource: Resource | None) -> dict[str, Any] | None:
    """How a resource is kept in history."""
    if resource is None:
        return None
    return cast(dict[str, Any], _ADAPTERS[type(resource)].dump_python(resource, mode="json"))


def from_json(kind: type[R], stored: dict[str, Any]) -> R:
    """A resource out of history; the inverse of `to_json`."""
    return cast(R, _ADAPTERS[kind].validate_python(stored))


def read_changes(
    connection: Connection, event_id: str, since_revision: int, limit: int
) -> list[Change]:
    """Up to `limit` changes after a revision, oldest first."""
    rows = connection.execute(
        _CHANGES, {"event_id": event_id, "since_revision": since_revision, "limit": limit}
    )
    return [change_of(*row) for row in rows]


def change_of(
    event_id: str,
    revision: int,
    kind: str,
    actor_member_id: str,
    subject_id: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    create_time: dt.datetime,
) -> Change:
    """A change out of a row of CHANGE_COLUMNS."""
    adapter = _ADAPTERS[_RESOURCES[kind.partition("_")[0]]]
    return Change(
        event_id,
        revision,
        kind,
        actor_member_id,
        subject_id,
        None if before is None else adapter.validate_python(before),
        None if after is None else adapter.validate_python(after),
        create_time,
    )


def list_changes(
    connection: Connection, caller: Caller, since_revision: int, page: Page
) -> tuple[list[Change], str]:
    """A page of the history after a revision, oldest first, and the token of the next."""
    after = number_after(page)
    since = since_revision if after is None else after
    found = read_changes(connection, caller.in_event.event.id, since, page.size + 1)
    rows, token = cut(page, found, lambda change: [change.revision])
    return list(rows), token


def forget_name(connection: Connection, event_id: str, member_id: str, name: str) -> None:
    """Puts `name` in the place of a member's own in all that history says of them."""
    rows = connection.execute(
        select(changes.c.revision, changes.c.before, changes.c.after).where(
            changes.c.event_id == event_id, changes.c.subject_id == member_id
        )
    ).all()
    for revision, *states in rows:
        before, after = (
            state and {**state, "name": name, "own_name": state["own_name"] and name}
            for state in states
        )
        connection.execute(
            update(changes)
            .where(changes.c.event_id == event_id, changes.c.revision == revision)
            .values(before=before, after=after)
        )
