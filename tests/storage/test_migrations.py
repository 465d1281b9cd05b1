"""Migrations: they give the tables, on both databases, whoever starts them and how often."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, func, inspect, select, text

from howmuch.storage import migrate
from howmuch.storage.database import Database
from howmuch.storage.tables import metadata
from tests.databases import closing_database
from tests.storage import rows

MIGRATIONS = Path(migrate.__file__).parent / "migrations"
UPGRADE = """
import sys
from howmuch.storage import migrate
print("ready", flush=True)
sys.stdin.readline()
migrate.upgrade(sys.argv[1])
"""


def config(url: str, *more_versions: Path) -> Config:
    """What Alembic's commands need; more_versions: directories of migrations of the test's own."""
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.set_main_option("path_separator", "os")
    places = [MIGRATIONS / "versions", *more_versions]
    made.set_main_option("version_locations", os.pathsep.join(map(str, places)))
    made.attributes["database_url"] = url
    return made


def schema(connection: Connection) -> dict[str, Any]:
    """All that the database says of its tables, by name and as plain values."""
    inspector = inspect(connection)
    found = {}
    for table in sorted(set(inspector.get_table_names()) - {"alembic_version"}):
        checks = inspector.get_check_constraints(table)
        found[table] = {
            "columns": {
                column["name"]: (
                    repr(column["type"]),
                    getattr(column["type"], "collation", None),
                    column["nullable"],
                    column["default"],
                    column.get("identity"),
                )
                for column in inspector.get_columns(table)
            },
            "primary key": inspector.get_pk_constraint(table),
            "foreign keys": by_name(inspector.get_foreign_keys(table)),
            "unique": by_name(inspector.get_unique_constraints(table)),
            "checks": {check["name"]: check["sqltext"] for check in checks},
            "indexes": by_name(inspector.get_indexes(table)),
        }
    return found


def by_name(things: list[Any]) -> dict[str, dict[str, str]]:
    # Options of an index may be SQL elements, which are equal only to themselves; their text is.
    return {
        thing["name"]: {key: str(value) for key, value in thing.items() if key != "dialect_options"}
        | {key: str(value) for key, value in thing.get("dialect_options", {}).items()}
        for thing in things
    }


def schema_at(url: str) -> dict[str, Any]:
    with closing_database(url) as database, database.read() as connection:
        return schema(connection)


def test_migrations_give_the_tables(database: Database) -> None:
    """Alembic finds nothing left to migrate between the newest revision and the tables."""
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_migrations_name_all_that_the_tables_name(
    database: Database, fresh_database: Callable[..., str]
) -> None:
    """Columns, keys, checks and indexes are those that the tables make, in name and in text."""
    with closing_database(fresh_database(database.dialect, empty=True)) as created:
        with created.begin() as connection:
            metadata.create_all(connection)
        with created.read() as connection:
            wanted = schema(connection)
    with database.read() as connection:
        found = schema(connection)
    assert set(found) == set(metadata.tables)
    assert found == wanted
    for name, table in metadata.tables.items():
        named = {str(constraint.name) for constraint in table.constraints}
        reflected = found[name]
        assert named == {
            # SQLite does not tell the name of a key that counts by itself.
            reflected["primary key"]["name"] or str(table.primary_key.name),
            *reflected["foreign keys"],
            *reflected["unique"],
            *reflected["checks"],
        }
        # PostgreSQL lists the index of a UNIQUE constraint among the indexes.
        indexes = set(reflected["indexes"]) - set(reflected["unique"])
        assert indexes == {index.name for index in table.indexes}


def test_upgrade_twice_does_nothing_the_second_time(
    dialect: str, fresh_database: Callable[..., str]
) -> None:
    """A server that starts on an up-to-date database leaves it as it is."""
    url = fresh_database(dialect, empty=True)
    migrate.upgrade(url)
    first = schema_at(url)
    migrate.upgrade(url)
    assert schema_at(url) == first
    assert migrate.current(url) == migrate.head()


def test_current_and_pending(dialect: str, fresh_database: Callable[..., str]) -> None:
    """An empty database is at no revision and needs all; an upgraded one is at the head."""
    url = fresh_database(dialect, empty=True)
    assert migrate.current(url) is None
    waiting = migrate.pending(url)
    assert waiting[0] == "0001"
    assert waiting[-1] == migrate.head()
    migrate.upgrade(url)
    assert migrate.current(url) == migrate.head()
    assert migrate.pending(url) == []


def test_database_of_a_later_version(dialect: str, fresh_database: Callable[..., str]) -> None:
    """While versions change over, the one before starts on it, and leaves it as it is."""
    url = fresh_database(dialect, empty=True)
    migrate.upgrade(url)
    with closing_database(url) as database, database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert migrate.pending(url) == []
    migrate.upgrade(url)
    assert migrate.current(url) == "9999"


def test_downgrade_and_up_again(dialect: str, fresh_database: Callable[..., str]) -> None:
    """Going back to nothing leaves nothing, and the way up then ends where it did before."""
    url = fresh_database(dialect, empty=True)
    migrate.upgrade(url)
    first = schema_at(url)
    command.downgrade(config(url), "base")
    assert schema_at(url) == {}
    assert migrate.current(url) is None
    migrate.upgrade(url)
    assert schema_at(url) == first


FAILS = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "HEAD"


def upgrade() -> None:
    op.create_table("half_made", sa.Column("id", sa.Integer, primary_key=True))
    raise ZeroDivisionError
"""


def test_migration_that_fails_leaves_nothing(
    dialect: str, fresh_database: Callable[..., str], tmp_path: Path
) -> None:
    """All migrations of one upgrade are one transaction: where one fails, none has happened."""
    url = fresh_database(dialect, empty=True)
    write_migration(tmp_path, FAILS)
    with pytest.raises(ZeroDivisionError):
        command.upgrade(config(url, tmp_path / "more"), "head")
    assert schema_at(url) == {}
    migrate.upgrade(url)


REBUILDS = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "HEAD"


def upgrade() -> None:
    with op.batch_alter_table("events", recreate="auto") as batch:
        batch.alter_column("name", type_=sa.String(300), existing_type=sa.String(200))
"""


def test_migration_that_rebuilds_a_table_keeps_rows_that_refer_to_it(
    dialect: str, fresh_database: Callable[..., str], tmp_path: Path
) -> None:
    """SQLite changes a column by making the table anew; the members of its events stay."""
    url = fresh_database(dialect, empty=True)
    migrate.upgrade(url)
    with closing_database(url) as database, database.begin() as connection:
        rows.insert_world(connection)
        before = row_counts(connection)
    write_migration(tmp_path, REBUILDS)
    command.upgrade(config(url, tmp_path / "more"), "head")
    with closing_database(url) as database, database.read() as connection:
        assert row_counts(connection) == before


def write_migration(directory: Path, source: str) -> None:
    (directory / "more").mkdir()
    file = directory / "more" / "9999_of_the_test.py"
    file.write_text(source.replace("HEAD", migrate.head()))


def row_counts(connection: Connection) -> dict[str, int]:
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
    }


def start_upgrades(url: str) -> list[subprocess.Popen[str]]:
    """Two processes that wait for each other to be ready, and then both upgrade the database."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", UPGRADE, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return processes


def assert_both_succeed(processes: list[subprocess.Popen[str]], url: str) -> None:
    output = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], output
    assert migrate.current(url) == migrate.head()


def test_two_processes_upgrade_sqlite_at_once(fresh_database: Callable[..., str]) -> None:
    """One migrates, the other waits and finds nothing to do."""
    url = fresh_database("sqlite", empty=True)
    assert_both_succeed(start_upgrades(url), url)


@pytest.mark.slow
def test_two_processes_upgrade_postgresql_at_once(fresh_database: Callable[..., str]) -> None:
    """The same with both held in the middle of it: one in its first table, one behind it."""
    url = fresh_database("postgresql", empty=True)
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with closing_database(url) as database, rows.undone(database) as holding:
        # Whoever makes this table too must wait for this transaction to end.
        holding.execute(text("CREATE TABLE alembic_version (version_num varchar(32))"))
        processes = start_upgrades(url)
        seen = 0
        while seen < 2 and all(process.poll() is None for process in processes):
            with database.read() as connection:
                seen = connection.execute(waiting).scalar_one()
    assert_both_succeed(processes, url)
