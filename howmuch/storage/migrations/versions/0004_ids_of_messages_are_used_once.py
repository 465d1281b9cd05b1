"""Ids of messages are used once, on SQLite too.

SQLite gives the id of a deleted last row to the next one. A relay that had read the old message, and deletes it
when another one already has, then deleted a new one that nobody had handled.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("outbox", "dead_letters")


def upgrade() -> None:
    _make_anew(autoincrement=True)


def downgrade() -> None:
    _make_anew(autoincrement=False)


def _make_anew(*, autoincrement: bool) -> None:
    if op.get_bind().dialect.name != "sqlite":
        return  # Sequences of PostgreSQL never go back.
    for table in TABLES:
        with op.batch_alter_table(
            table, recreate="always", table_kwargs={"sqlite_autoincrement": autoincrement}
        ):
            continue
