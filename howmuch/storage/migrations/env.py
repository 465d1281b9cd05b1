"""How Alembic reaches the database: through the program's own engine, in one transaction."""

from typing import Any

from alembic import context

from howmuch.storage.database import open_database
from howmuch.storage import types
from howmuch.storage.tables import metadata

# Two processes that start together must not both migrate; the second waits and finds nothing to do.
_LOCK_KEY = 4_681_663

_NAMED_TYPES = {id(getattr(types, name)): name for name in ("Id", "Instant", "Json", "Sequence")}


def _render_type(kind: str, item: Any, _context: object) -> str | bool:
    """Writes our types by name into new migrations; False leaves an item to Alembic."""
    name = _NAMED_TYPES.get(id(item))
    return f"types.{name}" if kind == "type" and name else False


database = open_database(context.config.attributes["database_url"], pool_size=1)
try:
    with database.begin(timeout_seconds=600.0) as connection:
        if database.dialect == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_KEY})")
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=database.dialect == "sqlite",
            render_item=_render_type,
        )
        context.run_migrations()
finally:
    database.dispose()
