"""The processor time of GetMyOverview and ListMyChanges for a user with many events.

    python -m bench.overview [--events 200] [--expenses 1000] [--url postgresql://...]

Prints the milliseconds of processor time of this process for a call, without gRPC, and the statements that it
takes. Each event has six members, and each expense a change of its history.
"""

import argparse
import datetime as dt
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, insert

from howmuch import ids
from howmuch.rpc.activity import wording_of
from howmuch.rpc.overview_methods import my_change_message, overview_message
from howmuch.rpc.pages import page_of
from howmuch.storage import migrate, tables
from howmuch.storage.database import Database, open_database
from howmuch.usecases.activity import list_my_changes
from howmuch.usecases.overview import read_overview
from howmuch.usecases.paging import parse_page

NOW = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
MEMBERS = 6
CALLS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200)
    parser.add_argument("--expenses", type=int, default=1_000)
    parser.add_argument("--url", help="an empty database; default: SQLite in a temporary directory")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        url = given.url or f"sqlite:///{Path(directory) / 'bench.db'}"
        migrate.upgrade(url)
        database = open_database(url)
        try:
            with database.begin(timeout_seconds=600) as connection:
                user_id = fill(connection, given.events, given.expenses)
            overview: Callable[[Connection], object] = lambda connection: page_of(  # noqa: E731
                read_overview(connection, user_id, parse_page(0, "", default=500)), overview_message
            )
            changes: Callable[[Connection], object] = lambda connection: page_of(  # noqa: E731
                list_my_changes(connection, user_id, parse_page(0, "")),
                partial(my_change_message, wording_of("en", {})),
            )
            report(database, "GetMyOverview", overview)
            report(database, "ListMyChanges", changes)
        finally:
            database.dispose()


def fill(connection: Connection, events: int, expenses: int) -> str:
    """A user who is in all events, and who wrote every second change."""
    me, other = (user(ids.new_id(ids.USER)) for _ in range(2))
    connection.execute(insert(tables.users), [me, other])
    for number in range(events):
        event_id = ids.new_id(ids.EVENT)
        members = [ids.new_id(ids.MEMBER) for _ in range(MEMBERS)]
        connection.execute(
            insert(tables.events), {**event_row(event_id, number), "revision": expenses}
        )
        of_users = {members[0]: me["id"], members[1]: other["id"]}
        rows = [member_row(event_id, each, of_users.get(each)) for each in members]
        connection.execute(insert(tables.members), rows)
        connection.execute(
            insert(tables.balances),
            [
                {
                    "event_id": event_id,
                    "currency_code": "EUR",
                    "member_id": each,
                    "paid_minor": 100 * place,
                    "owed_minor": 250,
                    "transferred_minor": 0,
                }
                for place, each in enumerate(members)
            ],
        )
        connection.execute(
            insert(tables.seen_marks),
            {"event_id": event_id, "user_id": me["id"], "own_changes": expenses // 2},
        )
        made = [expense_row(event_id, members[0], index) for index in range(expenses)]
        connection.execute(insert(tables.expenses), made)
        authors = [(me["id"], members[0]), (other["id"], members[1])]
        changes = [
            change_row(row, revision, *authors[revision % 2], number)
            for revision, row in enumerate(made, 1)
        ]
        connection.execute(insert(tables.changes), changes)
    return str(me["id"])


def user(user_id: str) -> dict[str, Any]:
    return {
        "id": user_id,
        "email": f"{user_id}@example.com",
        "password_hash": "x",
        "name": "Ana",
        "locale": "en",
        "time_zone": "UTC",
        "currency_code": "EUR",
        "mail_mode": "OFF",
        "version": 1,
        "create_time": NOW,
        "update_time": NOW,
    }


def event_row(event_id: str, number: int) -> dict[str, Any]:
    return {
        "id": event_id,
        "name": f"Event {number}",
        "description": "",
        "currency_code": "EUR",
        "version": 1,
        "create_time": NOW,
        "update_time": NOW,
    }


def member_row(event_id: str, member_id: str, user_id: str | None) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "id": member_id,
        "name": None if user_id else "Guest",
        "user_id": user_id,
        "role": "EDITOR",
        "weight": 1,
        "state": "ACTIVE",
        "muted": False,
        "create_time": NOW,
    }


def expense_row(event_id: str, creator: str, index: int) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "id": ids.new_id(ids.EXPENSE),
        "kind": "EXPENSE",
        "reason": f"Dinner {index}",
        "date": NOW.date(),
        "category": "food",
        "notes": "",
        "currency_code": "EUR",
        "amount_minor": 1_000,
        "split": {"mode": "equal", "member_ids": [creator]},
        "version": 1,
        "creator_member_id": creator,
        "create_time": NOW,
        "update_time": NOW,
    }


def change_row(
    expense: dict[str, Any], revision: int, user_id: str, member_id: str, number: int
) -> dict[str, Any]:
    time = (NOW + dt.timedelta(seconds=revision * 60 + number)).isoformat()
    after = {**expense, "date": "2026-07-01", "create_time": time, "update_time": time}
    after |= {"delete_time": None, "shares": []}
    return {
        "event_id": expense["event_id"],
        "revision": revision,
        "kind": "EXPENSE_CREATED",
        "actor_user_id": user_id,
        "actor_member_id": member_id,
        "subject_id": expense["id"],
        "before": None,
        "after": after,
        "create_time": NOW + dt.timedelta(seconds=revision * 60 + number),
    }


def report(database: Database, name: str, call: Callable[[Connection], object]) -> None:
    statements: list[str] = []
    with database.read() as connection:
        call(connection)
        listen = lambda _c, _cursor, statement, *_: statements.append(statement)  # noqa: E731
        event.listen(database.engine, "before_cursor_execute", listen)
        call(connection)
        event.remove(database.engine, "before_cursor_execute", listen)
        times = []
        for _ in range(CALLS):
            begun = time.process_time()
            call(connection)
            times.append(time.process_time() - begun)
    best, middle = min(times) * 1_000, sorted(times)[CALLS // 2] * 1_000
    print(f"{name}: {middle:.1f} ms (best {best:.1f}), {len(statements)} statements")


if __name__ == "__main__":
    main()
