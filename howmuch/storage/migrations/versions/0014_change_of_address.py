"""Links that change the address of an account or undo that, and mails to the addresses concerned."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

PURPOSES = ["VERIFY_EMAIL", "RESET_PASSWORD"]
NEW_PURPOSES = ["CHANGE_EMAIL", "UNDO_EMAIL"]
KINDS = [
    "CHANGES",
    "DIGEST",
    "INVITATION",
    "VERIFY_EMAIL",
    "RESET_PASSWORD",
    "PASSWORD_CHANGED",
    "DELETION_REQUESTED",
]
NEW_KINDS = ["EMAIL_CHANGE", "EMAIL_CHANGED", "EMAIL_CHANGE_UNDONE"]


def upgrade() -> None:
    with op.batch_alter_table("account_tokens") as changed:
        changed.add_column(sa.Column("email", sa.String(length=254), nullable=True))
        changed.drop_constraint(op.f("ck_account_tokens_purpose"), type_="check")
        changed.create_check_constraint(
            op.f("ck_account_tokens_purpose"), _in("purpose", PURPOSES + NEW_PURPOSES)
        )
        changed.create_check_constraint(
            op.f("ck_account_tokens_email"),
            f"({_in('purpose', NEW_PURPOSES)}) = (email IS NOT NULL)",
        )
        changed.create_index(op.f("ix_account_tokens_email"), ["email"])
    with op.batch_alter_table("deliveries") as changed:
        changed.add_column(sa.Column("email", sa.String(length=254), nullable=True))
        changed.drop_constraint(op.f("ck_deliveries_kind"), type_="check")
        changed.create_check_constraint(op.f("ck_deliveries_kind"), _in("kind", KINDS + NEW_KINDS))


def downgrade() -> None:
    for table, column, values in (
        ("account_tokens", "purpose", NEW_PURPOSES),
        ("deliveries", "kind", NEW_KINDS),
    ):
        new = sa.column(column).in_(values)
        op.execute(sa.delete(sa.table(table, sa.column(column))).where(new))
    with op.batch_alter_table("deliveries") as changed:
        changed.drop_constraint(op.f("ck_deliveries_kind"), type_="check")
        changed.create_check_constraint(op.f("ck_deliveries_kind"), _in("kind", KINDS))
        changed.drop_column("email")
    with op.batch_alter_table("account_tokens") as changed:
        changed.drop_index(op.f("ix_account_tokens_email"))
        changed.drop_constraint(op.f("ck_account_tokens_email"), type_="check")
        changed.drop_constraint(op.f("ck_account_tokens_purpose"), type_="check")
        changed.create_check_constraint(op.f("ck_account_tokens_purpose"), _in("purpose", PURPOSES))
        changed.drop_column("email")


def _in(column: str, values: list[str]) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({listed})"
