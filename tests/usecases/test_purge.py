"""The hourly clean-up: each kind of row goes at its moment, and not before."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import Connection, Table, func, select, update

from howmuch.storage import tables
from howmuch.storage.database import Database
from howmuch.usecases.purge import purge
from tests.storage.rows import insert_world, undone

MOMENT = dt.timedelta(microseconds=1)

# Table, its column that decides, what else is written with it, and how long the row stays after that.
EXPIRING: list[tuple[Table, str, dict[str, Any], dt.timedelta]] = [
    (tables.idempotency_keys, "create_time", {}, dt.timedelta(days=7)),
    (tables.sessions, "expire_time", {}, dt.timedelta()),
    (tables.account_tokens, "expire_time", {}, dt.timedelta()),
    (tables.deliveries, "done_time", {"state": "SENT"}, dt.timedelta(days=90)),
]


def count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.mark.parametrize(
    ("table", "column", "more", "kept"), EXPIRING, ids=lambda value: getattr(value, "name", "")
)
def test_rows_go_when_their_time_is_over(
    database: Database, table: Table, column: str, more: dict[str, Any], kept: dt.timedelta
) -> None:
    """A microsecond earlier they are all there; then they are gone, and counted."""
    with undone(database) as connection:
        insert_world(connection)
        [moment] = (
            connection.execute(
                update(table)
                .values({column: table.c.create_time, **more})
                .returning(table.c.create_time)
                if column == "done_time"
                else select(table.c[column]).limit(1)
            )
            .scalars()
            .all()[:1]
        )
        connection.execute(update(table).values({column: moment}))
        before = count(connection, table)
        assert purge(connection, moment + kept - MOMENT)[table.name] == 0
        assert count(connection, table) == before > 0
        counts = purge(connection, moment + kept)
        assert counts[table.name] >= before
        assert count(connection, table) == 0


EVENT_TABLES = [table for table in tables.metadata.sorted_tables if "event_id" in table.c]


@pytest.mark.parametrize(
    ("deleted_ago", "stays"),
    [
        (None, True),
        (dt.timedelta(days=30), True),
        (dt.timedelta(days=30) + MOMENT, False),
    ],
)
def test_deleted_event_goes_after_30_days_with_all_that_is_in_it(
    database: Database, deleted_ago: dt.timedelta | None, stays: bool
) -> None:
    """One that was not deleted stays for ever, however old it is."""
    now = dt.datetime(2026, 8, 1, tzinfo=dt.UTC)
    with undone(database) as connection:
        world = insert_world(connection)
        delete_time = None if deleted_ago is None else now - deleted_ago
        of_world = tables.events.c.id.in_(select(tables.events.c.id))
        connection.execute(update(tables.events).where(of_world).values(delete_time=delete_time))
        before = {table.name: count(connection, table) for table in EVENT_TABLES}
        events = count(connection, tables.events)
        assert min(before.values()) > 0
        # An old account and an old mail may go; the event is asked for.
        assert purge(connection, now)["events"] == (0 if stays else min(events, 100))
        if stays:
            assert count(connection, tables.events) == events
            assert count(connection, tables.expenses) == before["expenses"]
        elif events <= 100:
            left = {table.name: count(connection, table) for table in EVENT_TABLES}
            # Servers of other tests may add theirs at this moment.
            of_world = tables.usage.c.event_id == world["events"][0]["id"]
            query = select(func.count()).select_from(tables.usage).where(of_world)
            left["usage"] = connection.execute(query).scalar_one()
            assert left == dict.fromkeys(before, 0)


def test_purge_twice_does_nothing_more(database: Database) -> None:
    """Two servers may do it at once, and one again at any time."""
    now = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
    with undone(database) as connection:
        insert_world(connection)
        purge(connection, now)
        assert set(purge(connection, now).values()) == {0}
