"""Small things that tests do to a database."""

from collections.abc import Callable

from sqlalchemy import Connection, insert, select, text, update

from howmuch.storage.database import Database
from howmuch.storage.tables import events
from tests.storage import rows


def url_of(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


def insert_event(database: Database) -> str:
    row = rows.event()
    with database.begin() as connection:
        connection.execute(insert(events), row)
    return str(row["id"])


def increment(connection: Connection, event_id: str) -> None:
    connection.execute(
        update(events).where(events.c.id == event_id).values(revision=events.c.revision + 1)
    )


def increment_and(
    then: Callable[[Connection], None],
    database: Database,
    event_id: str,
    timeout_seconds: float | None = None,
) -> None:
    with database.begin(timeout_seconds) as connection:
        increment(connection, event_id)
        then(connection)


def revision(connection: Connection, event_id: str) -> int:
    statement = select(events.c.revision).where(events.c.id == event_id)
    return int(connection.execute(statement).scalar_one())


def works(database: Database) -> bool:
    with database.read() as connection:
        return bool(connection.execute(text("SELECT 1")).scalar_one() == 1)
