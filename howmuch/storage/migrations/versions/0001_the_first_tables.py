"""the first tables"""

import sqlalchemy as sa
from alembic import op

from howmuch.storage import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("currency_code", sa.String(length=3), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("create_time", types.Instant, nullable=False),
        sa.Column("update_time", types.Instant, nullable=False),
        sa.Column("archive_time", types.Instant, nullable=True),
        sa.Column("delete_time", types.Instant, nullable=True),
        sa.CheckConstraint("name <> ''", name=op.f("ck_events_name")),
        sa.CheckConstraint("length(currency_code) = 3", name=op.f("ck_events_currency_code")),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_events_revision")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_events_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", types.Sequence, autoincrement=True, nullable=False),
        sa.Column("routing_key", sa.String(length=64), nullable=False),
        sa.Column("payload", types.Json, nullable=False),
        sa.Column("create_time", types.Instant, nullable=False),
        sa.Column("sent_time", types.Instant, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_unsent",
        "outbox",
        ["id"],
        unique=False,
        postgresql_where=sa.text("sent_time IS NULL"),
        sqlite_where=sa.text("sent_time IS NULL"),
    )
    op.create_table(
        "users",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_verify_time", types.Instant, nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("locale", sa.String(length=35), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("currency_code", sa.String(length=3), nullable=False),
        sa.Column("mail_mode", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("create_time", types.Instant, nullable=False),
        sa.Column("update_time", types.Instant, nullable=False),
        sa.Column("delete_time", types.Instant, nullable=True),
        sa.CheckConstraint(
            "mail_mode IN ('EACH_CHANGE', 'DAILY_DIGEST', 'OFF')", name=op.f("ck_users_mail_mode")
        ),
        sa.CheckConstraint(
            "(delete_time IS NULL) = (email IS NOT NULL)",
            name=op.f("ck_users_deleted_has_no_email"),
        ),
        sa.CheckConstraint(
            "(delete_time IS NULL) = (password_hash IS NOT NULL)",
            name=op.f("ck_users_deleted_has_no_password"),
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_users_email_lower_case")),
        sa.CheckConstraint("length(currency_code) = 3", name=op.f("ck_users_currency_code")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_users_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    op.create_table(
        "account_tokens",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_id", types.Id, nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("expire_time", types.Instant, nullable=False),
        sa.CheckConstraint(
            "purpose IN ('VERIFY_EMAIL', 'RESET_PASSWORD')", name=op.f("ck_account_tokens_purpose")
        ),
        sa.CheckConstraint("length(token_hash) = 32", name=op.f("ck_account_tokens_token_hash")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_account_tokens_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_account_tokens")),
    )
    op.create_index(op.f("ix_account_tokens_user_id"), "account_tokens", ["user_id"], unique=False)
    op.create_table(
        "changes",
        sa.Column("event_id", types.Id, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("actor_user_id", types.Id, nullable=False),
        sa.Column("actor_member_id", types.Id, nullable=False),
        sa.Column("subject_id", types.Id, nullable=False),
        sa.Column("before", types.Json, nullable=True),
        sa.Column("after", types.Json, nullable=True),
        sa.Column("create_time", types.Instant, nullable=False),
        sa.CheckConstraint(
            "kind IN ('EVENT_CREATED', 'EVENT_UPDATED', 'EVENT_ARCHIVED', 'EVENT_UNARCHIVED', 'EVENT_DELETED', 'EVENT_UNDELETED', 'MEMBER_ADDED', 'MEMBER_JOINED', 'MEMBER_UPDATED', 'MEMBER_REMOVED', 'MEMBER_LEFT', 'INVITATION_CREATED', 'INVITATION_REVOKED', 'EXPENSE_CREATED', 'EXPENSE_UPDATED', 'EXPENSE_DELETED', 'EXPENSE_UNDELETED', 'EXPENSE_RESTORED')",
            name=op.f("ck_changes_kind"),
        ),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_changes_revision")),
        sa.ForeignKeyConstraint(["actor_user_id"], ["users.id"], name=op.f("fk_changes_users")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_changes_events"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "revision", name=op.f("pk_changes")),
    )
    op.create_index(
        op.f("ix_changes_event_id_subject_id_revision"),
        "changes",
        ["event_id", "subject_id", "revision"],
        unique=False,
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("user_id", types.Id, nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("response", sa.LargeBinary(), nullable=False),
        sa.Column("create_time", types.Instant, nullable=False),
        sa.CheckConstraint(
            "length(request_hash) = 32", name=op.f("ck_idempotency_keys_request_hash")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_idempotency_keys_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(
        op.f("ix_idempotency_keys_create_time"), "idempotency_keys", ["create_time"], unique=False
    )
    op.create_table(
        "members",
        sa.Column("event_id", types.Id, nullable=False),
        sa.Column("id", types.Id, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("user_id", types.Id, nullable=True),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("muted", sa.Boolean(), nullable=False),
        sa.Column("create_time", types.Instant, nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_members_name")),
        sa.CheckConstraint("role IN ('VIEWER', 'EDITOR', 'OWNER')", name=op.f("ck_members_role")),
        sa.CheckConstraint("state IN ('ACTIVE', 'INACTIVE')", name=op.f("ck_members_state")),
        sa.CheckConstraint(
            "name IS NOT NULL OR user_id IS NOT NULL", name=op.f("ck_members_guest_has_name")
        ),
        sa.CheckConstraint("weight BETWEEN 1 AND 1000000", name=op.f("ck_members_weight")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_members_events"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_members_users")),
        sa.PrimaryKeyConstraint("event_id", "id", name=op.f("pk_members")),
        sa.UniqueConstraint("event_id", "user_id", name=op.f("uq_members_event_id_user_id")),
    )
    op.create_index(
        op.f("ix_members_user_id_event_id"), "members", ["user_id", "event_id"], unique=False
    )
    op.create_table(
        "sessions",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("user_id", types.Id, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("client", sa.String(length=200), nullable=False),
        sa.Column("create_time", types.Instant, nullable=False),
        sa.Column("expire_time", types.Instant, nullable=False),
        sa.CheckConstraint("expire_time > create_time", name=op.f("ck_sessions_expire_time")),
        sa.CheckConstraint("length(token_hash) = 32", name=op.f("ck_sessions_token_hash")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_sessions_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
    )
    op.create_index(op.f("ix_sessions_user_id_id"), "sessions", ["user_id", "id"], unique=False)
    op.create_table(
        "balances",
        sa.Column("event_id", types.Id, nullable=False),
        sa.Column("currency_code", sa.String(length=3), nullable=False),
        sa.Column("member_id", types.Id, nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("owed_minor", sa.BigInteger(), nullable=False),
        sa.Column("transferred_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("length(currency_code) = 3", name=op.f("ck_balances_currency_code")),
        sa.ForeignKeyConstraint(
            ["event_id", "member_id"],
            ["members.event_id", "members.id"],
            name=op.f("fk_balances_members"),
        ),
        sa.PrimaryKeyConstraint("event_id", "currency_code", "member_id", name=op.f("pk_balances")),
    )
    op.create_table(
        "debts",
        sa.Column("event_id", types.Id, nullable=False),
        sa.Column("currency_code", sa.String(length=3), nullable=False),
        sa.Column("member_a", types.Id, nullable=False),
        sa.Column("member_b", types.Id, nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("length(currency_code) = 3", name=op.f("ck_debts_currency_code")),
        sa.CheckConstraint("member_a < member_b", name=op.f("ck_debts_pair_is_ordered")),
        sa.ForeignKeyConstraint(
            ["event_id", "member_a"], ["members.event_id", "members.id"], name="fk_debts_members_a"
        ),
        sa.ForeignKeyConstraint(
            ["event_id", "member_b"], ["members.event_id", "members.id"], name="fk_debts_members_b"
        ),
        sa.PrimaryKeyConstraint(
            "event_id", "currency_code", "member_a", "member_b", name=op.f("pk_debts")
        ),
    )
    op.create_table(
        "expenses",
        sa.Column("event_id", types.Id, nullable=False),
        sa.Column("id", types.Id, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("category", sa.String(length=100), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("currency_code", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("split", types.Json, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("creator_member_id", types.Id, nullable=False),
        sa.Column("create_time", types.Instant, nullable=False),
        sa.Column("update_time", types.Instant, nullable=False),
        sa.Column("delete_time", types.Instant, nullable=True),
        sa.CheckConstraint(
            "kind IN ('EXPENSE', 'TRANSFER', 'INCOME')", name=op.f("ck_expenses_kind")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_expenses_reason")),
        sa.CheckConstraint(
            "amount_minor BETWEEN 1 AND 9999999999999", name=op.f("ck_expenses_amount_minor")
        ),
        sa.CheckConstraint("length(currency_code) = 3", name=op.f("ck_expenses_currency_code")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_expenses_version")),
        sa.ForeignKeyConstraint(
            ["event_id", "creator_member_id"],
            ["members.event_id", "members.id"],
            name=op.f("fk_expenses_members"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_expenses_events"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "id", name=op.f("pk_expenses")),
    )
    op.create_index(
        op.f("ix_expenses_event_id_date_id"), "expenses", ["event_id", "date", "id"], unique=False
    )
    op.create_table(
        "invitations",
        sa.Column("event_id", types.Id, nullable=False),
        sa.Column("id", types.Id, nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("member_id", types.Id, nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("max_uses", sa.Integer(), nullable=False),
        sa.Column("use_count", sa.Integer(), nullable=False),
        sa.Column("inviter_user_id", types.Id, nullable=False),
        sa.Column("create_time", types.Instant, nullable=False),
        sa.Column("expire_time", types.Instant, nullable=False),
        sa.Column("revoke_time", types.Instant, nullable=True),
        sa.CheckConstraint(
            "role IN ('VIEWER', 'EDITOR', 'OWNER')", name=op.f("ck_invitations_role")
        ),
        sa.CheckConstraint("expire_time > create_time", name=op.f("ck_invitations_expire_time")),
        sa.CheckConstraint("max_uses BETWEEN 1 AND 1000", name=op.f("ck_invitations_max_uses")),
        sa.CheckConstraint(
            "use_count BETWEEN 0 AND max_uses", name=op.f("ck_invitations_use_count")
        ),
        sa.ForeignKeyConstraint(
            ["event_id", "member_id"],
            ["members.event_id", "members.id"],
            name=op.f("fk_invitations_members"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_invitations_events"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["inviter_user_id"], ["users.id"], name=op.f("fk_invitations_users")
        ),
        sa.PrimaryKeyConstraint("event_id", "id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token", name=op.f("uq_invitations_token")),
    )
    op.create_table(
        "shares",
        sa.Column("event_id", types.Id, nullable=False),
        sa.Column("expense_id", types.Id, nullable=False),
        sa.Column("member_id", types.Id, nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("owed_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "owed_minor BETWEEN 0 AND 9999999999999", name=op.f("ck_shares_owed_minor")
        ),
        sa.CheckConstraint(
            "paid_minor BETWEEN 0 AND 9999999999999", name=op.f("ck_shares_paid_minor")
        ),
        sa.ForeignKeyConstraint(
            ["event_id", "expense_id"],
            ["expenses.event_id", "expenses.id"],
            name=op.f("fk_shares_expenses"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_id", "member_id"],
            ["members.event_id", "members.id"],
            name=op.f("fk_shares_members"),
        ),
        sa.PrimaryKeyConstraint("event_id", "expense_id", "member_id", name=op.f("pk_shares")),
    )
    op.create_index(
        op.f("ix_shares_event_id_member_id"), "shares", ["event_id", "member_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_shares_event_id_member_id"), table_name="shares")
    op.drop_table("shares")
    op.drop_table("invitations")
    op.drop_index(op.f("ix_expenses_event_id_date_id"), table_name="expenses")
    op.drop_table("expenses")
    op.drop_table("debts")
    op.drop_table("balances")
    op.drop_index(op.f("ix_sessions_user_id_id"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_index(op.f("ix_members_user_id_event_id"), table_name="members")
    op.drop_table("members")
    op.drop_index(op.f("ix_idempotency_keys_create_time"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_index(op.f("ix_changes_event_id_subject_id_revision"), table_name="changes")
    op.drop_table("changes")
    op.drop_index(op.f("ix_account_tokens_user_id"), table_name="account_tokens")
    op.drop_table("account_tokens")
    op.drop_table("users")
    op.drop_index(
        "ix_outbox_unsent",
        table_name="outbox",
        postgresql_where=sa.text("sent_time IS NULL"),
        sqlite_where=sa.text("sent_time IS NULL"),
    )
    op.drop_table("outbox")
    op.drop_table("events")
