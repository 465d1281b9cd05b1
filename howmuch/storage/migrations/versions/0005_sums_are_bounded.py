"""Sums of amounts are bounded.

Beyond 64 bits SQLite goes on with floats, and PostgreSQL refuses the write as if it were a fault.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOST = 4_000_000_000_000_000
SUMS = {"balances": ("paid_minor", "owed_minor", "transferred_minor"), "debts": ("amount_minor",)}


def upgrade() -> None:
    for table, names in SUMS.items():
        checks = {
            f"ck_{table}_sum_of_{name}": f"{name} BETWEEN {-MOST} AND {MOST}" for name in names
        }
        columns: list[sa.ColumnElement[int]] = [sa.column(name) for name in names]
        beyond = sa.or_(*(~column.between(-MOST, MOST) for column in columns))
        one = sa.select(*columns).select_from(sa.table(table)).where(beyond).limit(1)
        are_beyond = op.get_bind().execute(one).first() is not None
        if op.get_bind().dialect.name == "postgresql":
            # A sum that is too large already stays as it is; it cannot be written again.
            valid = " NOT VALID" if are_beyond else ""
            for name, condition in checks.items():
                op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition}){valid}")
        elif not are_beyond:
            with op.batch_alter_table(table) as changed:
                for name, condition in checks.items():
                    changed.create_check_constraint(op.f(name), condition)


def downgrade() -> None:
    for table, names in SUMS.items():
        there = {check["name"] for check in sa.inspect(op.get_bind()).get_check_constraints(table)}
        with op.batch_alter_table(table) as changed:
            for name in names:
                if (check := f"ck_{table}_sum_of_{name}") in there:
                    changed.drop_constraint(op.f(check), type_="check")
