"""Calls about expenses. They raise grpc.RpcError."""

from typing import Any

from howmuch.client.client_errors import ClientError
from howmuch.client.names import ambiguous
from howmuch.client.session import Session, whole_list
from howmuch.usecases.folding import fold
from howmuch.v1 import expense_pb2, expense_service_pb2

_MOST_TEXT = 200


def list_expenses(
    session: Session, event_id: str, limit: int | None, **filters: Any
) -> expense_service_pb2.ListExpensesResponse:
    """Return expenses, newest date first unless `order_by` is set.

    filters: fields of ListExpensesRequest. limit: None means all expenses.
    """
    request = expense_service_pb2.ListExpensesRequest(event_id=event_id, **filters)
    return whole_list(session, session.expenses.ListExpenses, request, "expenses", limit)


def find_expense(
    session: Session, event_id: str, wanted: str, *, deleted: bool = False
) -> expense_pb2.Expense:
    """Find an expense by id, reason or a unique part of the reason. deleted: include deleted expenses.

    Raises ClientError if none or several match.
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
    # The filter also searches in notes.
    folded = fold(wanted)
    for fits in (
        [e for e in found if fold(e.reason) == folded],
        [e for e in found if folded in fold(e.reason)],
    ):
        if len(fits) == 1:
            return fits[0]
        if fits:
            listed = [(f"{e.reason}, {e.date}, {e.amount} {e.currency_code}", e.id) for e in fits]
            raise ClientError(ambiguous("expense", wanted, listed))
    raise ClientError(f"There is no expense {wanted!r}: see `howmuch expense list`.")


def add_expense(
    session: Session, event_id: str, values: dict[str, Any], expense_id: str = ""
) -> expense_pb2.Expense:
    """Add an expense. values: fields of Expense. expense_id: empty means that the server chooses."""
    expense = expense_pb2.Expense(**values)
    return session.write(
        session.expenses.CreateExpense,
        expense_service_pb2.CreateExpenseRequest(
            event_id=event_id, expense=expense, expense_id=expense_id
        ),
    )


def edit_expense(
    session: Session,
    read: expense_pb2.Expense,
    values: dict[str, Any],
    etag: str | None,
) -> expense_pb2.Expense:
    """Change fields of the expense `read`. etag: None means the etag of `read`."""
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
    request = expense_service_pb2.DeleteExpenseRequest(
        event_id=expense.event_id, expense_id=expense.id, etag=etag or expense.etag
    )
    return session.write(session.expenses.DeleteExpense, request)


def duplicate_expense(
    session: Session, expense: expense_pb2.Expense, date: str
) -> expense_pb2.Expense:
    """Add an expense like this one. date: YYYY-MM-DD; empty means today, by the time zone of the account."""
    request = expense_service_pb2.DuplicateExpenseRequest(
        event_id=expense.event_id, expense_id=expense.id, date=date
    )
    return session.write(session.expenses.DuplicateExpense, request)


def recently_used(session: Session, event_id: str) -> expense_pb2.RecentlyUsed:
    """Return the reasons, categories, people and splits of the last expenses."""
    request = expense_service_pb2.ListRecentlyUsedRequest(event_id=event_id)
    return session.read(session.expenses.ListRecentlyUsed, request)


def restore_expense(
    session: Session, expense: expense_pb2.Expense, version: int | None
) -> expense_pb2.Expense:
    """Restore a version of an expense. version: None means undelete the expense."""
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
    """Return all versions of an expense, newest first."""
    request = expense_service_pb2.ListExpenseVersionsRequest(
        event_id=expense.event_id, expense_id=expense.id
    )
    return whole_list(session, session.expenses.ListExpenseVersions, request, "versions")
