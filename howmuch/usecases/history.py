"""The history of an event: every change, with its subject before and after."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter
from sqlalchemy import Connection, RowMapping, bindparam, select, update

from howmuch.model import Caller, Comment, Event, Expense, Invitation, Member, Payment
from howmuch.storage.rows import record_of
from howmuch.storage.tables import changes
from howmuch.usecases.history_texts import fill_in
from howmuch.usecases.paging import Listing, Page, cut, in_page, number_of
from howmuch.weights import format_weight, whole_at_least_one

Resource = Event | Member | Invitation | Expense | Comment
R = TypeVar("R", bound=Resource)

_ADAPTERS: dict[type, TypeAdapter[Any]] = {
    kind: TypeAdapter(kind) for kind in (Event, Member, Invitation, Expense, Comment)
}
_RESOURCES: dict[str, type[Resource]] = {
    "EVENT": Event,
    "MEMBER": Member,
    "INVITATION": Invitation,
    "EXPENSE": Expense,
    "COMMENT": Comment,
}


@dataclass(frozen=True, slots=True)
class Change:
    """One write to an event. before: None means a new subject; after: None means that it is gone.

    kind: one of storage.tables.CHANGE_KINDS, or one that a later version has added. Both states are None if
    that version has also added the kind of the subject.
    """

    event_id: str
    revision: int
    kind: str
    actor_member_id: str
    subject_id: str
    before: Resource | None
    after: Resource | None
    create_time: dt.datetime


_CHANGES = (
    select(changes)
    .where(
        changes.c.event_id == bindparam("event_id"),
        changes.c.revision > bindparam("since_revision"),
    )
    .limit(bindparam("limit"))
)


def to_json(resource: Resource | None) -> dict[str, Any] | None:
    """The JSON document of a resource in history. The fields of a draft are beside those of its expense."""
    if resource is None:
        return None
    document: dict[str, Any] = _ADAPTERS[type(resource)].dump_python(resource, mode="json")
    document.update(document.pop("draft", {}))
    if isinstance(resource, Member) and isinstance(resource.weight, Decimal):
        # For programs that know only whole weights.
        document["weight"] = whole_at_least_one(resource.weight)
        document["weight_decimal"] = format_weight(resource.weight)
    return document


def from_json(kind: type[R], stored: dict[str, Any]) -> R:
    """The inverse of `to_json`. A field that an older document lacks has its default; others are ignored."""
    if kind is Expense:
        payments = tuple(
            Payment(share["member_id"], share["paid_minor"])
            for share in stored["shares"]
            if share["paid_minor"]
        )
        stored = {**stored, "draft": {**stored, "payments": payments}}
    if kind is Member and "weight_decimal" in stored:
        stored = {**stored, "weight": Decimal(stored["weight_decimal"])}
    return cast(R, _ADAPTERS[kind].validate_python(stored))


def read_changes(
    connection: Connection, event_id: str, since_revision: int, limit: int
) -> list[Change]:
    """Up to `limit` changes after a revision, oldest first."""
    wanted = {"event_id": event_id, "since_revision": since_revision, "limit": limit}
    rows = connection.execute(_CHANGES.order_by(changes.c.revision), wanted)
    return changes_of(connection, event_id, rows.mappings().all())


def changes_of(connection: Connection, event_id: str, rows: Iterable[RowMapping]) -> list[Change]:
    """Changes of one event from rows of `changes`, with their long fields."""
    found = [dict(row) for row in rows]
    fill_in(connection, event_id, (row[state] for row in found for state in ("before", "after")))
    return [change_of(row) for row in found]


def change_of(row: Mapping[str, Any]) -> Change:
    """A change from a row whose long fields are filled in."""
    # The first word of a kind says what the change is about.
    kind = _RESOURCES.get(row["kind"].partition("_")[0])
    return record_of(
        Change, row, before=_state(kind, row["before"]), after=_state(kind, row["after"])
    )


def _state(kind: type[Resource] | None, stored: dict[str, Any] | None) -> Resource | None:
    return None if kind is None or stored is None else from_json(kind, stored)


def list_changes(
    connection: Connection,
    caller: Caller,
    since_revision: int,
    page: Page,
    *,
    newest_first: bool = False,
) -> Listing[Change]:
    """A page of the history after a revision, oldest first unless `newest_first`."""
    event_id, key = caller.in_event.event.id, number_of(page)
    keys = None if key is None else [key]
    statement = select(changes).where(
        changes.c.event_id == event_id, changes.c.revision > since_revision
    )
    statement = in_page(statement, page, [changes.c.revision], keys, descending=newest_first)
    rows = connection.execute(statement).mappings().all()
    found = changes_of(connection, event_id, rows)
    return cut(page, found, lambda change: [change.revision])


def forget_name(connection: Connection, event_id: str, member_id: str, name: str) -> None:
    """Replaces a member's name by `name` in the whole history, without their aliases."""
    rows = connection.execute(
        select(changes.c.revision, changes.c.before, changes.c.after).where(
            changes.c.event_id == event_id, changes.c.subject_id == member_id
        )
    ).all()
    for revision, *states in rows:
        before, after = (
            state and {**state, "name": name, "own_name": state["own_name"] and name, "aliases": []}
            for state in states
        )
        connection.execute(
            update(changes)
            .where(changes.c.event_id == event_id, changes.c.revision == revision)
            .values(before=before, after=after)
        )
