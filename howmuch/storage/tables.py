"""The tables, for SQLite and PostgreSQL alike. Migrations create them; a test holds the two equal.

Every event-scoped table starts its primary key with event_id, so that one event's rows lie together
and the tables can be distributed by event. Amounts are integers of minor units of `currency_code`.
Instants are UTC. The invariants that one row can carry are named constraints.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from howmuch.ledger.money import MAX_MINOR
from howmuch.storage.types import Id, Instant, Json, Sequence

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _one_of(column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _currency() -> CheckConstraint:
    return CheckConstraint("length(currency_code) = 3", name="currency_code")


ROLES = ("VIEWER", "EDITOR", "OWNER")

users = Table(
    "users",
    metadata,
    Column("id", Id, primary_key=True),
    Column("email", String(254)),
    Column("email_verify_time", Instant),
    Column("password_hash", String(200)),
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
    UniqueConstraint("email"),
    CheckConstraint("email = lower(email)", name="email_lower_case"),
    CheckConstraint("(delete_time IS NULL) = (email IS NOT NULL)", name="deleted_has_no_email"),
    CheckConstraint(
        "(delete_time IS NULL) = (password_hash IS NOT NULL)", name="deleted_has_no_password"
    ),
    _one_of("mail_mode", "EACH_CHANGE", "DAILY_DIGEST", "OFF"),
    _currency(),
    CheckConstraint("version >= 1", name="version"),
    Index(None, "mail_token", unique=True),
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

account_tokens = Table(
    "account_tokens",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("expire_time", Instant, nullable=False),
    _one_of("purpose", "VERIFY_EMAIL", "RESET_PASSWORD"),
    CheckConstraint("length(token_hash) = 32", name="token_hash"),
    Index(None, "user_id"),
)

events = Table(
    "events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("description", Text, nullable=False),
    Column("currency_code", String(3), nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("create_time", Instant, nullable=False),
    Column("update_time", Instant, nullable=False),
    Column("archive_time", Instant),
    Column("delete_time", Instant),
    CheckConstraint("name <> ''", name="name"),
    _currency(),
    CheckConstraint("revision >= 1", name="revision"),
    CheckConstraint("version >= 1", name="version"),
)

members = Table(
    "members",
    metadata,
    Column("event_id", Id, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Id, primary_key=True),
    Column("name", String(200)),
    Column("user_id", Id, ForeignKey("users.id")),
    Column("role", String(10), nullable=False),
    Column("weight", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("muted", Boolean, nullable=False),
    Column("create_time", Instant, nullable=False),
    UniqueConstraint("event_id", "user_id"),
    CheckConstraint("name <> ''", name="name"),
    CheckConstraint("name IS NOT NULL OR user_id IS NOT NULL", name="guest_has_name"),
    _one_of("role", *ROLES),
    CheckConstraint("weight BETWEEN 1 AND 1000000", name="weight"),
    _one_of("state", "ACTIVE", "INACTIVE"),
    Index(None, "user_id", "event_id"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("event_id", Id, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Id, primary_key=True),
    Column("token", String(64), nullable=False),
    Column("role", String(10), nullable=False),
    Column("member_id", Id),
    Column("email", String(254), nullable=False),
    Column("max_uses", Integer, nullable=False),
    Column("use_count", Integer, nullable=False),
    Column("inviter_user_id", Id, ForeignKey("users.id"), nullable=False),
    Column("create_time", Instant, nullable=False),
    Column("expire_time", Instant, nullable=False),
    Column("revoke_time", Instant),
    UniqueConstraint("token"),
    ForeignKeyConstraint(
        ["event_id", "member_id"], ["members.event_id", "members.id"], ondelete="CASCADE"
    ),
    _one_of("role", *ROLES),
    CheckConstraint("max_uses BETWEEN 1 AND 1000", name="max_uses"),
    CheckConstraint("use_count BETWEEN 0 AND max_uses", name="use_count"),
    CheckConstraint("expire_time > create_time", name="expire_time"),
)

expenses = Table(
    "expenses",
    metadata,
    Column("event_id", Id, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Id, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("reason", String(1000), nullable=False),
    Column("date", Date, nullable=False),
    Column("category", String(100), nullable=False),
    Column("notes", Text, nullable=False),
    Column("currency_code", String(3), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("split", Json, nullable=False),
    Column("version", Integer, nullable=False),
    Column("creator_member_id", Id, nullable=False),
    Column("create_time", Instant, nullable=False),
    Column("update_time", Instant, nullable=False),
    Column("delete_time", Instant),
    ForeignKeyConstraint(["event_id", "creator_member_id"], ["members.event_id", "members.id"]),
    _one_of("kind", "EXPENSE", "TRANSFER", "INCOME"),
    CheckConstraint("reason <> ''", name="reason"),
    _currency(),
    CheckConstraint(f"amount_minor BETWEEN 1 AND {MAX_MINOR}", name="amount_minor"),
    CheckConstraint("version >= 1", name="version"),
    Index(None, "event_id", "date", "id"),
)

shares = Table(
    "shares",
    metadata,
    Column("event_id", Id, primary_key=True),
    Column("expense_id", Id, primary_key=True),
    Column("member_id", Id, primary_key=True),
    Column("paid_minor", BigInteger, nullable=False),
    Column("owed_minor", BigInteger, nullable=False),
    ForeignKeyConstraint(
        ["event_id", "expense_id"], ["expenses.event_id", "expenses.id"], ondelete="CASCADE"
    ),
    ForeignKeyConstraint(["event_id", "member_id"], ["members.event_id", "members.id"]),
    CheckConstraint(f"paid_minor BETWEEN 0 AND {MAX_MINOR}", name="paid_minor"),
    CheckConstraint(f"owed_minor BETWEEN 0 AND {MAX_MINOR}", name="owed_minor"),
    Index(None, "event_id", "member_id"),
)

balances = Table(
    "balances",
    metadata,
    Column("event_id", Id, primary_key=True),
    Column("currency_code", String(3), primary_key=True),
    Column("member_id", Id, primary_key=True),
    Column("paid_minor", BigInteger, nullable=False),
    Column("owed_minor", BigInteger, nullable=False),
    Column("transferred_minor", BigInteger, nullable=False),
    ForeignKeyConstraint(["event_id", "member_id"], ["members.event_id", "members.id"]),
    _currency(),
)

# What member_a owes member_b as it arose from the expenses; negative: b owes a.
debts = Table(
    "debts",
    metadata,
    Column("event_id", Id, primary_key=True),
    Column("currency_code", String(3), primary_key=True),
    Column("member_a", Id, primary_key=True),
    Column("member_b", Id, primary_key=True),
    Column("amount_minor", BigInteger, nullable=False),
    ForeignKeyConstraint(
        ["event_id", "member_a"],
        ["members.event_id", "members.id"],
        name="fk_debts_members_a",
    ),
    ForeignKeyConstraint(
        ["event_id", "member_b"],
        ["members.event_id", "members.id"],
        name="fk_debts_members_b",
    ),
    CheckConstraint("member_a < member_b", name="pair_is_ordered"),
    _currency(),
)

CHANGE_KINDS = (
    "EVENT_CREATED",
    "EVENT_UPDATED",
    "EVENT_ARCHIVED",
    "EVENT_UNARCHIVED",
    "EVENT_DELETED",
    "EVENT_UNDELETED",
    "MEMBER_ADDED",
    "MEMBER_JOINED",
    "MEMBER_UPDATED",
    "MEMBER_REMOVED",
    "MEMBER_LEFT",
    "INVITATION_CREATED",
    "INVITATION_REVOKED",
    "EXPENSE_CREATED",
    "EXPENSE_UPDATED",
    "EXPENSE_DELETED",
    "EXPENSE_UNDELETED",
    "EXPENSE_RESTORED",
)

changes = Table(
    "changes",
    metadata,
    Column("event_id", Id, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
    Column("revision", BigInteger, primary_key=True),
    Column("kind", String(24), nullable=False),
    Column("actor_user_id", Id, ForeignKey("users.id"), nullable=False),
    Column("actor_member_id", Id, nullable=False),
    Column("subject_id", Id, nullable=False),
    Column("before", Json),
    Column("after", Json),
    Column("create_time", Instant, nullable=False),
    _one_of("kind", *CHANGE_KINDS),
    CheckConstraint("revision >= 1", name="revision"),
    Index(None, "event_id", "subject_id", "revision"),
)

# Messages to be published, written by the transaction that makes them true, and deleted once the broker has
# them. The id gives the order: writers of one event hold its row locked, so their messages are numbered as
# they commit. due_time: not before it; attempts: how often it was tried, where the outbox is also the broker.
# origin: of howmuch.telemetry.origin, also in the tables that messages go on to; null: not known.
outbox = Table(
    "outbox",
    metadata,
    Column("id", Sequence, primary_key=True, autoincrement=True),
    Column("routing_key", String(64), nullable=False),
    Column("payload", Json, nullable=False),
    Column("create_time", Instant, nullable=False),
    Column("due_time", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("origin", Json),
    # An id that has been used is never used again.
    sqlite_autoincrement=True,
)

# Messages that were given up, where the outbox is also the broker; RabbitMQ has a queue for them.
dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", Sequence, primary_key=True, autoincrement=True),
    Column("routing_key", String(64), nullable=False),
    Column("payload", Json, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", String(500), nullable=False),
    Column("create_time", Instant, nullable=False),
    Column("dead_time", Instant, nullable=False),
    Column("origin", Json),
    # An id that has been used is never used again.
    sqlite_autoincrement=True,
)

DELIVERY_KINDS = (
    "CHANGES",
    "DIGEST",
    "INVITATION",
    "VERIFY_EMAIL",
    "RESET_PASSWORD",
    "PASSWORD_CHANGED",
)

# Mails, one row each. slot: what it is about: an event, of which a user has one mail WAITING at a time to
# gather changes until due_time; `digest`; an invitation. token: the secret of its link, until it is sent.
# Written out, and not a parameter, which a prepared statement could not match with the partial indexes.
WAITING = text("state = 'WAITING'")

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("state", String(10), nullable=False),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE")),
    Column("slot", Id, nullable=False),
    Column("token", String(64)),
    Column("due_time", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease_time", Instant),
    Column("create_time", Instant, nullable=False),
    Column("done_time", Instant),
    _one_of("kind", *DELIVERY_KINDS),
    _one_of("state", "WAITING", "QUEUED", "SENT", "SKIPPED", "DEAD"),
    CheckConstraint("(done_time IS NULL) = (state IN ('WAITING', 'QUEUED'))", name="done_time"),
    CheckConstraint("attempts >= 0", name="attempts"),
    Index(
        "ix_deliveries_waiting",
        "user_id",
        "slot",
        unique=True,
        postgresql_where=WAITING,
        sqlite_where=WAITING,
    ),
    Index(
        "ix_deliveries_due",
        "due_time",
        postgresql_where=WAITING,
        sqlite_where=WAITING,
    ),
    Index(None, "done_time"),
)

# Who is told of which change, by which mail. The key is what makes a message that comes twice harmless.
notices = Table(
    "notices",
    metadata,
    Column("event_id", Id, primary_key=True),
    Column("revision", BigInteger, primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("delivery_id", Id, ForeignKey("deliveries.id", ondelete="CASCADE"), nullable=False),
    Column("origin", Json),
    ForeignKeyConstraint(
        ["event_id", "revision"], ["changes.event_id", "changes.revision"], ondelete="CASCADE"
    ),
    Index(None, "delivery_id"),
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
