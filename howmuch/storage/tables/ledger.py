"""Tables of the ledger: expenses with their comments and shares, balances, debts."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from howmuch.ledger.money import MAX_MINOR, MAX_SUM_MINOR
from howmuch.storage.tables.schema import currency_check, metadata, one_of
from howmuch.storage.types import Id, Instant, Json


def sum_checks(*names: str) -> list[CheckConstraint]:
    """That columns with sums stay far within 64 bits, beyond which SQLite would go on with floats."""
    return [
        CheckConstraint(
            f"{name} BETWEEN {-MAX_SUM_MINOR} AND {MAX_SUM_MINOR}", name=f"sum_of_{name}"
        )
        for name in names
    ]


# Written out, so that a prepared statement matches the partial index.
SEARCH_STALE = text("search_version IS NULL OR search_version <> version")

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
    # Reason and notes as `usecases.folding` folds them; null if they are ASCII. They are of the
    # version `search_version` of the expense: a program from before does not write them.
    Column("search_text", Text),
    Column("search_version", Integer),
    Column("settlement_revision", BigInteger),
    Column("settlement_index", Integer),
    ForeignKeyConstraint(["event_id", "creator_member_id"], ["members.event_id", "members.id"]),
    one_of("kind", "EXPENSE", "TRANSFER", "INCOME"),
    CheckConstraint("reason <> ''", name="reason"),
    currency_check(),
    CheckConstraint(f"amount_minor BETWEEN 1 AND {MAX_MINOR}", name="amount_minor"),
    CheckConstraint("version >= 1", name="version"),
    Index(None, "event_id", "date", "id"),
    Index(
        "ix_expenses_search_stale",
        "event_id",
        "id",
        postgresql_where=SEARCH_STALE,
        sqlite_where=SEARCH_STALE,
    ),
    Index(
        "ix_expenses_settlement",
        "event_id",
        "settlement_revision",
        postgresql_where=text("settlement_revision IS NOT NULL"),
        sqlite_where=text("settlement_revision IS NOT NULL"),
    ),
)

comments = Table(
    "comments",
    metadata,
    Column("event_id", Id, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("expense_id", Id, nullable=False),
    Column("author_member_id", Id, nullable=False),
    Column("text", Text, nullable=False),
    Column("create_time", Instant, nullable=False),
    Column("delete_time", Instant),
    ForeignKeyConstraint(
        ["event_id", "expense_id"], ["expenses.event_id", "expenses.id"], ondelete="CASCADE"
    ),
    ForeignKeyConstraint(["event_id", "author_member_id"], ["members.event_id", "members.id"]),
    CheckConstraint("text <> ''", name="text"),
    Index(None, "event_id", "expense_id", "id"),
    Index(None, "event_id", "author_member_id"),
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
    currency_check(),
    *sum_checks("paid_minor", "owed_minor", "transferred_minor"),
)
NET_MINOR = balances.c.paid_minor - balances.c.owed_minor + balances.c.transferred_minor
"""The amount of a balance that its member is owed; negative means that they owe it."""

# The debt of member_a to member_b as it arose from the expenses; negative: b owes a.
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
    currency_check(),
    *sum_checks("amount_minor"),
)
