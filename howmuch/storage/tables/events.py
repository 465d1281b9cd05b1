"""Tables of events: members, invitations, history."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from howmuch.storage.tables.schema import currency_check, metadata, one_of
from howmuch.storage.types import Id, Instant, Json, SplitJson

ROLES = ("VIEWER", "EDITOR", "OWNER")

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
    Column("time_zone", String(64), nullable=False, server_default="UTC"),
    Column("default_split", SplitJson),
    CheckConstraint("name <> ''", name="name"),
    currency_check(),
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
    Column("barred", Boolean, nullable=False, server_default=false()),
    Column("mail_only_mine", Boolean, nullable=False, server_default=false()),
    Column("aliases", Json, nullable=False, server_default=text("'[]'")),
    # The exact weight, if `weight` is it rounded up to a whole number from 1. Otherwise `weight` is newer.
    Column("weight_thousandths", Integer),
    # `#rrggbb`. Empty means the default, which follows from the id.
    Column("colour", String(7), nullable=False, server_default=text("''")),
    UniqueConstraint("event_id", "user_id"),
    CheckConstraint("name <> ''", name="name"),
    CheckConstraint("name IS NOT NULL OR user_id IS NOT NULL", name="guest_has_name"),
    one_of("role", *ROLES),
    CheckConstraint("weight BETWEEN 1 AND 1000000", name="weight"),
    one_of("state", "ACTIVE", "INACTIVE"),
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
    one_of("role", *ROLES),
    CheckConstraint("max_uses BETWEEN 1 AND 1000", name="max_uses"),
    CheckConstraint("use_count BETWEEN 0 AND max_uses", name="use_count"),
    CheckConstraint("expire_time > create_time", name="expire_time"),
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
    "COMMENT_ADDED",
    "COMMENT_DELETED",
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
    one_of("kind", *CHANGE_KINDS),
    CheckConstraint("revision >= 1", name="revision"),
    Index(None, "event_id", "subject_id", "revision"),
    Index(None, "event_id", "create_time", "revision"),
)

# How far a user has read the history of an event. The changes that the user made are counted as they are
# written, so that the number of unread changes follows without reading them. seen_own_changes: those of
# own_changes up to seen_revision.
seen_marks = Table(
    "seen_marks",
    metadata,
    Column("event_id", Id, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("own_changes", BigInteger, nullable=False, server_default="0"),
    Column("seen_revision", BigInteger, nullable=False, server_default="0"),
    Column("seen_own_changes", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("own_changes >= 0", name="own_changes"),
    CheckConstraint("seen_revision >= 0", name="seen_revision"),
)
