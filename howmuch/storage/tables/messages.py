"""Tables of messages and mails."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    text,
)

from howmuch.storage.tables.schema import metadata, one_of
from howmuch.storage.types import Id, Instant, Json, Sequence

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
    "DELETION_REQUESTED",
    "EMAIL_CHANGE",
    "EMAIL_CHANGED",
    "EMAIL_CHANGE_UNDONE",
)

# Written out: a prepared statement could not match a parameter with the partial indexes.
WAITING = text("state = 'WAITING'")

# Mails, one row each. slot: its subject: an event, of which a user has one mail WAITING at a time to
# gather changes until due_time; `digest`; an invitation. token: the secret of its link, until it is sent.
# email: the recipient, until it is sent; null: the address of the user or of the invitation.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("state", String(10), nullable=False),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE")),
    Column("slot", Id, nullable=False),
    Column("token", String(64)),
    Column("email", String(254)),
    Column("due_time", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease_time", Instant),
    Column("create_time", Instant, nullable=False),
    Column("done_time", Instant),
    one_of("kind", *DELIVERY_KINDS),
    one_of("state", "WAITING", "QUEUED", "SENT", "SKIPPED", "DEAD"),
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

# The users told of a change, and the mail that tells them. The key makes a repeated message harmless.
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

# How many mails of a kind went out on a UTC day, such as invitations to one address. key: SHA-256 of the
# address or user id that `scope` counts by, so that the table tells no addresses.
mail_counts = Table(
    "mail_counts",
    metadata,
    Column("scope", String(30), primary_key=True),
    Column("key", LargeBinary(32), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("count", Integer, nullable=False),
    CheckConstraint("length(key) = 32", name="key"),
    CheckConstraint("count >= 0", name="count"),
    Index(None, "day"),
)

# Addresses that invitations were mailed to. token: of the link in these mails that ends them. refuse_time:
# null means that the address still gets invitations. mail_time and locale: of the last mail.
invited_addresses = Table(
    "invited_addresses",
    metadata,
    Column("address_hash", LargeBinary(32), primary_key=True),
    Column("token", String(64), nullable=False),
    Column("locale", String(35), nullable=False),
    Column("mail_time", Instant, nullable=False),
    Column("refuse_time", Instant),
    UniqueConstraint("token"),
    CheckConstraint("length(address_hash) = 32", name="address_hash"),
    Index(None, "mail_time"),
)
