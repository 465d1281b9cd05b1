"""The changes of all events of a user, newest first.

Of N changes of a page, each is in one of the N events with the newest changes, and is one of its N newest. So
a page reads the time of one change of each event, and N changes of N events, whatever the history holds.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    func,
    select,
    true,
)

from howmuch.storage.tables import changes, events, members, seen_marks, users
from howmuch.storage.types import Instant
from howmuch.usecases.history import Change, change_of
from howmuch.usecases.history_texts import fill_in_all
from howmuch.usecases.paging import Listing, Page, beyond, cut, parse_number, token_malformed
from howmuch.usecases.seen import SEEN_REVISION

LARGEST_PAGE = 100

_FIRST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_LAST = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
_ORDER = (changes.c.create_time, changes.c.event_id, changes.c.revision)
_ACTORS = members.alias("actors")
_TOLD = changes.alias("told")


@dataclass(frozen=True, slots=True)
class MyChange:
    """A change of one of the user's events. actor_name: empty means that there is no such member any more."""

    change: Change
    event_name: str
    actor_name: str
    unread: bool


def list_my_changes(connection: Connection, user_id: str, page: Page) -> Listing[MyChange]:
    """A page of the changes of all events in which the user is an active member, newest first.

    One statement, and one more for long texts.
    """
    found = [dict(row) for row in connection.execute(_changes(page, user_id)).mappings()]
    fill_in_all(
        connection,
        ((row["event_id"], row[state]) for row in found for state in ("before", "after")),
    )
    return cut(page, [_my_change(row, user_id) for row in found], _key)


def _key(each: MyChange) -> Sequence[object]:
    change = each.change
    return [change.create_time.isoformat(), change.event_id, change.revision]


def _my_change(row: dict[str, Any], user_id: str) -> MyChange:
    return MyChange(
        change_of(row),
        row["event_name"],
        row["actor_name"],
        unread=row["revision"] > row["seen_revision"] and row["actor_user_id"] != user_id,
    )


def _changes(page: Page, user_id: str) -> Select[*tuple[Any, ...]]:
    """The changes of a page, and one more, with the names of their events and actors."""
    keys = _page_of_keys(page, user_id).subquery("keys")
    return (
        select(
            _TOLD,
            events.c.name.label("event_name"),
            func.coalesce(_ACTORS.c.name, users.c.name, "").label("actor_name"),
            SEEN_REVISION.label("seen_revision"),
        )
        .join_from(
            keys,
            _TOLD,
            (_TOLD.c.event_id == keys.c.event_id) & (_TOLD.c.revision == keys.c.revision),
        )
        .join(events, events.c.id == _TOLD.c.event_id)
        .outerjoin(
            seen_marks,
            (seen_marks.c.event_id == _TOLD.c.event_id) & (seen_marks.c.user_id == user_id),
        )
        .outerjoin(
            _ACTORS,
            (_ACTORS.c.event_id == _TOLD.c.event_id) & (_ACTORS.c.id == _TOLD.c.actor_member_id),
        )
        .outerjoin(users, users.c.id == _ACTORS.c.user_id)
        .order_by(*(_from_key(page, _TOLD.c[column.name]) for column in _ORDER))
    )


def _page_of_keys(page: Page, user_id: str) -> Select[*tuple[Any, ...]]:
    """The keys of a page, and of one change more."""
    count = page.size + 1
    on_page = _on_page(page)
    edge = _nth_time(page, members.c.event_id, on_page, 1).label("edge")
    recent = (
        select(members.c.event_id, edge)
        .where(members.c.user_id == user_id, members.c.state == "ACTIVE")
        .order_by(_from_key(page, edge).nulls_last(), _from_key(page, members.c.event_id))
        .limit(count)
        .subquery("recent")
    )
    nth = _nth_time(page, recent.c.event_id, on_page, count)
    near = (
        changes.c.create_time <= func.coalesce(nth, _LAST, type_=Instant)
        if page.backward
        else changes.c.create_time >= func.coalesce(nth, _FIRST, type_=Instant)
    )
    return (
        select(*_ORDER)
        .join_from(recent, changes, changes.c.event_id == recent.c.event_id)
        .where(near, on_page)
        .order_by(*(_from_key(page, column) for column in _ORDER))
        .limit(count)
    )


def _nth_time(
    page: Page, event_id: ColumnElement[str], on_page: ColumnElement[bool], number: int
) -> ScalarSelect[dt.datetime]:
    """The time of the change with this number, from the key of the page. Null: there are fewer."""
    return (
        select(changes.c.create_time)
        .where(changes.c.event_id == event_id, on_page)
        .order_by(_from_key(page, changes.c.create_time), _from_key(page, changes.c.revision))
        .limit(1)
        .offset(number - 1)
        .correlate_except(changes)
        .scalar_subquery()
    )


def _on_page(page: Page) -> ColumnElement[bool]:
    if page.key is None:
        return true()
    time, event_id, revision = page.key
    try:
        instant = dt.datetime.fromisoformat(time).astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise token_malformed() from error
    key: Sequence[Any] = (instant, event_id, parse_number(revision))
    # The first condition follows from the second, and is one that an index serves.
    bound = changes.c.create_time >= instant if page.backward else changes.c.create_time <= instant
    return bound & beyond(page, _ORDER, key, descending=True)


def _from_key(page: Page, column: Any) -> Any:
    """The order away from the key of the page."""
    return column.asc() if page.backward else column.desc()
