"""A client of a server whose expenses have a receipt, in the Python of that server.

Usage: receipt_client.py ADDRESS. It ends with an error where an assertion fails.
"""

import sys

import grpc

from howmuch.v1 import event_pb2, expense_pb2, user_service_pb2
from howmuch.v1 import event_service_pb2 as event_messages
from howmuch.v1 import expense_service_pb2 as messages
from howmuch.v1.event_service_pb2_grpc import EventServiceStub
from howmuch.v1.expense_service_pb2_grpc import ExpenseServiceStub
from howmuch.v1.user_service_pb2_grpc import UserServiceStub

EMAIL, PASSWORD = "ana@example.com", "correct horse battery"


def main(address: str) -> None:
    with grpc.insecure_channel(address) as channel:
        users, events = UserServiceStub(channel), EventServiceStub(channel)
        users.SignUp(user_service_pb2.SignUpRequest(email=EMAIL, password=PASSWORD, name="Ana"))
        opened = users.LogIn(user_service_pb2.LogInRequest(email=EMAIL, password=PASSWORD))
        me = (("authorization", f"Bearer {opened.token}"),)
        event = events.CreateEvent(
            event_messages.CreateEventRequest(event=event_pb2.Event(name="Trip")), metadata=me
        )
        check(ExpenseServiceStub(channel), events, event, me)


def check(expenses, events, event, me) -> None:
    """Create, read, update, list, history and versions all have the receipt."""
    mine = [expense_pb2.Payment(member_id=event.member_id)]
    dinner = expense_pb2.Expense(
        reason="Dinner", amount="10", date="2026-11-22", payments=mine, receipt="R-1"
    )
    made = expenses.CreateExpense(
        messages.CreateExpenseRequest(event_id=event.id, expense=dinner), metadata=me
    )
    assert made.receipt == "R-1", made
    key = {"event_id": event.id, "expense_id": made.id}
    assert expenses.GetExpense(messages.GetExpenseRequest(**key), metadata=me) == made
    update = messages.UpdateExpenseRequest(
        expense=expense_pb2.Expense(event_id=event.id, id=made.id, receipt="R-2", notes="not named")
    )
    update.update_mask.paths.append("receipt")
    changed = expenses.UpdateExpense(update, metadata=me)
    assert (changed.receipt, changed.notes, changed.version) == ("R-2", "", 2), changed
    listed = expenses.ListExpenses(messages.ListExpensesRequest(event_id=event.id), metadata=me)
    assert list(listed.expenses) == [changed], listed
    restored = expenses.RestoreExpenseVersion(
        messages.RestoreExpenseVersionRequest(**key, version=1), metadata=me
    )
    assert (restored.receipt, restored.version) == ("R-1", 3), restored
    versions = expenses.ListExpenseVersions(
        messages.ListExpenseVersionsRequest(**key), metadata=me
    ).versions
    assert [version.receipt for version in versions] == ["R-1", "R-2", "R-1"], versions
    history = events.ListChanges(
        event_messages.ListChangesRequest(event_id=event.id), metadata=me
    ).changes
    assert [
        (change.before.expense.receipt, change.after.expense.receipt) for change in history[1:]
    ] == [("", "R-1"), ("R-1", "R-2"), ("R-2", "R-1")], history
    without = expense_pb2.Expense(reason="Tea", amount="4", date="2026-11-22", payments=mine)
    tea = expenses.CreateExpense(
        messages.CreateExpenseRequest(event_id=event.id, expense=without), metadata=me
    )
    assert tea.receipt == "", tea
    dinner.receipt = "R" * 101
    too_long = messages.CreateExpenseRequest(event_id=event.id, expense=dinner)
    refused = expenses.CreateExpense.future(too_long, metadata=me).exception()
    assert "expense.receipt" in refused.details(), refused


if __name__ == "__main__":
    main(sys.argv[1])
