"""The events of a user at one glance: the overview, and the search by name."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, case, null, select

from howmuch.model import Event, Role
from howmuch.storage.many import among
from howmuch.storage.rows import record_of
from howmuch.storage.tables import NET_MINOR, balances, changes, events, members, seen_marks
from howmuch.usecases.events import MyEvent
from howmuch.usecases.folding import fold
from howmuch.usecases.paging import Listing, Page, cut, in_page, token_malformed
from howmuch.usecases.seen import MARK_OF_MEMBER, SEEN_REVISION, UNREAD_COUNT

LARGEST_OVERVIEW = 500


class Balance(NamedTuple):
    """A balance in one currency, in minor units."""

    currency_code: str
    net_minor: int


@dataclass(frozen=True, slots=True)
class LastChange:
    """The last change of an event, without its content."""

    event_id: str
    revision: int
    kind: str
    actor_member_id: str
    subject_id: str
    create_time: dt.datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """An event of a user. balances: those that are not zero, ordered by currency code."""

    mine: MyEvent
    last_change: LastChange
    unread_count: int
    seen_revision: int
    balances: list[Balance] = field(default_factory=list)


_IN_USE = case((events.c.archive_time.is_(null()), 1), else_=0)
_MINE = (
    members.c.user_id == bindparam("user_id"),
    members.c.state == "ACTIVE",
    events.c.delete_time.is_(null()),
)
_EVENTS = select(members.c.id.label("member_id"), members.c.role, events).join(
    events, events.c.id == members.c.event_id
)
# By position: to find the columns of 200 rows by name takes as long as all the rest.
_EVENT = [events.c[each.name] for each in fields(Event)]
_OVERVIEW = (
    select(
        members.c.id,
        members.c.role,
        UNREAD_COUNT,
        SEEN_REVISION,
        *(changes.c[each.name] for each in fields(LastChange)),
        *_EVENT,
    )
    .join_from(members, events, events.c.id == members.c.event_id)
    .join(
        changes,
        (changes.c.event_id == events.c.id) & (changes.c.revision == events.c.revision),
    )
    .outerjoin(seen_marks, MARK_OF_MEMBER)
    .where(*_MINE)
)
_BALANCES = (
    select(balances.c.event_id, balances.c.currency_code, NET_MINOR.label("net_minor"))
    .join_from(
        members,
        balances,
        (balances.c.event_id == members.c.event_id) & (balances.c.member_id == members.c.id),
    )
    .where(
        members.c.user_id == bindparam("user_id"),
        among(members.c.event_id, "event_ids"),
        NET_MINOR != 0,
    )
    .order_by(balances.c.event_id, balances.c.currency_code)
)
_NAMES = (
    select(members.c.event_id, events.c.name)
    .join_from(members, events, events.c.id == members.c.event_id)
    .where(*_MINE)
)


def read_overview(connection: Connection, user_id: str, page: Page) -> Listing[Overview]:
    """A page of a user's events: those in use, then archived ones, each newest first. Two statements."""
    key = None
    if page.key is not None:
        in_use, event_id = page.key
        if in_use not in ("0", "1"):
            raise token_malformed()
        key = [int(in_use), event_id]
    columns = [_IN_USE, members.c.event_id]
    statement = in_page(_OVERVIEW, page, columns, key, descending=True)
    rows = connection.execute(statement, {"user_id": user_id})
    listing = cut(page, [_overview(*row) for row in rows], _key)
    by_event = {each.mine.event.id: each.balances for each in listing.rows}
    if by_event:
        wanted = {"user_id": user_id, "event_ids": list(by_event)}
        for event_id, currency_code, net_minor in connection.execute(_BALANCES, wanted):
            by_event[event_id].append(Balance(currency_code, net_minor))
    return listing


def _overview(
    member_id: str, role: str, unread_count: int, seen_revision: int, *columns: Any
) -> Overview:
    """columns: those of the last change, then those of the event."""
    last, event = columns[: -len(_EVENT)], columns[-len(_EVENT) :]
    mine = MyEvent(Event(*event), member_id, Role[role])
    return Overview(mine, LastChange(*last), unread_count, seen_revision)


def _key(overview: Overview) -> Sequence[object]:
    event = overview.mine.event
    return [0 if event.archive_time else 1, event.id]


def search_events(connection: Connection, user_id: str, text: str, page: Page) -> Listing[MyEvent]:
    """A page of a user's events whose name contains a text, newest first. Two statements."""
    wanted = fold(text)
    names = connection.execute(_NAMES, {"user_id": user_id})
    found = [event_id for event_id, name in names if wanted in fold(name)]
    statement = _EVENTS.where(
        members.c.user_id == bindparam("user_id"), among(members.c.event_id, "event_ids")
    )
    statement = in_page(statement, page, [members.c.event_id], page.key, descending=True)
    rows = connection.execute(statement, {"user_id": user_id, "event_ids": found}).mappings()
    mine = [MyEvent(record_of(Event, row), row["member_id"], Role[row["role"]]) for row in rows]
    return cut(page, mine, lambda each: [each.event.id])
