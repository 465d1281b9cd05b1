"""Expenses as commands use them. Every function may raise grpc.RpcError."""

from typing import Any

from howmuch.client.client_errors import ClientError
from howmuch.client.names import ambiguous
from howmuch.client.session import Session, whole_list
from howmuch.v1 import expense_pb2, expense_service_pb2

_MOST_TEXT = 200


def list_expenses(
    session: Session, event_id: str, limit: int | None, **filters: Any
) -> expense_service_pb2.ListExpensesResponse:
    """Expenses, newest date first unless `order_by` says otherwise.

    filters: fields of ListExpensesRequest. limit: None: all.
    """
    request = expense_service_pb2.ListExpensesRequest(event_id=event_id, **filters)
    answer: expense_service_pb2.ListExpensesResponse = whole_list(
        session, session.expenses.ListExpenses, request, "expenses", limit
    )
    return answer


def find_expense(
    session: Session, event_id: str, wanted: str, *, deleted: bool = False
) -> expense_pb2.Expense:
    """By id, by its reason, or by a part of it that only one has. deleted: look among those as well.

    Raises ClientError: none, or several, which it lists.
    """
    if wanted.startswith("exp_"):
        return session.read(
            session.expenses.GetExpense,
            expense_service_pb2.GetExpenseRequest(event_id=event_id, expense_id=wanted),
        )
    found = list(
        list_expenses(
            session, event_id, None, text=wanted[:_MOST_TEXT], show_deleted=deleted
        ).expenses
    )
    # The text of a filter is looked for in notes, too.
    folded = wanted.casefold()
    for fits in (
        [e for e in found if e.reason.casefold() == folded],
        [e for e in found if folded in e.reason.casefold()],
    ):
        if len(fits) == 1:
            return fits[0]
        if fits:
            listed = [(f"{e.reason}, {e.date}, {e.amount} {e.currency_code}", e.id) for e in fits]
            raise ClientError(ambiguous("expense", wanted, listed))
    raise ClientError(f"There is no expense {wanted!r}: see `howmuch expense list`.")


def add_expense(session: Session, event_id: str, values: dict[str, Any]) -> expense_pb2.Expense:
    """The expense as the server has it. values: fields of Expense."""
    expense = expense_pb2.Expense(**values)
    return session.write(
        session.expenses.CreateExpense,
        expense_service_pb2.CreateExpenseRequest(event_id=event_id, expense=expense),
    )


def edit_expense(
    session: Session,
    read: expense_pb2.Expense,
    values: dict[str, Any],
    etag: str | None,
) -> expense_pb2.Expense:
    """Change these fields. read: the expense as it is. etag: that the user read; None: the one of `read`."""
    request = expense_service_pb2.UpdateExpenseRequest(
        expense=expense_pb2.Expense(
            event_id=read.event_id, id=read.id, etag=etag or read.etag, **values
        )
    )
    request.update_mask.paths.extend(values)
    return session.write(session.expenses.UpdateExpense, request)


def delete_expense(
    session: Session, expense: expense_pb2.Expense, etag: str | None
) -> expense_pb2.Expense:
    """For 30 days it can be brought back."""
    request = expense_service_pb2.DeleteExpenseRequest(
        event_id=expense.event_id, expense_id=expense.id, etag=etag or expense.etag
    )
    return session.write(session.expenses.DeleteExpense, request)


def restore_expense(
    session: Session, expense: expense_pb2.Expense, version: int | None
) -> expense_pb2.Expense:
    """version: the one to write again; None: bring back what was deleted."""
    where = {"event_id": expense.event_id, "expense_id": expense.id, "etag": expense.etag}
    if version is None:
        return session.write(
            session.expenses.UndeleteExpense, expense_service_pb2.UndeleteExpenseRequest(**where)
        )
    return session.write(
        session.expenses.RestoreExpenseVersion,
        expense_service_pb2.RestoreExpenseVersionRequest(version=version, **where),
    )


def expense_versions(
    session: Session, expense: expense_pb2.Expense
) -> expense_service_pb2.ListExpenseVersionsResponse:
    """What it looked like after each of its writes, newest first."""
    request = expense_service_pb2.ListExpenseVersionsRequest(
        event_id=expense.event_id, expense_id=expense.id
    )
    answer: expense_service_pb2.ListExpenseVersionsResponse = whole_list(
        session, session.expenses.ListExpenseVersions, request, "versions"
    )
    return answer
