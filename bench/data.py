"""Rows written straight into the tables, so that setting up takes seconds, with ids that can be computed.

Event number 7 has the id `evt_00000000000000000000000007`, an owner with a session of their own, and
guests. No two events share a row, so their writers wait for nothing of each other.
"""

import datetime as dt

from sqlalchemy import insert, text

from howmuch.storage.database import Database
from howmuch.storage.tables import events, members, sessions, users
from howmuch.usecases.tokens import hash_token

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


def add_expenses(database: Database, event: int, count: int) -> None:
    """Expenses of 30.00 that the owner paid for three, one a day and round again, with their balances.

    Made inside PostgreSQL, so that 100,000 take seconds. Their history is left out: what is measured
    does not read it.
    """
    given = {"event": event_id(event), "count": count, "now": NOW}
    given |= {f"member{index}": member_id(event, index) for index in range(3)}
    with database.begin(timeout_seconds=120) as connection:
        for statement in _FILL:
            connection.execute(text(statement), given)
    with database.engine.connect() as connection:
        connection.execute(text("ANALYZE"))


_NUMBERED_ID = "'exp_' || lpad(number::text, 26, '0')"
_FILL = (
    f"""INSERT INTO expenses (event_id, id, kind, reason, date, category, notes, currency_code,
        amount_minor, split, version, creator_member_id, create_time, update_time)
    SELECT :event, {_NUMBERED_ID}, 'EXPENSE', 'Dinner ' || number, '2020-01-01'::date + number % 2000,
        'food', '', 'EUR', 3000,
        jsonb_build_object('mode', 'equal', 'member_ids', jsonb_build_array(
            CAST(:member0 AS text), CAST(:member1 AS text), CAST(:member2 AS text))),
        1, :member0, CAST(:now AS timestamptz), CAST(:now AS timestamptz)
    FROM generate_series(1, :count) AS number""",
    f"""INSERT INTO shares (event_id, expense_id, member_id, paid_minor, owed_minor)
    SELECT :event, {_NUMBERED_ID}, member_id, paid, 1000
    FROM generate_series(1, :count) AS number,
        (VALUES (:member0, 3000), (:member1, 0), (:member2, 0)) AS member (member_id, paid)""",
    """INSERT INTO balances
        (event_id, currency_code, member_id, paid_minor, owed_minor, transferred_minor)
    SELECT :event, 'EUR', member_id, CAST(:count AS bigint) * paid, CAST(:count AS bigint) * 1000, 0
    FROM (VALUES (:member0, 3000), (:member1, 0), (:member2, 0)) AS member (member_id, paid)""",
    """INSERT INTO debts (event_id, currency_code, member_a, member_b, amount_minor)
    SELECT :event, 'EUR', :member0, member_id, CAST(:count AS bigint) * -1000
    FROM (VALUES (:member1), (:member2)) AS member (member_id)""",
)
