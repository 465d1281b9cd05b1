"""ExpenseService: the entries of an event."""

import grpc

from howmuch.errors import InvalidArgument
from howmuch.ids import EXPENSE, check_id
from howmuch.model import Draft, Expense
from howmuch.rpc.call import current_call
from howmuch.rpc.convert import expense_message
from howmuch.rpc.expense_page_cache import ExpensePageCache
from howmuch.rpc.pages import page_of
from howmuch.rpc.parse import (
    EXPENSE_FIELDS,
    fields_to_change,
    parse_draft,
    parse_filter,
    parse_revised,
)
from howmuch.usecases import expense_versions, expenses
from howmuch.usecases.expense_rows import get_expense
from howmuch.usecases.expense_search import Filter, find_expenses
from howmuch.usecases.expense_size import Input
from howmuch.usecases.paging import parse_page
from howmuch.usecases.validation import check_range
from howmuch.v1 import expense_pb2, expense_service_pb2, expense_service_pb2_grpc


class ExpenseServicer(expense_service_pb2_grpc.ExpenseServiceServicer):
    """One method per RPC."""

    def __init__(self, pages: ExpensePageCache) -> None:
        self._pages = pages

    def CreateExpense(
        self, request: expense_service_pb2.CreateExpenseRequest, context: grpc.ServicerContext
    ) -> expense_pb2.Expense:
        """Adds an expense."""
        call = current_call()

        def read(currency_code: str) -> list[Input]:
            return [_input(request.expense, "expense", currency_code)]

        [made] = expenses.create_expenses(call.connection, call.caller, call.now, read)
        return expense_message(made)

    def BatchCreateExpenses(
        self,
        request: expense_service_pb2.BatchCreateExpensesRequest,
        context: grpc.ServicerContext,
    ) -> expense_service_pb2.BatchCreateExpensesResponse:
        """Adds several expenses, all or none."""
        call = current_call()
        # Counted before they are read: a batch that is too large costs nothing more.
        expenses.check_batch_size(len(request.expenses))

        def read(currency_code: str) -> list[Input]:
            return [
                _input(message, f"expenses[{index}]", currency_code)
                for index, message in enumerate(request.expenses)
            ]

        made = expenses.create_expenses(call.connection, call.caller, call.now, read)
        return expense_service_pb2.BatchCreateExpensesResponse(
            expenses=[expense_message(expense) for expense in made]
        )

    def GetExpense(
        self, request: expense_service_pb2.GetExpenseRequest, context: grpc.ServicerContext
    ) -> expense_pb2.Expense:
        """Returns one expense."""
        call = current_call()
        expense_id = check_id(EXPENSE, request.expense_id, "expense_id")
        return expense_message(get_expense(call.connection, request.event_id, expense_id))

    def ListExpenses(
        self, request: expense_service_pb2.ListExpensesRequest, context: grpc.ServicerContext
    ) -> expense_service_pb2.ListExpensesResponse:
        """Lists expenses."""
        call = current_call()
        wanted: Filter = parse_filter(request)
        page = parse_page(
            request.page_size, request.page_token, request.event_id, wanted, keys=wanted.keys
        )
        found = find_expenses(call.connection, request.event_id, wanted, page)
        return self._pages.page(call.connection, call.generation, request.event_id, found)

    def UpdateExpense(
        self, request: expense_service_pb2.UpdateExpenseRequest, context: grpc.ServicerContext
    ) -> expense_pb2.Expense:
        """Changes an expense."""
        call = current_call()
        changed = fields_to_change(request.expense, request.update_mask, EXPENSE_FIELDS)
        expense_id = check_id(EXPENSE, request.expense.id, "expense.id")

        def revise(current: Expense) -> Draft:
            try:
                return parse_revised(current, request.expense, changed)
            except InvalidArgument as error:
                raise error.under("expense") from error

        expense = expenses.update_expense(
            call.connection,
            call.caller,
            call.now,
            expense_id,
            call.etag(request.expense.etag),
            revise,
        )
        return expense_message(expense)

    def DeleteExpense(
        self, request: expense_service_pb2.DeleteExpenseRequest, context: grpc.ServicerContext
    ) -> expense_pb2.Expense:
        """Deletes an expense."""
        call = current_call()
        expense_id = check_id(EXPENSE, request.expense_id, "expense_id")
        expense = expenses.delete_expense(
            call.connection, call.caller, call.now, expense_id, call.etag(request.etag)
        )
        return expense_message(expense)

    def UndeleteExpense(
        self, request: expense_service_pb2.UndeleteExpenseRequest, context: grpc.ServicerContext
    ) -> expense_pb2.Expense:
        """Brings a deleted expense back."""
        call = current_call()
        expense_id = check_id(EXPENSE, request.expense_id, "expense_id")
        expense = expenses.undelete_expense(
            call.connection, call.caller, call.now, expense_id, call.etag(request.etag)
        )
        return expense_message(expense)

    def ListExpenseVersions(
        self,
        request: expense_service_pb2.ListExpenseVersionsRequest,
        context: grpc.ServicerContext,
    ) -> expense_service_pb2.ListExpenseVersionsResponse:
        """Lists the states of an expense after each write."""
        call = current_call()
        expense_id = check_id(EXPENSE, request.expense_id, "expense_id")
        page = parse_page(
            request.page_size, request.page_token, "versions", request.event_id, expense_id
        )
        found = expense_versions.list_versions(call.connection, request.event_id, expense_id, page)
        versions, token = page_of(found, expense_message)
        return expense_service_pb2.ListExpenseVersionsResponse(
            versions=versions, next_page_token=token
        )

    def RestoreExpenseVersion(
        self,
        request: expense_service_pb2.RestoreExpenseVersionRequest,
        context: grpc.ServicerContext,
    ) -> expense_pb2.Expense:
        """Writes an earlier version's content again."""
        call = current_call()
        expense_id = check_id(EXPENSE, request.expense_id, "expense_id")
        version = check_range(request.version, "version", 1, 2**31 - 1)
        expense = expense_versions.restore_version(
            call.connection, call.caller, call.now, expense_id, version, call.etag(request.etag)
        )
        return expense_message(expense)


def _input(message: expense_pb2.Expense, field: str, currency_code: str) -> Input:
    """currency_code: used if the message has none."""
    try:
        return Input(parse_draft(message, currency_code), field)
    except InvalidArgument as error:
        raise error.under(field) from error
