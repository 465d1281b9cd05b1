"""An event that Bo has added to, so that what he saw of it is remembered; ways to disturb his next add."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, func, select, text

from howmuch.storage.database import Database
from howmuch.storage.tables import expenses
from howmuch.usecases.ledger_check import check_event
from howmuch.v1 import event_pb2, expense_pb2, expense_service_pb2_grpc
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from tests.service.api import Api

END = text("SELECT pg_terminate_backend(:pid, 5000)")
END_IDLE = text(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND state = 'idle'"
)


class Trip:
    """An event of Ana's with Bo, who may write, and Cy, a guest; Bo has added to it, so he is remembered."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.ana, self.bo = api.person("Ana"), api.person("Bo")
        made = self.ana.event()
        self.id, self.ana_id = made.id, made.member_id
        self.cy_id = self.ana.guest(self.id, "Cy").id
        self.bo_id = self.bo.join(self.ana, self.id).member_id
        self.add()

    def add(self, *beneficiaries: str, **fields: Any) -> expense_pb2.Expense:
        """Bo adds an expense, for all three unless it says for whom."""
        everybody = (self.ana_id, self.bo_id, self.cy_id)
        return self.bo.spend(self.id, self.bo_id, "9.00", *(beneficiaries or everybody), **fields)

    def begin_to_add(self, seconds: float) -> Any:
        """The call, which has this deadline."""
        expense = expense_pb2.Expense(reason="Dinner", date="2026-11-22")
        expense.payments.add(member_id=self.bo_id, amount="1.00")
        expense.split.equal.member_ids.append(self.bo_id)
        stub = expense_service_pb2_grpc.ExpenseServiceStub(self.api.channel)
        return stub.CreateExpense.future(
            xs.CreateExpenseRequest(event_id=self.id, expense=expense),
            metadata=(("authorization", f"Bearer {self.bo.token}"),),
            timeout=seconds,
        )

    def update(self, member_id: str, **fields: Any) -> None:
        """Ana changes a member."""
        member = event_pb2.Member(id=member_id, event_id=self.id, **fields)
        self.ana.events.UpdateMember(es.UpdateMemberRequest(member=member))

    def count(self) -> int:
        """How many expenses there are; and the ledger is as it must be."""
        with self.api.database.read() as connection:
            assert check_event(connection, self.id) == []
            of_event = select(func.count()).where(expenses.c.event_id == self.id)
            return int(connection.execute(of_event).scalar_one())


@contextmanager
def table_locked(database: Database, table: str) -> Iterator[None]:
    """As by a migration."""
    with database.begin() as connection:
        connection.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        yield


@contextmanager
def before_the_statement(database: Database, act: Callable[[Any], None]) -> Iterator[None]:
    """Calls `act` with the driver's connection whenever the one statement is sent."""

    def see(cursor: Any, statement: str, *_more: object) -> None:
        if statement.startswith("WITH seen"):
            act(cursor.connection)

    event.listen(database.engine, "do_execute", see)
    try:
        yield
    finally:
        event.remove(database.engine, "do_execute", see)
