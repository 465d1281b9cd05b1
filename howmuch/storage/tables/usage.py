"""The table of stored bytes, for quotas."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Table

from howmuch.storage.tables.schema import metadata
from howmuch.storage.types import Id

# The bytes that a user has written to an event. Quotas limit the sums by event and by user. It has
# no foreign keys: rows come seconds after the write, and the purge of an event takes them along.
usage = Table(
    "usage",
    metadata,
    Column("event_id", Id, primary_key=True),
    Column("user_id", Id, primary_key=True),
    Column("stored_bytes", BigInteger, nullable=False),
    CheckConstraint("stored_bytes >= 0", name="stored_bytes"),
    Index(None, "user_id"),
)
