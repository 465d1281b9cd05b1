"""Events: make, read, list, change, archive, delete."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, bindparam, insert, null, select, update
from sqlalchemy.exc import IntegrityError

from howmuch.errors import AlreadyExists, FailedPrecondition, ResourceExhausted, Violations
from howmuch.ids import EVENT, MEMBER, new_id
from howmuch.ledger.currencies import minor_digits
from howmuch.ledger.split import Split, beneficiaries
from howmuch.model import Caller, Event, Role
from howmuch.storage.rows import record_of, row_of
from howmuch.storage.tables import events, members
from howmuch.usecases import validation
from howmuch.usecases.access import lock_user_for_share
from howmuch.usecases.event_writes import (
    Entry,
    LockedWrite,
    begin_write,
    change_nothing,
    check_etag,
    record,
)
from howmuch.usecases.names import check_name
from howmuch.usecases.paging import Listing, Page, cut, in_page
from howmuch.usecases.usage import count_owned_events
from howmuch.usecases.usual_split import check_default_split

KEPT_AFTER_DELETE = dt.timedelta(days=30)

_NO_ZONE = ("time_zone", "")


@dataclass(frozen=True, slots=True)
class MyEvent:
    """An event as its member sees it."""

    event: Event
    member_id: str
    role: Role


def create_event(
    connection: Connection,
    caller: Caller,
    now: dt.datetime,
    *,
    name: str,
    description: str,
    currency_code: str,
    time_zone: str = "",
    event_id: str = "",
    default_split: Split | None = None,
    most_events: int = 0,
) -> MyEvent:
    """Makes an event that the caller owns. currency_code, time_zone: empty means the caller's own.

    event_id: chosen by the client; empty means that the server chooses. default_split: must not name members,
    who are added later. most_events: that a user may own; 0 means any number.
    """
    if event_id and connection.execute(select(events.c.id).where(events.c.id == event_id)).first():
        raise _id_taken(event_id)
    if most_events:
        _check_owned_events(connection, caller.user_id, most_events)
    own = lock_user_for_share(connection, caller.user_id)
    content = check_content(
        {
            "name": name,
            "description": description,
            "currency_code": currency_code or own.currency_code,
            "time_zone": time_zone or own.time_zone,
        }
    )
    if default_split:
        check_default_split(default_split, {}, "event.default_split")
    event = Event(
        id=event_id or new_id(EVENT),
        name=content["name"],
        description=content["description"],
        currency_code=content["currency_code"],
        revision=1,
        version=1,
        create_time=now,
        update_time=now,
        archive_time=None,
        delete_time=None,
        time_zone=content["time_zone"],
        default_split=default_split,
    )
    member_id = new_id(MEMBER)
    try:
        connection.execute(insert(events), row_of(event))
    except IntegrityError as error:
        # Another call made an event with this id at the same moment.
        raise _id_taken(event.id) from error
    connection.execute(
        insert(members),
        {
            "event_id": event.id,
            "id": member_id,
            "name": None,
            "user_id": caller.user_id,
            "role": Role.OWNER.name,
            "weight": 1,
            "state": "ACTIVE",
            "muted": False,
            "create_time": now,
        },
    )
    write = LockedWrite(event, {}, caller.user_id, member_id, now, 1, connection)
    record(write, [Entry("EVENT_CREATED", event.id, None, event)])
    return MyEvent(event, member_id, Role.OWNER)


def _id_taken(event_id: str) -> AlreadyExists:
    """The same for an event of other people, of which it tells no more. Ids are too random to be guessed."""
    return AlreadyExists(
        "EVENT_ID_TAKEN",
        f"There is an event with the id {event_id!r} already. Choose a new id for each event; to repeat a"
        " request, send its idempotency key again.",
        metadata={"event_id": event_id},
    )


def _check_owned_events(connection: Connection, user_id: str, most: int) -> None:
    """ResourceExhausted if the user owns as many events already."""
    count = count_owned_events(connection, user_id)
    if count >= most:
        raise ResourceExhausted(
            "QUOTA_EXCEEDED",
            f"You own {count:,} events; at most {most:,} are possible. Delete events that you no longer need:"
            f" they no longer count {KEPT_AFTER_DELETE.days} days later.",
            retry_after_seconds=None,
            quota_subject=user_id,
            metadata={
                "quota": "events",
                "limit": str(most),
                "used": str(count),
                "subject": user_id,
            },
        )


def get_event(caller: Caller) -> MyEvent:
    """The event that the caller was authorized for; nothing more needs to be read."""
    mine = caller.in_event
    return MyEvent(mine.event, mine.member_id, mine.role)


def list_events(
    connection: Connection, caller: Caller, page: Page, *, archived: bool, deleted: bool
) -> Listing[MyEvent]:
    """A page of the caller's events, newest first."""
    statement = (
        select(members.c.id.label("member_id"), members.c.role, events)
        .join(events, events.c.id == members.c.event_id)
        .where(members.c.user_id == caller.user_id, members.c.state == "ACTIVE")
    )
    if not archived:
        statement = statement.where(events.c.archive_time.is_(null()))
    if not deleted:
        statement = statement.where(events.c.delete_time.is_(null()))
    statement = in_page(statement, page, [members.c.event_id], page.key, descending=True)
    found = [
        MyEvent(record_of(Event, row), row["member_id"], Role[row["role"]])
        for row in connection.execute(statement).mappings()
    ]
    return cut(page, found, lambda mine: [mine.event.id])


def update_event(
    connection: Connection, caller: Caller, now: dt.datetime, given: Mapping[str, Any], etag: str
) -> MyEvent:
    """Changes the fields in `given` (name, description, currency_code, time_zone, default_split).

    An empty time zone leaves the present one, for clients that replace all fields and know of no time zone.
    """
    content = check_content(
        {name: value for name, value in given.items() if (name, value) != _NO_ZONE}
    )
    split = content.get("default_split")
    named = beneficiaries(split) if split else ()
    write = begin_write(connection, caller, now, member_ids=named)
    check_etag(etag, write.event.version, "event")
    # A client may send back all that it has read, also members who have gone since.
    if split and split != write.event.default_split:
        check_default_split(split, write.members, "event.default_split")
    return _save(write, caller, "EVENT_UPDATED", content)


def delete_event(connection: Connection, caller: Caller, now: dt.datetime, etag: str) -> MyEvent:
    """Deletes the event; for 30 days it can be undeleted."""
    write = begin_write(connection, caller, now, while_archived=True, while_deleted=True)
    check_etag(etag, write.event.version, "event")
    given = {} if write.event.delete_time else {"delete_time": now}
    return _save(write, caller, "EVENT_DELETED", given)


def undelete_event(connection: Connection, caller: Caller, now: dt.datetime) -> MyEvent:
    """Undeletes an event."""
    write = begin_write(connection, caller, now, while_archived=True, while_deleted=True)
    check_undeletable(write.event.delete_time, now, "event", write.event.name)
    return _save(write, caller, "EVENT_UNDELETED", {"delete_time": None})


def archive_event(connection: Connection, caller: Caller, now: dt.datetime) -> MyEvent:
    """Makes the event read-only."""
    write = begin_write(connection, caller, now, while_archived=True)
    given = {} if write.event.archive_time else {"archive_time": now}
    return _save(write, caller, "EVENT_ARCHIVED", given)


def unarchive_event(connection: Connection, caller: Caller, now: dt.datetime) -> MyEvent:
    """Makes an archived event writable again."""
    write = begin_write(connection, caller, now, while_archived=True)
    return _save(write, caller, "EVENT_UNARCHIVED", {"archive_time": None})


def check_undeletable(
    delete_time: dt.datetime | None, now: dt.datetime, what: str, name: str
) -> None:
    """FailedPrecondition if the thing is not deleted, or was deleted too long ago."""
    if delete_time is None:
        raise FailedPrecondition(
            f"{what.upper()}_NOT_DELETED", f"The {what} {name!r} is not deleted."
        )
    if now - delete_time > KEPT_AFTER_DELETE:
        raise FailedPrecondition(
            "DELETED_TOO_LONG",
            f"The {what} {name!r} was deleted on {delete_time:%Y-%m-%d}, more than"
            f" {KEPT_AFTER_DELETE.days} days ago, and cannot be brought back.",
        )


def _save(write: LockedWrite, caller: Caller, kind: str, given: Mapping[str, Any]) -> MyEvent:
    """Writes the fields in `given` and records the change; writes nothing if they are as they were."""
    before = replace(write.event, revision=write.event.revision - write.steps)
    mine = caller.in_event
    if all(getattr(before, name) == value for name, value in given.items()):
        change_nothing(write)
        return MyEvent(before, mine.member_id, mine.role)
    after = replace(write.event, **given, version=before.version + 1, update_time=write.now)
    write.connection.execute(
        update(events).where(events.c.id == bindparam("event")),
        {"event": after.id, "version": after.version, "update_time": after.update_time, **given},
    )
    record(write, [Entry(kind, after.id, before, after)])
    return MyEvent(after, mine.member_id, mine.role)


def check_content(given: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of an event (name, description, currency_code, time_zone), clean; others are as they were.

    InvalidArgument names all that are wrong.
    """
    wrong, checked = Violations(), dict(given)
    if "name" in given:
        with wrong:
            checked["name"] = check_name(given["name"], "event.name")
    if "description" in given:
        with wrong:
            validation.check_text(given["description"], "event.description")
    if "currency_code" in given:
        with wrong:
            minor_digits(given["currency_code"], "event.currency_code")
    if given.get("time_zone"):
        with wrong:
            validation.check_time_zone(given["time_zone"], "event.time_zone")
    wrong.raise_any()
    return checked
