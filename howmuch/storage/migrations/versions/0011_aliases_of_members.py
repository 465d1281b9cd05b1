"""Members keep the names of the guests that they have taken over."""

import sqlalchemy as sa
from alembic import op

from howmuch.storage import types

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "members",
        sa.Column("aliases", types.Json, nullable=False, server_default=sa.text("'[]'")),
    )


def downgrade() -> None:
    op.drop_column("members", "aliases")
