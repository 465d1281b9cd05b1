"""The outbox, where several relays empty it at once."""

import datetime as dt

import pytest
from sqlalchemy import Connection, Table, insert, select

from howmuch.messaging.messages import Message
from howmuch.messaging.outbox import delete_messages, next_messages
from howmuch.storage.database import Database
from howmuch.storage.tables import dead_letters, outbox

NOW = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)


def write(connection: Connection) -> None:
    row = {"routing_key": "mail.send", "payload": {"delivery_id": "dlv_1"}, "create_time": NOW}
    connection.execute(insert(outbox), row)


def read(connection: Connection) -> list[Message]:
    return next_messages(connection, NOW, 10)


def test_late_delete_takes_no_new_message(own_database: Database) -> None:
    """Two relays had the same message; the second one deletes it after a new one has been written."""
    with own_database.begin() as connection:
        write(connection)
    with own_database.begin() as connection:
        both = read(connection)
    with own_database.begin() as connection:
        delete_messages(connection, both)
    with own_database.begin() as connection:
        write(connection)
    with own_database.begin() as connection:
        delete_messages(connection, both)
    with own_database.begin() as connection:
        assert len(read(connection)) == 1


@pytest.mark.parametrize("table", [outbox, dead_letters], ids=lambda table: table.name)
def test_ids_are_used_once(own_database: Database, table: Table) -> None:
    """Also after the last row is gone."""
    row = {
        "routing_key": "mail.send",
        "payload": {},
        "create_time": NOW,
        "attempts": 1,
    }
    more = {"error": "no", "dead_time": NOW} if table is dead_letters else {}
    seen = []
    for _ in range(2):
        with own_database.begin() as connection:
            connection.execute(insert(table), row | more)
            seen.append(connection.execute(select(table.c.id)).scalar_one())
            connection.execute(table.delete())
    assert seen[0] < seen[1]
