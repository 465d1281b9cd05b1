"""Every constraint of the tables, broken once and more on both databases.

A case takes a row that fits (tests/storage/rows.py), changes some columns, and inserts it: the
database must refuse it by that constraint. PostgreSQL names the constraint. SQLite names CHECKs,
and the columns of a key; of a foreign key it says only that one is broken, and the unchanged row
fits, so it is this one.
"""

from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from sqlalchemy import (
    CheckConstraint,
    Column,
    Constraint,
    ForeignKeyConstraint,
    Table,
    insert,
    text,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import ColumnCollectionConstraint

from howmuch.ledger.money import MAX_MINOR, MAX_SUM_MINOR
from howmuch.storage.database import Database
from howmuch.storage.tables import metadata
from tests.storage import rows

SAME = object()  # the value of the row that is there already
ELSEWHERE = object()  # the id of a member of another event
MISSING = "usr_none"  # an id of nothing


@dataclass(frozen=True)
class Case:
    """`constraint` refuses a row with these values. hidden_by: a constraint that speaks first."""

    constraint: str
    values: dict[str, Any]
    hidden_by: str | None = None


def same(constraint: str, *columns: str) -> Case:
    return Case(constraint, dict.fromkeys(columns, SAME))


def one(constraint: str, column: str, *values: Any) -> list[Case]:
    return [Case(constraint, {column: value}) for value in values]


BEYOND = MAX_SUM_MINOR + 1
CASES = [
    same("pk_users", "id"),
    same("pk_sessions", "id"),
    same("pk_account_tokens", "token_hash"),
    same("pk_events", "id"),
    same("pk_members", "event_id", "id"),
    same("pk_invitations", "event_id", "id"),
    same("pk_expenses", "event_id", "id"),
    same("pk_shares", "event_id", "expense_id", "member_id"),
    same("pk_balances", "event_id", "currency_code", "member_id"),
    same("pk_debts", "event_id", "currency_code", "member_a", "member_b"),
    same("pk_changes", "event_id", "revision"),
    same("pk_outbox", "id"),
    same("pk_dead_letters", "id"),
    same("pk_deliveries", "id"),
    same("pk_notices", "event_id", "revision", "user_id"),
    same("pk_idempotency_keys", "user_id", "key"),
    same("pk_usage", "event_id", "user_id"),
    same("pk_comments", "event_id", "id"),
    same("pk_seen_marks", "event_id", "user_id"),
    same("pk_mail_counts", "scope", "key", "day"),
    same("pk_invited_addresses", "address_hash"),
    same("uq_users_email", "email"),
    same("uq_sessions_token_hash", "token_hash"),
    same("uq_members_event_id_user_id", "event_id", "user_id"),
    same("uq_invitations_token", "token"),
    same("uq_invited_addresses_token", "token"),
    *one("fk_sessions_users", "user_id", MISSING),
    *one("fk_comments_expenses", "expense_id", MISSING, ELSEWHERE),
    *one("fk_comments_members", "author_member_id", MISSING, ELSEWHERE),
    *one("fk_seen_marks_events", "event_id", MISSING),
    *one("fk_seen_marks_users", "user_id", MISSING),
    *one("ck_comments_text", "text", ""),
    *one("ck_seen_marks_own_changes", "own_changes", -1),
    *one("ck_seen_marks_seen_revision", "seen_revision", -1),
    *one("fk_account_tokens_users", "user_id", MISSING),
    *one("fk_members_events", "event_id", MISSING),
    *one("fk_members_users", "user_id", MISSING),
    *one("fk_invitations_events", "event_id", MISSING),
    *one("fk_invitations_members", "member_id", MISSING, ELSEWHERE),
    *one("fk_invitations_users", "inviter_user_id", MISSING),
    Case("fk_expenses_events", {"event_id": MISSING}, hidden_by="fk_expenses_members"),
    *one("fk_expenses_members", "creator_member_id", MISSING, ELSEWHERE),
    *one("fk_shares_expenses", "expense_id", MISSING),
    *one("fk_shares_members", "member_id", MISSING, ELSEWHERE),
    *one("fk_balances_members", "member_id", MISSING, ELSEWHERE),
    *one("fk_debts_members_a", "member_a", "mbr_"),
    *one("fk_debts_members_b", "member_b", MISSING, ELSEWHERE),
    *one("fk_changes_events", "event_id", MISSING),
    *one("fk_changes_users", "actor_user_id", MISSING),
    *one("fk_deliveries_users", "user_id", MISSING),
    *one("fk_notices_changes", "revision", 1_000_000),
    *one("fk_notices_deliveries", "delivery_id", MISSING),
    *one("fk_notices_users", "user_id", MISSING),
    *one("fk_idempotency_keys_users", "user_id", MISSING),
    *one("ck_users_email_lower_case", "email", "Ann@example.org"),
    *one("ck_users_deleted_has_no_email", "email", None),
    Case("ck_users_deleted_has_no_email", {"password_hash": None, "delete_time": rows.NOW}),
    *one("ck_users_deleted_has_no_password", "password_hash", None),
    Case("ck_users_deleted_has_no_password", {"email": None, "delete_time": rows.NOW}),
    *one("ck_users_mail_mode", "mail_mode", "", "off", "HOURLY"),
    *one("ck_users_currency_code", "currency_code", "", "EU"),
    *one("ck_users_version", "version", 0),
    *one("ck_sessions_token_hash", "token_hash", b"", bytes(31), bytes(33)),
    *one("ck_sessions_expire_time", "expire_time", rows.NOW),
    *one("ck_account_tokens_purpose", "purpose", "", "LOG_IN"),
    *one("ck_account_tokens_email", "email", "ann@example.com"),
    *one("ck_account_tokens_email", "purpose", "CHANGE_EMAIL", "UNDO_EMAIL"),
    *one("ck_account_tokens_token_hash", "token_hash", b"", bytes(31), bytes(33)),
    *one("ck_events_name", "name", ""),
    *one("ck_events_currency_code", "currency_code", "", "NK"),
    *one("ck_events_revision", "revision", 0),
    *one("ck_events_version", "version", 0),
    *one("ck_members_name", "name", ""),
    *one("ck_members_guest_has_name", "name", None),
    *one("ck_members_role", "role", "", "ADMIN"),
    *one("ck_members_weight", "weight", -1, 0, 1_000_001),
    *one("ck_members_state", "state", "", "DELETED"),
    *one("ck_invitations_role", "role", "", "ADMIN"),
    *one("ck_invitations_max_uses", "max_uses", 0, 1001),
    *one("ck_invitations_use_count", "use_count", -1, 2),
    *one("ck_invitations_expire_time", "expire_time", rows.NOW),
    *one("ck_expenses_kind", "kind", "", "LOAN"),
    *one("ck_expenses_reason", "reason", ""),
    *one("ck_expenses_currency_code", "currency_code", "", "NK"),
    *one("ck_expenses_amount_minor", "amount_minor", -1, 0, MAX_MINOR + 1),
    *one("ck_expenses_version", "version", 0),
    *one("ck_shares_paid_minor", "paid_minor", -1, MAX_MINOR + 1),
    *one("ck_shares_owed_minor", "owed_minor", -1, MAX_MINOR + 1),
    *one("ck_balances_currency_code", "currency_code", "", "NK"),
    *one("ck_balances_sum_of_paid_minor", "paid_minor", -BEYOND, BEYOND),
    *one("ck_balances_sum_of_owed_minor", "owed_minor", -BEYOND, BEYOND),
    *one("ck_balances_sum_of_transferred_minor", "transferred_minor", -BEYOND, BEYOND),
    *one("ck_debts_sum_of_amount_minor", "amount_minor", -BEYOND, BEYOND),
    *one("ck_debts_pair_is_ordered", "member_b", "mbr_"),
    *one("ck_debts_currency_code", "currency_code", "", "NK"),
    *one("ck_changes_kind", "kind", "", "EVENT_EATEN"),
    *one("ck_changes_revision", "revision", 0),
    *one("ck_deliveries_kind", "kind", "", "SPAM"),
    Case("ck_deliveries_state", {"state": "LOST", "done_time": rows.NOW}),
    Case("ck_deliveries_done_time", {"done_time": rows.NOW}),
    Case("ck_deliveries_done_time", {"state": "SENT"}),
    *one("ck_deliveries_attempts", "attempts", -1),
    *one("ck_usage_stored_bytes", "stored_bytes", -1),
    *one("ck_mail_counts_key", "key", b"", bytes(31), bytes(33)),
    *one("ck_mail_counts_count", "count", -1),
    *one("ck_invited_addresses_address_hash", "address_hash", b"", bytes(31), bytes(33)),
    *one("ck_idempotency_keys_request_hash", "request_hash", b"", bytes(31), bytes(33)),
]

CONSTRAINTS: dict[str, Constraint] = {
    str(constraint.name): constraint
    for table in metadata.sorted_tables
    for constraint in table.constraints
}

REQUIRED = [
    column
    for table in metadata.sorted_tables
    for column in table.columns
    if not column.nullable and column is not table.autoincrement_column
]


def test_every_constraint_has_a_case() -> None:
    """A constraint that is added to the tables needs a case here; each has a name of its own."""
    assert sum(len(table.constraints) for table in metadata.sorted_tables) == len(CONSTRAINTS)
    assert {case.constraint for case in CASES} == set(CONSTRAINTS)


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=str)
def test_row_that_fits_is_taken(database: Database, table: Table) -> None:
    """The rows that the cases start from break nothing themselves."""
    with rows.undone(database) as connection:
        world = rows.insert_world(connection)
        connection.execute(insert(table), rows.new_row(world, table.name))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.constraint)
def test_constraint_refuses(database: Database, case: Case) -> None:
    """The database refuses the row, and by this constraint."""
    constraint = CONSTRAINTS[case.constraint]
    table = constraint.table
    with rows.undone(database) as connection:
        world = rows.insert_world(connection)
        if case.hidden_by and database.dialect == "postgresql":
            connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {case.hidden_by}"))
        values = {name: resolve(world, table, name, value) for name, value in case.values.items()}
        with pytest.raises(IntegrityError) as caught:
            connection.execute(insert(table), rows.new_row(world, table.name) | values)
    assert refused_by(caught.value) == wanted(database.dialect, constraint)


@pytest.mark.parametrize("column", REQUIRED, ids=str)
def test_required_column_refuses_null(database: Database, column: Column[Any]) -> None:
    """A column that is not marked nullable takes no NULL."""
    table = column.table
    with rows.undone(database) as connection:
        row = rows.new_row(rows.insert_world(connection), table.name)
        with pytest.raises(IntegrityError) as caught:
            connection.execute(insert(table), row | {column.name: None})
    if database.dialect == "sqlite":
        assert str(caught.value.orig) == f"NOT NULL constraint failed: {column}"
    else:
        assert isinstance(caught.value.orig, psycopg.Error)
        told = caught.value.orig.diag
        assert (told.sqlstate, told.table_name, told.column_name) == (
            "23502",
            table.name,
            column.name,
        )


def resolve(world: rows.World, table: Table, column: str, value: Any) -> Any:
    if value is SAME:
        return world[table.name][0][column]
    return world["members"][-1]["id"] if value is ELSEWHERE else value


def refused_by(error: IntegrityError) -> str:
    """What the database says it was: the constraint's name, or SQLite's whole sentence."""
    diagnostics = getattr(error.orig, "diag", None)
    return diagnostics.constraint_name if diagnostics else str(error.orig)


def wanted(dialect: str, constraint: Constraint) -> str:
    if dialect == "postgresql":
        return str(constraint.name)
    if isinstance(constraint, CheckConstraint):
        return f"CHECK constraint failed: {constraint.name}"
    if isinstance(constraint, ForeignKeyConstraint):
        return "FOREIGN KEY constraint failed"
    assert isinstance(constraint, ColumnCollectionConstraint)
    return "UNIQUE constraint failed: " + ", ".join(map(str, constraint.columns))
