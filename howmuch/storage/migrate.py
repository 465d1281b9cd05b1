"""Alembic migrations, run from the program without an alembic.ini."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import make_url

from howmuch.storage.database import open_database

_MIGRATIONS = Path(__file__).parent / "migrations"


def _config(database_url: str) -> Config:
    config = Config()
    # Alembic reads its options like a configuration file, so a percent sign must be doubled.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["database_url"] = database_url
    return config


def head() -> str:
    revision = ScriptDirectory(str(_MIGRATIONS)).get_current_head()
    if revision is None:
        raise AssertionError("there is no migration")
    return revision


def current(database_url: str) -> str | None:
    """The revision of the database. None means that it is empty, or that its file does not exist."""
    file = make_url(database_url).database
    if database_url.startswith("sqlite:") and not (file and Path(file).exists()):
        # Connecting would create the file.
        return None
    database = open_database(database_url, pool_size=1, prepared_statements=False)
    try:
        with database.read() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        database.dispose()


def pending(database_url: str) -> list[str]:
    """Revisions to apply, oldest first. Empty means that the database is up to date, or ahead."""
    at = current(database_url)
    if _is_ahead(at):
        return []
    script = ScriptDirectory(str(_MIGRATIONS))
    revisions = [revision.revision for revision in script.iterate_revisions("head", at or "base")]
    return revisions[::-1]


def _is_ahead(revision: str | None) -> bool:
    """Whether a later version made the revision. During a rolling update the earlier one starts as well."""
    # Revisions are four digits, in order.
    return revision is not None and revision > head()


def upgrade(database_url: str, revision: str = "head") -> None:
    """Brings the database to `revision`, in one transaction. Leaves the database of a later version alone."""
    if _is_ahead(current(database_url)):
        return
    command.upgrade(_config(database_url), revision)


def new_migration(database_url: str, message: str) -> None:
    """Writes a migration file from the difference between the database and the tables."""
    number = f"{int(head()) + 1:04d}"
    command.revision(_config(database_url), message=message, autogenerate=True, rev_id=number)
