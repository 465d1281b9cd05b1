"""Rows written straight into the tables, so that setting up takes seconds, with ids that can be computed.

Event number 7 has the id `evt_00000000000000000000000007`, an owner with a session of their own, and
guests. No two events share a row, so their writers wait for nothing of each other.
"""

import datetime as dt

from sqlalchemy import insert

from howmuch.storage.database import Database
from howmuch.storage.tables import events, members, sessions, users
from howmuch.tokens import hash_token

NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
MOST_MEMBERS = 100


def numbered_id(prefix: str, number: int) -> str:
    """The id of row `number`."""
    return f"{prefix}_{number:026d}"


def event_id(event: int) -> str:
    """The id of an event."""
    return numbered_id("evt", event)


def member_id(event: int, member: int) -> str:
    """The id of a member, from 0, of an event; 0 is the owner."""
    return numbered_id("mbr", event * MOST_MEMBERS + member)


def token(event: int) -> str:
    """The session token of an event's owner."""
    return f"token-of-the-owner-of-{event_id(event)}"


def add_events(database: Database, count: int, *, guests: int = 2) -> None:
    """Events 1 to `count`, at revision 1, each with an owner and guests."""
    numbers = range(1, count + 1)
    with database.begin() as connection:
        connection.execute(insert(users), [_user(number) for number in numbers])
        connection.execute(insert(sessions), [_session(number) for number in numbers])
        connection.execute(insert(events), [_event(number) for number in numbers])
        connection.execute(
            insert(members),
            [_member(number, index) for number in numbers for index in range(guests + 1)],
        )


def _user(number: int) -> dict[str, object]:
    return {
        "id": numbered_id("usr", number),
        "email": f"owner{number}@example.com",
        "password_hash": "none",
        "name": "Owner",
        "locale": "en",
        "time_zone": "UTC",
        "currency_code": "EUR",
        "mail_mode": "OFF",
        "version": 1,
        "create_time": NOW,
        "update_time": NOW,
    }


def _session(number: int) -> dict[str, object]:
    return {
        "id": numbered_id("ses", number),
        "user_id": numbered_id("usr", number),
        "token_hash": hash_token(token(number)),
        "client": "bench",
        "create_time": NOW,
        "expire_time": NOW + dt.timedelta(days=36500),
    }


def _event(number: int) -> dict[str, object]:
    return {
        "id": event_id(number),
        "name": "Bench",
        "description": "",
        "currency_code": "EUR",
        "revision": 1,
        "version": 1,
        "create_time": NOW,
        "update_time": NOW,
    }


def _member(number: int, index: int) -> dict[str, object]:
    return {
        "event_id": event_id(number),
        "id": member_id(number, index),
        "name": None if index == 0 else f"Guest {index}",
        "user_id": numbered_id("usr", number) if index == 0 else None,
        "role": "OWNER" if index == 0 else "EDITOR",
        "weight": 1,
        "state": "ACTIVE",
        "muted": False,
        "create_time": NOW,
    }
