"""Counts of mails, addresses that want no invitations, and accounts whose deletion can still be taken back."""

import sqlalchemy as sa
from alembic import op

from howmuch.storage import types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_counts",
        sa.Column("scope", sa.String(length=30), nullable=False),
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(key) = 32", name=op.f("ck_mail_counts_key")),
        sa.CheckConstraint("count >= 0", name=op.f("ck_mail_counts_count")),
        sa.PrimaryKeyConstraint("scope", "key", "day", name=op.f("pk_mail_counts")),
    )
    op.create_index(op.f("ix_mail_counts_day"), "mail_counts", ["day"])
    op.create_table(
        "invited_addresses",
        sa.Column("address_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("locale", sa.String(length=35), nullable=False),
        sa.Column("mail_time", types.Instant, nullable=False),
        sa.Column("refuse_time", types.Instant, nullable=True),
        sa.CheckConstraint(
            "length(address_hash) = 32", name=op.f("ck_invited_addresses_address_hash")
        ),
        sa.PrimaryKeyConstraint("address_hash", name=op.f("pk_invited_addresses")),
        sa.UniqueConstraint("token", name=op.f("uq_invited_addresses_token")),
    )
    op.create_index(op.f("ix_invited_addresses_mail_time"), "invited_addresses", ["mail_time"])
    op.add_column("users", sa.Column("password_time", types.Instant, nullable=True))
    op.add_column("users", sa.Column("deletion_due_time", types.Instant, nullable=True))
    asked = sa.text("deletion_due_time IS NOT NULL")
    op.create_index(
        "ix_users_deletion_due_time",
        "users",
        ["deletion_due_time"],
        postgresql_where=asked,
        sqlite_where=asked,
    )


def downgrade() -> None:
    op.drop_index("ix_users_deletion_due_time", table_name="users")
    op.drop_column("users", "deletion_due_time")
    op.drop_column("users", "password_time")
    op.drop_table("invited_addresses")
    op.drop_table("mail_counts")
