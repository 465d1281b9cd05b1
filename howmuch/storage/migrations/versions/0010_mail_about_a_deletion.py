"""A mail tells the user that the deletion of their account was requested."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BEFORE = ("CHANGES", "DIGEST", "INVITATION", "VERIFY_EMAIL", "RESET_PASSWORD", "PASSWORD_CHANGED")
NEW = "DELETION_REQUESTED"


def upgrade() -> None:
    _allow(*BEFORE, NEW)


def downgrade() -> None:
    deliveries = sa.table("deliveries", sa.column("kind"))
    op.execute(sa.delete(deliveries).where(deliveries.c.kind == NEW))
    _allow(*BEFORE)


def _allow(*kinds: str) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("deliveries") as changed:
        changed.drop_constraint(op.f("ck_deliveries_kind"), type_="check")
        changed.create_check_constraint(op.f("ck_deliveries_kind"), f"kind IN ({listed})")
