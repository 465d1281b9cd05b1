"""Weights with fractions, the default split of an event, and the place of a payment in a settlement plan."""

import sqlalchemy as sa
from alembic import op

from howmuch.storage import types

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_PAYS_A_PLAN = sa.text("settlement_revision IS NOT NULL")


def upgrade() -> None:
    op.add_column("members", sa.Column("weight_thousandths", sa.Integer()))
    op.add_column("events", sa.Column("default_split", types.Json))
    op.add_column("expenses", sa.Column("settlement_revision", sa.BigInteger()))
    op.add_column("expenses", sa.Column("settlement_index", sa.Integer()))
    op.create_index(
        op.f("ix_expenses_settlement"),
        "expenses",
        ["event_id", "settlement_revision"],
        postgresql_where=_PAYS_A_PLAN,
        sqlite_where=_PAYS_A_PLAN,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_expenses_settlement"), table_name="expenses")
    op.drop_column("expenses", "settlement_index")
    op.drop_column("expenses", "settlement_revision")
    op.drop_column("events", "default_split")
    op.drop_column("members", "weight_thousandths")
