"""Tables of users: accounts, sessions, tokens of links, idempotency keys."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    text,
)

from howmuch.storage.tables.schema import currency_check, metadata, one_of
from howmuch.storage.types import Id, Instant

DELETION_ASKED = text("deletion_due_time IS NOT NULL")

users = Table(
    "users",
    metadata,
    Column("id", Id, primary_key=True),
    Column("email", String(254)),
    Column("email_verify_time", Instant),
    Column("password_hash", String(200)),
    # Of the last change of the password. Null means never since the sign-up, or before this column.
    Column("password_time", Instant),
    Column("name", String(200), nullable=False),
    Column("locale", String(35), nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("currency_code", String(3), nullable=False),
    Column("mail_mode", String(20), nullable=False),
    Column("mail_token", String(64)),
    Column("version", Integer, nullable=False),
    Column("create_time", Instant, nullable=False),
    Column("update_time", Instant, nullable=False),
    Column("delete_time", Instant),
    # When the deletion that the user asked for becomes final, unless they log in before. Null: not asked for.
    Column("deletion_due_time", Instant),
    UniqueConstraint("email"),
    CheckConstraint("email = lower(email)", name="email_lower_case"),
    CheckConstraint("(delete_time IS NULL) = (email IS NOT NULL)", name="deleted_has_no_email"),
    CheckConstraint(
        "(delete_time IS NULL) = (password_hash IS NOT NULL)", name="deleted_has_no_password"
    ),
    one_of("mail_mode", "EACH_CHANGE", "DAILY_DIGEST", "OFF"),
    currency_check(),
    CheckConstraint("version >= 1", name="version"),
    Index(None, "mail_token", unique=True),
    Index(
        "ix_users_deletion_due_time",
        "deletion_due_time",
        postgresql_where=DELETION_ASKED,
        sqlite_where=DELETION_ASKED,
    ),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("token_hash", LargeBinary(32), nullable=False),
    Column("client", String(200), nullable=False),
    Column("create_time", Instant, nullable=False),
    Column("expire_time", Instant, nullable=False),
    UniqueConstraint("token_hash"),
    CheckConstraint("length(token_hash) = 32", name="token_hash"),
    CheckConstraint("expire_time > create_time", name="expire_time"),
    Index(None, "user_id", "id"),
)

# email: the new address of CHANGE_EMAIL, the former one of UNDO_EMAIL, which no other user can take.
account_tokens = Table(
    "account_tokens",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("expire_time", Instant, nullable=False),
    Column("email", String(254)),
    one_of("purpose", "VERIFY_EMAIL", "RESET_PASSWORD", "CHANGE_EMAIL", "UNDO_EMAIL"),
    CheckConstraint("length(token_hash) = 32", name="token_hash"),
    CheckConstraint(
        "(purpose IN ('CHANGE_EMAIL', 'UNDO_EMAIL')) = (email IS NOT NULL)", name="email"
    ),
    Index(None, "user_id"),
    Index(None, "email"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("request_hash", LargeBinary(32), nullable=False),
    Column("response", LargeBinary, nullable=False),
    Column("create_time", Instant, nullable=False),
    CheckConstraint("length(request_hash) = 32", name="request_hash"),
    Index(None, "create_time"),
)
