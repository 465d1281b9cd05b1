"""A payment of a settlement plan is entered once."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from howmuch.v1 import event_pb2, expense_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from tests.service.api import Person, failure

TRANSFER = expense_pb2.EXPENSE_KIND_TRANSFER


class Open:
    """An event in which Bo owes 10.00 and Cy 20.00 to Ana, and its plan."""

    def __init__(self, ana: Person) -> None:
        self.ana = ana
        self.event = ana.event()
        self.a = self.event.member_id
        self.b, self.c = (ana.guest(self.event.id, name).id for name in ("Bo", "Cy"))
        ana.spend(self.event.id, self.a, "10.00", self.b)
        ana.spend(self.event.id, self.a, "20.00", self.c)
        self.read()

    def read(self) -> event_pb2.Settlement:
        """Reads the plan, which later payments name."""
        request = es.GetSettlementRequest(event_id=self.event.id)
        self.plan = self.ana.events.GetSettlement(request)
        return self.plan

    def draft(self, index: int, **fields: Any) -> expense_pb2.Expense:
        """A payment of the plan that was read."""
        debt = self.plan.plans[0].transfers[index]
        place = expense_pb2.SettlementTransfer(revision=self.plan.revision, index=index)
        split = expense_pb2.Split(equal=expense_pb2.EqualSplit(member_ids=[debt.to_member_id]))
        given: dict[str, Any] = {
            "kind": TRANSFER,
            "reason": "Paid",
            "date": "2026-11-22",
            "amount": debt.amount,
            "payments": [expense_pb2.Payment(member_id=debt.from_member_id)],
            "split": split,
            "settlement_transfer": place,
        }
        return expense_pb2.Expense(**given | fields)

    def pay(self, index: int, **fields: Any) -> expense_pb2.Expense:
        request = xs.CreateExpenseRequest(
            event_id=self.event.id, expense=self.draft(index, **fields)
        )
        return self.ana.expenses.CreateExpense(request)


@pytest.fixture
def trip(ana: Person) -> Open:
    return Open(ana)


def test_same_payment_of_the_same_plan_is_one_transfer(trip: Open) -> None:
    """The second entry answers the first transfer, and writes nothing."""
    first = trip.pay(0)
    revision = trip.ana.revision(trip.event.id)
    assert trip.pay(0, reason="Again") == first
    assert trip.ana.revision(trip.event.id) == revision
    assert first.settlement_transfer == trip.draft(0).settlement_transfer
    assert first.settlement_transfer.HasField("index")


def test_two_at_once_are_one_transfer(trip: Open) -> None:
    """Whoever comes second gets the transfer of the first."""
    with ThreadPoolExecutor(2) as threads:
        made = list(threads.map(trip.pay, (1, 1)))
    assert made[0] == made[1]
    assert trip.ana.nets(trip.event.id)["EUR", trip.c] == "0.00"


def test_payments_of_one_plan_after_each_other(trip: Open) -> None:
    """The rest of a plan stays open while it is paid."""
    trip.pay(1)
    trip.pay(0)
    assert not trip.read().plans


def test_payment_that_was_made_is_refused(trip: Open) -> None:
    """By hand, or by a later plan: the error says what is open now."""
    old = trip.plan
    trip.ana.spend(trip.event.id, trip.b, "1.00", trip.a, kind=TRANSFER)
    trip.read()
    trip.pay(0)
    trip.plan = old
    revision = trip.ana.revision(trip.event.id)
    error = failure(trip.pay, 0)
    assert (error.code, error.reason) == ("FAILED_PRECONDITION", "SETTLEMENT_CHANGED")
    assert f"the first payment of the plan of revision {old.revision} is not" in error.message
    assert (error.metadata["open_amount"], error.metadata["revision"]) == ("0.00", str(revision))
    assert json.loads(error.metadata["open_transfers"]) == [
        {"from_member_id": trip.c, "to_member_id": trip.a, "amount": "20.00"}
    ]
    assert trip.ana.revision(trip.event.id) == revision


def test_payment_that_was_deleted_is_open_again(trip: Open) -> None:
    """It is entered as a new transfer."""
    first = trip.pay(0)
    gone = xs.DeleteExpenseRequest(event_id=trip.event.id, expense_id=first.id)
    trip.ana.expenses.DeleteExpense(gone)
    assert trip.pay(0).id != first.id


def test_batch_of_payments(trip: Open) -> None:
    """All payments at once; again, the same transfers; one of them twice, refused."""
    batch = xs.BatchCreateExpensesRequest(
        event_id=trip.event.id, expenses=[trip.draft(0), trip.draft(1)]
    )
    twice = xs.BatchCreateExpensesRequest(
        event_id=trip.event.id, expenses=[trip.draft(0), trip.draft(0)]
    )
    error = failure(trip.ana.expenses.BatchCreateExpenses, twice)
    assert error.reason == "SETTLEMENT_CHANGED"
    assert error.message.startswith(
        "expenses[1].settlement_transfer: expenses[0] of the same request is the first payment of the plan of"
        f" revision {trip.plan.revision} already."
    )
    made = trip.ana.expenses.BatchCreateExpenses(batch)
    assert trip.ana.expenses.BatchCreateExpenses(batch) == made


def test_empty_place_of_another_expense_is_refused(trip: Open) -> None:
    """It is not the same as none."""
    made = trip.ana.spend(trip.event.id, trip.event.member_id, "3.00", trip.event.member_id)
    changed = expense_pb2.Expense(event_id=trip.event.id, id=made.id, reason="Cash")
    changed.settlement_transfer.SetInParent()
    request = xs.UpdateExpenseRequest(expense=changed)
    assert failure(trip.ana.expenses.UpdateExpense, request).reason == "FIELD_READ_ONLY"


def test_place_stays_when_the_transfer_is_changed(trip: Open) -> None:
    """It cannot be changed, and each version has it."""
    made = trip.pay(0)
    changed = expense_pb2.Expense(event_id=trip.event.id, id=made.id, reason="Cash")
    changed.settlement_transfer.revision = 1
    request = xs.UpdateExpenseRequest(expense=changed)
    assert failure(trip.ana.expenses.UpdateExpense, request).reason == "FIELD_READ_ONLY"
    changed.settlement_transfer.CopyFrom(made.settlement_transfer)
    after = trip.ana.expenses.UpdateExpense(xs.UpdateExpenseRequest(expense=changed))
    assert after.settlement_transfer == made.settlement_transfer
    versions = trip.ana.expenses.ListExpenseVersions(
        xs.ListExpenseVersionsRequest(event_id=trip.event.id, expense_id=made.id)
    )
    assert {v.settlement_transfer.revision for v in versions.versions} == {trip.plan.revision}


@pytest.mark.parametrize(
    ("fields", "code", "reason"),
    [
        ({"amount": "9.99"}, "FAILED_PRECONDITION", "SETTLEMENT_CHANGED"),
        (
            {"settlement_transfer": expense_pb2.SettlementTransfer(revision=5, index=1)},
            "FAILED_PRECONDITION",
            "SETTLEMENT_CHANGED",
        ),
        (
            {"settlement_transfer": expense_pb2.SettlementTransfer(revision=99, index=0)},
            "INVALID_ARGUMENT",
            "NUMBER_OUT_OF_RANGE",
        ),
        (
            {"settlement_transfer": expense_pb2.SettlementTransfer(revision=5)},
            "INVALID_ARGUMENT",
            "INDEX_REQUIRED",
        ),
        ({"kind": 1}, "INVALID_ARGUMENT", "SETTLEMENT_NEEDS_TRANSFER"),
        ({"currency_code": "USD"}, "FAILED_PRECONDITION", "SETTLEMENT_CHANGED"),
    ],
)
def test_payment_that_is_not_of_the_plan_is_refused(
    trip: Open, fields: dict[str, Any], code: str, reason: str
) -> None:
    """Another amount, place, revision, kind or currency."""
    error = failure(trip.pay, 0, **fields)
    assert (error.code, error.reason) == (code, reason)


@pytest.mark.parametrize("plan", ["same", "later"])
@pytest.mark.parametrize("way", ["undelete", "restore"])
def test_payment_that_was_entered_again_cannot_come_back(trip: Open, way: str, plan: str) -> None:
    """It would be paid twice. Once the second is deleted, it can."""
    event_id, expenses = trip.event.id, trip.ana.expenses

    def delete(expense: expense_pb2.Expense) -> None:
        gone = xs.DeleteExpenseRequest(event_id=event_id, expense_id=expense.id)
        expenses.DeleteExpense(gone)

    def bring_back(expense: expense_pb2.Expense) -> None:
        key: dict[str, Any] = {"event_id": event_id, "expense_id": expense.id}
        if way == "undelete":
            expenses.UndeleteExpense(xs.UndeleteExpenseRequest(**key))
        else:
            expenses.RestoreExpenseVersion(xs.RestoreExpenseVersionRequest(**key, version=1))

    first = trip.pay(0)
    delete(first)
    if plan == "later":
        trip.read()
    second = trip.pay(0)
    before = trip.ana.nets(event_id)
    error = failure(bring_back, first)
    assert (error.code, error.reason) == ("FAILED_PRECONDITION", "SETTLEMENT_CHANGED")
    assert "was entered again" in error.message
    assert error.metadata["expense_id"] == second.id
    delete(second)
    bring_back(first)
    assert trip.ana.nets(event_id) == before


def test_payment_cannot_come_back_by_its_currency(trip: Open) -> None:
    """A payment that was moved to another currency has left its place."""
    first = trip.pay(0)
    moved = expense_pb2.Expense(event_id=trip.event.id, id=first.id, currency_code="USD")
    trip.ana.expenses.UpdateExpense(xs.UpdateExpenseRequest(expense=moved))
    trip.pay(0)
    moved.currency_code = "EUR"
    error = failure(trip.ana.expenses.UpdateExpense, xs.UpdateExpenseRequest(expense=moved))
    assert error.reason == "SETTLEMENT_CHANGED"
