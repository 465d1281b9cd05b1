"""Rows of several tables written together, and lists as parameters, on both databases."""

import datetime as dt
from typing import Any

import pytest
from pydantic_core import to_json
from sqlalchemy import exc, func, select

from howmuch.storage.database import Database
from howmuch.storage.many import InsertMany, among, insert_together
from howmuch.storage.tables import balances, events, outbox
from howmuch.storage.written import measured
from tests.databases import QueryCounter
from tests.storage.rows import insert_world, undone

MESSAGES = InsertMany(outbox, columns=("routing_key", "payload", "create_time"))
NOW = dt.datetime(2026, 11, 23, 1, 2, 3, 456789, dt.UTC)


def message(payload: object, key: str = "event.test") -> dict[str, object]:
    return {"routing_key": key, "payload": payload, "create_time": NOW}


@pytest.mark.parametrize(
    "payload", [{"text": "quotes \" ' \\ and 😀", "list": [1, None]}, [], "text", 0]
)
def test_values_come_back_as_they_were(database: Database, payload: object) -> None:
    """JSON, texts with any character and instants to the microsecond survive the way."""
    with undone(database) as connection:
        insert_together(connection, {MESSAGES: [message(payload, "event.'\"\\é")]})
        row = connection.execute(
            select(outbox.c.routing_key, outbox.c.payload, outbox.c.create_time).order_by(
                outbox.c.id.desc()
            )
        ).first()
    assert row is not None
    assert tuple(row) == ("event.'\"\\é", payload, NOW)


def test_many_rows_are_one_statement_on_postgresql(
    postgres_database: Database, query_counter: QueryCounter
) -> None:
    """Whatever the number of rows and tables."""
    with undone(postgres_database) as connection:
        world = insert_world(connection)
        rows = [{**world["balances"][0], "currency_code": code} for code in ("JPY", "KWD", "USD")]
        with query_counter(postgres_database.engine) as statements:
            insert_together(connection, {InsertMany(balances): rows, MESSAGES: [message(1)] * 1000})
    assert len(statements) == 1


def test_one_refused_row_leaves_nothing(database: Database) -> None:
    """A row that breaks a constraint takes the rows of the other tables with it."""

    def count() -> int:
        with database.read() as connection:
            return connection.execute(select(func.count()).select_from(outbox)).scalar_one()

    before, refused = count(), pytest.raises(exc.IntegrityError)
    bad: dict[str, Any] = {"event_id": "evt_none", "currency_code": "EUR", "member_id": "mbr_none"}
    bad |= dict.fromkeys(("paid_minor", "owed_minor", "transferred_minor"), 0)
    with refused, database.begin() as connection:
        insert_together(connection, {MESSAGES: [message(1)], InsertMany(balances): [bad]})
    assert count() == before


def test_adding_to_a_row_that_is_there(database: Database) -> None:
    """The amounts are summed; a key that is new gets its row."""
    adding = InsertMany(balances, adding_to=("paid_minor", "owed_minor", "transferred_minor"))
    with undone(database) as connection:
        old = insert_world(connection)["balances"][0]
        new = {**old, "currency_code": "JPY"}
        insert_together(connection, {adding: [{**old, "paid_minor": -7}, new]})
        found = connection.execute(
            select(balances.c.currency_code, balances.c.paid_minor).where(
                balances.c.event_id == old["event_id"], balances.c.member_id == old["member_id"]
            )
        )
        paid = {row.currency_code: row.paid_minor for row in found}
    assert paid[old["currency_code"]] == old["paid_minor"] - 7
    assert paid["JPY"] == new["paid_minor"]


@pytest.mark.parametrize("length", [0, 1, 100_000])
def test_among_a_list_of_any_length(database: Database, length: int) -> None:
    """The list is one parameter, also where it is longer than a statement has room for."""
    with undone(database) as connection:
        event_id = insert_world(connection)["events"][0]["id"]
        others = [f"other{number}" for number in range(length - 1)]
        names = [*others, event_id] if length else []
        found = connection.execute(
            select(events.c.id).where(among(events.c.id, "ids")), {"ids": names}
        ).scalars()
        assert list(found) == ([event_id] if length else [])


def test_counted_bytes_are_those_of_the_rows_as_json(database: Database) -> None:
    """For quotas; on SQLite about as many, without writing the rows as JSON only to count them."""
    texts = ("a" * 300, "\N{GRINNING FACE}" * 100, "")
    rows = [message({"text": text, "list": [1, None]}, f"event.{text[:40]}") for text in texts]
    with undone(database) as connection:
        row = insert_world(connection)["balances"][0]
        of_tables: dict[InsertMany, Any] = {
            MESSAGES: rows,
            InsertMany(balances): [{**row, "currency_code": code} for code in ("JPY", "KWD")],
        }
        with measured() as written:
            insert_together(connection, of_tables)
    exact = {insert.name: len(to_json(rows)) for insert, rows in of_tables.items()}
    assert written.passing == pytest.approx(exact["outbox"], rel=0.1)
    assert written.stored == pytest.approx(exact["balances"], rel=0.1)
