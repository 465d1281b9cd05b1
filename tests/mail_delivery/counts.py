"""How much of the mail is where: what is still on its way, what waits, what has been told."""

from typing import Any

from sqlalchemy import Select, func, select

from howmuch.storage.database import Database
from howmuch.storage.tables import deliveries, notices, outbox


def count(database: Database, query: Select[Any]) -> int:
    """What a query counts now."""
    with database.read() as connection:
        return int(connection.execute(query).scalar_one())


def unsent(database: Database) -> int:
    """Messages and mails that are still on their way."""
    messages = count(database, select(func.count()).select_from(outbox))
    return messages + count(database, select(func.count()).where(deliveries.c.done_time.is_(None)))


def waiting(database: Database) -> int:
    """Mails that still gather changes."""
    return count(database, select(func.count()).where(deliveries.c.state == "WAITING"))


def noticed(database: Database) -> int:
    """Changes that are to be told, each counted for everybody whom it concerns."""
    return count(database, select(func.count()).select_from(notices))


def changes_noticed(database: Database) -> int:
    """Changes that are to be told to anybody."""
    changes = func.distinct(notices.c.event_id.concat(notices.c.revision))
    return count(database, select(func.count(changes)))
