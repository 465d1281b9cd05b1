"""Mails: what is sent to whom, and the outbox without the messages that were published."""

import sqlalchemy as sa
from alembic import op

from howmuch.storage import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dead_letters",
        sa.Column("id", types.Sequence, autoincrement=True, nullable=False),
        sa.Column("routing_key", sa.String(length=64), nullable=False),
        sa.Column("payload", types.Json, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.Column("create_time", types.Instant, nullable=False),
        sa.Column("dead_time", types.Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letters")),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("user_id", types.Id, nullable=True),
        sa.Column("slot", types.Id, nullable=False),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("due_time", types.Instant, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_time", types.Instant, nullable=True),
        sa.Column("create_time", types.Instant, nullable=False),
        sa.Column("done_time", types.Instant, nullable=True),
        sa.CheckConstraint(
            "(done_time IS NULL) = (state IN ('WAITING', 'QUEUED'))",
            name=op.f("ck_deliveries_done_time"),
        ),
        sa.CheckConstraint(
            "kind IN ('CHANGES', 'DIGEST', 'INVITATION', 'VERIFY_EMAIL', 'RESET_PASSWORD', 'PASSWORD_CHANGED')",
            name=op.f("ck_deliveries_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('WAITING', 'QUEUED', 'SENT', 'SKIPPED', 'DEAD')",
            name=op.f("ck_deliveries_state"),
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_deliveries_attempts")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_deliveries_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index("ix_deliveries_done_time", "deliveries", ["done_time"], unique=False)
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["due_time"],
        unique=False,
        postgresql_where=sa.text("state = 'WAITING'"),
        sqlite_where=sa.text("state = 'WAITING'"),
    )
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["user_id", "slot"],
        unique=True,
        postgresql_where=sa.text("state = 'WAITING'"),
        sqlite_where=sa.text("state = 'WAITING'"),
    )

    op.create_table(
        "notices",
        sa.Column("event_id", types.Id, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("user_id", types.Id, nullable=False),
        sa.Column("delivery_id", types.Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["deliveries.id"],
            name=op.f("fk_notices_deliveries"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_id", "revision"],
            ["changes.event_id", "changes.revision"],
            name=op.f("fk_notices_changes"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notices_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "revision", "user_id", name=op.f("pk_notices")),
    )
    op.create_index("ix_notices_delivery_id", "notices", ["delivery_id"], unique=False)

    # Nobody was there to publish them: news of long ago is none.
    op.execute("DELETE FROM outbox")
    op.add_column("outbox", sa.Column("due_time", types.Instant, nullable=True))
    op.add_column("outbox", sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))
    op.drop_index("ix_outbox_unsent", "outbox")
    op.drop_column("outbox", "sent_time")
    op.add_column("users", sa.Column("mail_token", sa.String(length=64), nullable=True))
    op.create_index("ix_users_mail_token", "users", ["mail_token"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_users_mail_token", "users")
    op.drop_column("users", "mail_token")
    op.add_column("outbox", sa.Column("sent_time", types.Instant, nullable=True))
    op.create_index(
        "ix_outbox_unsent",
        "outbox",
        ["id"],
        postgresql_where=sa.text("sent_time IS NULL"),
        sqlite_where=sa.text("sent_time IS NULL"),
    )
    op.drop_column("outbox", "attempts")
    op.drop_column("outbox", "due_time")
    op.drop_table("notices")
    op.drop_table("deliveries")
    op.drop_table("dead_letters")
