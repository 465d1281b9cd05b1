"""Rows that satisfy every constraint, for tests that then break one.

`insert_world` fills every table with one row or more; `new_row` gives another row of a table that
fits beside them.
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert

from howmuch import ids
from howmuch.storage import tables
from howmuch.storage.database import Database

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=7)

Row = dict[str, Any]
World = dict[str, list[Row]]

NUMBERED = ("outbox", "dead_letters")
"""Tables whose keys the database makes."""

_serial = itertools.count(1)


class Undo(Exception):
    """Ends a transaction without an error of the database."""


@contextmanager
def undone(database: Database) -> Iterator[Connection]:
    """A write transaction that is rolled back."""
    with suppress(Undo), database.begin() as connection:
        yield connection
        raise Undo


def new_hash() -> bytes:
    """32 bytes, other ones at each call."""
    return ids.new_id(ids.SESSION).encode()[-26:] + next(_serial).to_bytes(6, "big")


def user(**changes: Any) -> Row:
    user_id = ids.new_id(ids.USER)
    row = {
        "id": user_id,
        "email": f"{user_id}@example.org",
        "email_verify_time": None,
        "password_hash": "$argon2id$",
        "name": "Ann",
        "locale": "en",
        "time_zone": "Europe/Berlin",
        "currency_code": "EUR",
        "mail_mode": "OFF",
        "mail_token": None,
        "version": 1,
        "create_time": NOW,
        "update_time": NOW,
        "delete_time": None,
    }
    return row | changes


def event(**changes: Any) -> Row:
    row = {
        "id": ids.new_id(ids.EVENT),
        "name": "Lofoten",
        "description": "",
        "currency_code": "NOK",
        "revision": 1,
        "version": 1,
        "create_time": NOW,
        "update_time": NOW,
        "archive_time": None,
        "delete_time": None,
    }
    return row | changes


def member(event_row: Row, **changes: Any) -> Row:
    row = {
        "event_id": event_row["id"],
        "id": ids.new_id(ids.MEMBER),
        "name": "Ben",
        "user_id": None,
        "role": "EDITOR",
        "weight": 1,
        "state": "ACTIVE",
        "muted": False,
        "create_time": NOW,
    }
    return row | changes


def expense(event_row: Row, creator: Row, **changes: Any) -> Row:
    row = {
        "event_id": event_row["id"],
        "id": ids.new_id(ids.EXPENSE),
        "kind": "EXPENSE",
        "reason": "Ferry",
        "date": date(2026, 7, 1),
        "category": "",
        "notes": "",
        "currency_code": "NOK",
        "amount_minor": 1000,
        "split": {"mode": "EQUAL"},
        "version": 1,
        "creator_member_id": creator["id"],
        "create_time": NOW,
        "update_time": NOW,
        "delete_time": None,
    }
    return row | changes


def insert_world(connection: Connection) -> World:
    """Two users, two events (of the second only a member), members, a row of each other table."""
    ann, lofoten, other = user(), event(), event()
    ben, cleo, dora = sorted((member(lofoten) for _ in range(3)), key=lambda row: row["id"])
    ben["user_id"] = ann["id"]
    world: World = {
        "users": [ann, user()],
        "events": [lofoten, other],
        "members": [ben, cleo, dora, member(other)],
        "expenses": [expense(lofoten, ben)],
        **{name: [] for name in NUMBERED},
    }
    for table in tables.metadata.sorted_tables:
        if table.name not in world:
            world[table.name] = [new_row(world, table.name)]
        if world[table.name]:
            connection.execute(insert(table), world[table.name])
    for name in NUMBERED:
        row = new_row(world, name)
        table = tables.metadata.tables[name]
        inserted = connection.execute(insert(table), row).inserted_primary_key
        assert inserted is not None
        (key,) = inserted
        world[name] = [row | {"id": key}]
    return world


def new_row(world: World, table: str) -> Row:
    """A row that fits beside those of `world`. The keys of NUMBERED are left to the database."""
    ann, lofoten = world["users"][0], world["events"][0]
    ben, cleo, dora = world["members"][:3]
    if table in ("users", "events"):
        return user() if table == "users" else event()
    if table in ("members", "expenses"):
        return member(lofoten) if table == "members" else expense(lofoten, ben)
    if table in ("deliveries", "notices"):
        return _mail(world, table, world["users"][1 if world.get(table) else 0])
    if table in ("shares", "balances", "debts"):
        return _amounts(world, table, lofoten["id"], cleo if world.get(table) else ben, dora)
    rows: dict[str, Row] = {
        "sessions": {
            "id": ids.new_id(ids.SESSION),
            "user_id": ann["id"],
            "token_hash": new_hash(),
            "client": "tests",
            "create_time": NOW,
            "expire_time": LATER,
        },
        "account_tokens": {
            "token_hash": new_hash(),
            "user_id": ann["id"],
            "purpose": "VERIFY_EMAIL",
            "expire_time": LATER,
        },
        "invitations": {
            "event_id": lofoten["id"],
            "id": ids.new_id(ids.INVITATION),
            "token": new_hash().hex(),
            "role": "EDITOR",
            "member_id": None,
            "email": "",
            "max_uses": 1,
            "use_count": 0,
            "inviter_user_id": ann["id"],
            "create_time": NOW,
            "expire_time": LATER,
            "revoke_time": None,
        },
        "changes": {
            "event_id": lofoten["id"],
            "revision": next(_serial),
            "kind": "EVENT_CREATED",
            "actor_user_id": ann["id"],
            "actor_member_id": ben["id"],
            "subject_id": lofoten["id"],
            "before": None,
            "after": {"name": "Lofoten"},
            "create_time": NOW,
        },
        "comments": {
            "event_id": lofoten["id"],
            "id": ids.new_id(ids.COMMENT),
            "expense_id": world["expenses"][0]["id"],
            "author_member_id": ben["id"],
            "text": "Was that with the car?",
            "create_time": NOW,
            "delete_time": None,
        },
        "seen_marks": {
            "event_id": lofoten["id"],
            "user_id": world["users"][1 if world.get("seen_marks") else 0]["id"],
        },
        "outbox": {
            "routing_key": "event.changed",
            "payload": {},
            "create_time": NOW,
            "due_time": None,
            "attempts": 0,
        },
        "dead_letters": {
            "routing_key": "event.changed",
            "payload": {},
            "attempts": 8,
            "error": "The mail server refused it.",
            "create_time": NOW,
            "dead_time": LATER,
        },
        "usage": {
            "event_id": lofoten["id"],
            "user_id": ids.new_id(ids.USER),
            "stored_bytes": 0,
        },
        "mail_counts": {"scope": "invited", "key": new_hash(), "day": NOW.date(), "count": 1},
        "invited_addresses": {
            "address_hash": new_hash(),
            "token": new_hash().hex(),
            "locale": "en",
            "mail_time": NOW,
            "refuse_time": None,
        },
        "idempotency_keys": {
            "user_id": ann["id"],
            "key": str(next(_serial)),
            "request_hash": new_hash(),
            "response": b"",
            "create_time": NOW,
        },
    }
    return rows[table]


def _mail(world: World, table: str, user_row: Row) -> Row:
    if table == "notices":
        change = world["changes"][0]
        return {
            "event_id": change["event_id"],
            "revision": change["revision"],
            "user_id": user_row["id"],
            "delivery_id": world["deliveries"][0]["id"],
        }
    return {
        "id": ids.new_id(ids.DELIVERY),
        "kind": "CHANGES",
        "state": "WAITING",
        "user_id": user_row["id"],
        "slot": world["events"][0]["id"],
        "token": None,
        "due_time": LATER,
        "attempts": 0,
        "lease_time": None,
        "create_time": NOW,
        "done_time": None,
    }


def _amounts(world: World, table: str, event_id: str, member_row: Row, last_member: Row) -> Row:
    of_member = {"event_id": event_id, "member_id": member_row["id"]}
    rows: dict[str, Row] = {
        "shares": of_member
        | {
            "expense_id": world["expenses"][0]["id"],
            "paid_minor": 0,
            "owed_minor": 0,
        },
        "balances": of_member
        | {
            "currency_code": "NOK",
            "paid_minor": 0,
            "owed_minor": 0,
            "transferred_minor": 0,
        },
        "debts": {
            "event_id": event_id,
            "currency_code": "NOK",
            "member_a": member_row["id"],
            "member_b": last_member["id"],
            "amount_minor": 5,
        },
    }
    return rows[table]
