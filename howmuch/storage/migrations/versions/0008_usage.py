"""The bytes that a user has written to an event, for quotas."""

import sqlalchemy as sa
from alembic import op

from howmuch.storage import types

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "usage",
        sa.Column("event_id", types.Id, nullable=False),
        sa.Column("user_id", types.Id, nullable=False),
        sa.Column("stored_bytes", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("stored_bytes >= 0", name=op.f("ck_usage_stored_bytes")),
        sa.PrimaryKeyConstraint("event_id", "user_id", name=op.f("pk_usage")),
    )
    op.create_index(op.f("ix_usage_user_id"), "usage", ["user_id"])


def downgrade() -> None:
    op.drop_table("usage")
