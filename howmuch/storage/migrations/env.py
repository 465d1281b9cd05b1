"""Runs Alembic through the program's own engine, in one transaction."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import event

from howmuch.storage import types
from howmuch.storage.database import open_database
from howmuch.storage.tables import metadata

# Two processes that start together must not both migrate: the second waits for this lock.
_LOCK_KEY = 4_681_663
_LONGEST_SECONDS = 600.0

_NAMED_TYPES = {id(getattr(types, name)): name for name in ("Id", "Instant", "Json", "Sequence")}


def _render_type(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """Writes the types of howmuch.storage.types by name into new migrations. False means Alembic's way."""
    name = _NAMED_TYPES.get(id(item))
    return f"types.{name}" if kind == "type" and name else False


# Each statement runs once, so preparing it would gain nothing, and would fail behind PgBouncer.
database = open_database(
    context.config.attributes["database_url"],
    pool_size=1,
    lock_timeout_seconds=_LONGEST_SECONDS,
    prepared_statements=False,
    application_name="howmuch db",
)
if database.dialect == "sqlite":
    # SQLite changes a column by making a new table. Dropping the old table must not touch the rows
    # that refer to it. They are checked before the commit.
    @event.listens_for(database.engine, "connect")
    def leave_foreign_keys(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA foreign_keys = OFF")


try:
    with database.begin(timeout_seconds=_LONGEST_SECONDS) as connection:
        if database.dialect == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_KEY})")
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=database.dialect == "sqlite",
            render_item=_render_type,
        )
        context.run_migrations()
        if database.dialect == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if broken is not None:
                raise AssertionError(f"a migration left a row with a broken reference: {broken}")
finally:
    database.dispose()
