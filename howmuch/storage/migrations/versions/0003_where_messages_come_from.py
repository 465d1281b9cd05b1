"""Which request a message, and what it leads to, comes from."""

import sqlalchemy as sa
from alembic import op

from howmuch.storage import types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("dead_letters", "notices", "outbox"):
        op.add_column(table, sa.Column("origin", types.Json, nullable=True))


def downgrade() -> None:
    for table in ("outbox", "notices", "dead_letters"):
        op.drop_column(table, "origin")
