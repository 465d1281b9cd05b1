"""Comments on expenses, how far users have read, and colours of members."""

import sqlalchemy as sa
from alembic import op

from howmuch.storage import types

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KINDS = [
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
]


def upgrade() -> None:
    op.add_column(
        "members",
        sa.Column("colour", sa.String(length=7), nullable=False, server_default=sa.text("''")),
    )
    op.create_table(
        "comments",
        sa.Column("event_id", types.Id, nullable=False),
        sa.Column("id", types.Id, nullable=False),
        sa.Column("expense_id", types.Id, nullable=False),
        sa.Column("author_member_id", types.Id, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("create_time", types.Instant, nullable=False),
        sa.Column("delete_time", types.Instant, nullable=True),
        sa.CheckConstraint("text <> ''", name=op.f("ck_comments_text")),
        sa.ForeignKeyConstraint(
            ["event_id", "author_member_id"],
            ["members.event_id", "members.id"],
            name=op.f("fk_comments_members"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id", "expense_id"],
            ["expenses.event_id", "expenses.id"],
            name=op.f("fk_comments_expenses"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("event_id", "id", name=op.f("pk_comments")),
    )
    op.create_index(
        op.f("ix_comments_event_id_expense_id_id"), "comments", ["event_id", "expense_id", "id"]
    )
    op.create_index(
        op.f("ix_comments_event_id_author_member_id"), "comments", ["event_id", "author_member_id"]
    )
    op.create_table(
        "seen_marks",
        sa.Column("event_id", types.Id, nullable=False),
        sa.Column("user_id", types.Id, nullable=False),
        sa.Column("own_changes", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("seen_revision", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("seen_own_changes", sa.BigInteger(), nullable=False, server_default="0"),
        sa.CheckConstraint("own_changes >= 0", name=op.f("ck_seen_marks_own_changes")),
        sa.CheckConstraint("seen_revision >= 0", name=op.f("ck_seen_marks_seen_revision")),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name=op.f("fk_seen_marks_events"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_seen_marks_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "user_id", name=op.f("pk_seen_marks")),
    )
    # All that there is counts as read: nobody could mark it until now.
    op.execute(
        "INSERT INTO seen_marks (event_id, user_id, seen_revision)"
        " SELECT members.event_id, members.user_id, events.revision"
        " FROM members JOIN events ON events.id = members.event_id"
        " WHERE members.user_id IS NOT NULL"
    )
    op.create_index(
        op.f("ix_changes_event_id_create_time_revision"),
        "changes",
        ["event_id", "create_time", "revision"],
        if_not_exists=True,
    )
    _allow([*KINDS, "COMMENT_ADDED", "COMMENT_DELETED"])


def downgrade() -> None:
    op.execute("DELETE FROM changes WHERE kind LIKE 'COMMENT%'")
    _allow(KINDS)
    op.drop_index(op.f("ix_changes_event_id_create_time_revision"), table_name="changes")
    op.drop_table("seen_marks")
    op.drop_table("comments")
    op.drop_column("members", "colour")


def _allow(kinds: list[str]) -> None:
    """Replaces the kinds that a change may have."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("changes") as changed:
        changed.drop_constraint(op.f("ck_changes_kind"), type_="check")
        changed.create_check_constraint(op.f("ck_changes_kind"), f"kind IN ({listed})")
