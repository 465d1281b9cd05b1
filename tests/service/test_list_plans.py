"""Each page of each list is read off an index, in its order: nothing is scanned whole, and nothing sorted.

The planner is told to do without scans and sorts wherever it can; a plan that has one has no index for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from howmuch.storage.database import Database
from tests.service.api import Api
from tests.service.lists import LISTS
from tests.service.world import World

Statement = tuple[str, Any]

# List, fields of its request, and the index that gives the rows of a page in their order.
PLANS: list[tuple[str, dict[str, Any], str, str]] = [
    ("ListSessions", {}, "sessions", "ix_sessions_user_id_id"),
    ("ListEvents", {}, "members", "ix_members_user_id_event_id"),
    ("ListMembers", {}, "members", "pk_members"),
    ("ListInvitations", {}, "invitations", "pk_invitations"),
    ("ListChanges", {}, "changes", "pk_changes"),
    ("ListExpenses", {}, "expenses", "ix_expenses_event_id_date_id"),
    ("ListExpenses", {"order_by": "date"}, "expenses", "ix_expenses_event_id_date_id"),
    ("ListExpenses", {"order_by": "create_time"}, "expenses", "pk_expenses"),
    ("ListExpenses", {"order_by": "create_time desc"}, "expenses", "pk_expenses"),
    ("ListExpenses", {"from_date": "2026-11-01"}, "expenses", "ix_expenses_event_id_date_id"),
    ("ListComments", {}, "comments", "ix_comments_event_id_expense_id_id"),
    ("ListExpenseVersions", {}, "changes", "ix_changes_event_id_subject_id_revision"),
]


@contextmanager
def recorded(engine: Engine) -> Iterator[list[Statement]]:
    """Statements and their parameters."""
    found: list[Statement] = []

    def record(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        found.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", record)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", record)


def plan_of(database: Database, statement: str, parameters: Any) -> str:
    """How the database runs a statement."""
    with database.read() as connection:
        if database.dialect == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            return "\n".join(row[3] for row in rows)
        for way in ("seqscan", "bitmapscan", "sort", "hashjoin", "mergejoin"):
            connection.execute(text(f"SET LOCAL enable_{way} = off"))
        rows = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        return "\n".join(row[0] for row in rows)


def check(database: Database, plan: str, table: str, index: str) -> None:
    if database.dialect == "sqlite":
        # SQLite has names of its own for primary keys.
        name = f"sqlite_autoindex_{table}_1" if index.startswith("pk_") else index
        assert f"SEARCH {table} USING INDEX {name} (" in plan or (
            f"SEARCH {table} USING COVERING INDEX {name} (" in plan
        ), plan
        assert "TEMP B-TREE" not in plan, plan
        assert "SCAN" not in plan, plan
    else:
        assert f"using {index} on {table}" in plan, plan
        assert "Sort" not in plan, plan
        assert "Seq Scan" not in plan, plan
        assert "Index Cond" in plan, plan


@pytest.mark.parametrize(("name", "fields", "table", "index"), PLANS)
def test_pages_are_read_off_an_index(
    api: Api, name: str, fields: dict[str, Any], table: str, index: str
) -> None:
    """The first page and the next one."""
    fill, _, make = LISTS[name]
    world = World(api)
    service, request = make(world)
    fill(world)
    request.page_size = 2
    for field, value in fields.items():
        setattr(request, field, value)
    method = getattr(getattr(world.owner, service), name)
    for _ in range(2):
        with recorded(api.database.engine) as statements:
            request.page_token = method(request).next_page_token
        assert request.page_token
        [(statement, parameters)] = [
            each for each in statements if f"FROM {table}" in each[0] and "LIMIT" in each[0]
        ]
        check(api.database, plan_of(api.database, statement, parameters), table, index)
