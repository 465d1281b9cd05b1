"""ExpenseService: the entries of an event."""

import datetime as dt

import grpc

from howmuch.errors import Violations, invalid, under
from howmuch.ids import EXPENSE, check_id, optional_id
from howmuch.mail.wording import Wording
from howmuch.model import Draft, Event, Expense
from howmuch.rpc.activity import reader_of, version_change_message
from howmuch.rpc.call import current_call
from howmuch.rpc.comment_methods import CommentMethods
from howmuch.rpc.convert import expense_message
from howmuch.rpc.entry_methods import EntryMethods
from howmuch.rpc.expense_page_cache import ExpensePageCache
from howmuch.rpc.pages import MOST_PAGE_BYTES, page_of
from howmuch.rpc.parse import (
    EXPENSE_FIELDS,
    fields_to_change,
    parse_draft,
    parse_place,
    parse_revised,
    parse_today,
)
from howmuch.rpc.parse_queries import parse_filter
from howmuch.rpc.read_only import check_read_only
from howmuch.rpc.unknown_members import naming_unknown_members
from howmuch.usecases import expense_versions, expenses
from howmuch.usecases.expense_rows import get_expense
from howmuch.usecases.expense_search import Filter, find_expenses
from howmuch.usecases.expense_size import Input
from howmuch.usecases.history import Change
from howmuch.usecases.paging import check_page, parse_page
from howmuch.usecases.validation import check_range
from howmuch.v1 import expense_pb2, expense_service_pb2, expense_service_pb2_grpc


class ExpenseServicer(
    CommentMethods, EntryMethods, expense_service_pb2_grpc.ExpenseServiceServicer
):
    """One method per RPC."""

    def __init__(self, pages: ExpensePageCache) -> None:
        self._pages = pages

    def CreateExpense(
        self, request: expense_service_pb2.CreateExpenseRequest, context: grpc.ServicerContext
    ) -> expense_pb2.Expense:
        """Adds an expense."""
        call = current_call()

        def read(event: Event) -> list[Input]:
            with naming_unknown_members(call, {"expense": request.expense}):
                return [read_new(request, event, call.now)]

        [made] = expenses.create_expenses(call.connection, call.caller, call.now, read)
        return expense_message(made, call.today)

    def BatchCreateExpenses(
        self,
        request: expense_service_pb2.BatchCreateExpensesRequest,
        context: grpc.ServicerContext,
    ) -> expense_service_pb2.BatchCreateExpensesResponse:
        """Adds several expenses, all or none."""
        call = current_call()
        # Counted before they are read: a batch that is too large costs nothing more.
        expenses.check_batch_size(len(request.expenses))
        given = {f"expenses[{index}]": each for index, each in enumerate(request.expenses)}

        def read(event: Event) -> list[Input]:
            wrong, inputs, today = Violations(), [], call.now.date()
            with wrong:
                today = parse_today(request.time_zone, event, call.now)
            for field, message in given.items():
                with wrong:
                    inputs.append(read_input(message, event, field, today))
            with naming_unknown_members(call, given):
                wrong.raise_any()
            return inputs

        made = expenses.create_expenses(call.connection, call.caller, call.now, read)
        today = call.today
        response = expense_service_pb2.BatchCreateExpensesResponse(
            expenses=[expense_message(expense, today) for expense in made]
        )
        size = response.ByteSize()
        if size > MOST_PAGE_BYTES:
            raise invalid(
                "expenses",
                "BATCH_TOO_LARGE",
                f"The response to these {len(made):,} expenses would have {size:,} bytes; at most"
                f" {MOST_PAGE_BYTES:,} are allowed. Send fewer expenses in one call.",
                metadata={"actual": str(size), "limit": str(MOST_PAGE_BYTES)},
            )
        return response

    def GetExpense(
        self, request: expense_service_pb2.GetExpenseRequest, context: grpc.ServicerContext
    ) -> expense_pb2.Expense:
        """Returns one expense."""
        call = current_call()
        expense_id = check_id(EXPENSE, request.expense_id, "expense_id")
        return expense_message(
            get_expense(call.connection, request.event_id, expense_id), call.today
        )

    def ListExpenses(
        self, request: expense_service_pb2.ListExpensesRequest, context: grpc.ServicerContext
    ) -> expense_service_pb2.ListExpensesResponse:
        """Lists expenses."""
        call = current_call()
        wrong = Violations()
        with wrong:
            wanted: Filter = parse_filter(request, call.caller.in_event.event)
        with wrong:
            check_page(request.page_size, request.page_token)
        wrong.raise_any()
        query = (request.event_id, wanted, *wanted.later)
        page = parse_page(request.page_size, request.page_token, *query, keys=wanted.keys)
        found = find_expenses(call.connection, request.event_id, wanted, page)
        return self._pages.page(
            call.connection, call.generation, request.event_id, found, call.today
        )

    def UpdateExpense(
        self, request: expense_service_pb2.UpdateExpenseRequest, context: grpc.ServicerContext
    ) -> expense_pb2.Expense:
        """Changes an expense."""
        call = current_call()
        wrong = Violations()
        with wrong:
            changed = fields_to_change(request.expense, request.update_mask, EXPENSE_FIELDS)
        with wrong:
            expense_id = check_id(EXPENSE, request.expense.id, "expense.id")
        wrong.raise_any()

        def revise(current: Expense) -> Draft:
            given, wrong = request.expense, Violations()
            with wrong:
                check_read_only(
                    given,
                    "expense",
                    lambda: expense_message(current, call.today),
                    request.update_mask,
                )
            with wrong, under("expense"):
                draft = parse_revised(current, given, changed)
            with naming_unknown_members(call, {"expense": given}):
                wrong.raise_any()
            return draft

        expense = expenses.update_expense(
            call.connection,
            call.caller,
            call.now,
            expense_id,
            call.etag(request.expense.etag),
            revise,
        )
        return expense_message(expense, call.today)

    def DeleteExpense(
        self, request: expense_service_pb2.DeleteExpenseRequest, context: grpc.ServicerContext
    ) -> expense_pb2.Expense:
        """Deletes an expense."""
        call = current_call()
        expense_id = check_id(EXPENSE, request.expense_id, "expense_id")
        expense = expenses.delete_expense(
            call.connection, call.caller, call.now, expense_id, call.etag(request.etag)
        )
        return expense_message(expense, call.today)

    def UndeleteExpense(
        self, request: expense_service_pb2.UndeleteExpenseRequest, context: grpc.ServicerContext
    ) -> expense_pb2.Expense:
        """Brings a deleted expense back."""
        call = current_call()
        expense_id = check_id(EXPENSE, request.expense_id, "expense_id")
        expense = expenses.undelete_expense(
            call.connection, call.caller, call.now, expense_id, call.etag(request.etag)
        )
        return expense_message(expense, call.today)

    def ListExpenseVersions(
        self,
        request: expense_service_pb2.ListExpenseVersionsRequest,
        context: grpc.ServicerContext,
    ) -> expense_service_pb2.ListExpenseVersionsResponse:
        """Lists the states of an expense after each write."""
        call = current_call()
        wrong = Violations()
        with wrong:
            expense_id = check_id(EXPENSE, request.expense_id, "expense_id")
        with wrong:
            page = parse_page(
                request.page_size,
                request.page_token,
                "versions",
                request.event_id,
                request.expense_id,
            )
        wrong.raise_any()
        found = expense_versions.list_versions(call.connection, request.event_id, expense_id, page)
        wording = reader_of(call).wording(call.connection, found.rows)
        today = call.today
        pairs, tokens = page_of(found, lambda change: _version(wording, change, today))
        return expense_service_pb2.ListExpenseVersionsResponse(
            versions=[pair.versions[0] for pair in pairs],
            changes=[pair.changes[0] for pair in pairs],
            **tokens,
        )

    def RestoreExpenseVersion(
        self,
        request: expense_service_pb2.RestoreExpenseVersionRequest,
        context: grpc.ServicerContext,
    ) -> expense_pb2.Expense:
        """Writes an earlier version's content again."""
        call = current_call()
        wrong = Violations()
        with wrong:
            expense_id = check_id(EXPENSE, request.expense_id, "expense_id")
        with wrong:
            version = check_range(request.version, "version", 1, 2**31 - 1)
        wrong.raise_any()
        expense = expense_versions.restore_version(
            call.connection, call.caller, call.now, expense_id, version, call.etag(request.etag)
        )
        return expense_message(expense, call.today)


def _version(
    wording: Wording, change: Change, today: dt.date
) -> expense_service_pb2.ListExpenseVersionsResponse:
    """A page with the version that a change made."""
    assert isinstance(change.after, Expense)
    return expense_service_pb2.ListExpenseVersionsResponse(
        versions=[expense_message(change.after, today)],
        changes=[version_change_message(wording, change)],
    )


def read_new(
    request: expense_service_pb2.CreateExpenseRequest, event: Event, now: dt.datetime
) -> Input:
    """The expense of a request, with the defaults of the event."""
    wrong, today = Violations(), now.date()
    with wrong:
        today = parse_today(request.time_zone, event, now)
    with wrong:
        optional_id(EXPENSE, request.expense_id, "expense_id")
    with wrong:
        given = read_input(request.expense, event, "expense", today, request.expense_id)
    wrong.raise_any()
    return given


def read_input(
    message: expense_pb2.Expense, event: Event, field: str, today: dt.date, expense_id: str = ""
) -> Input:
    """A new expense. field: its path in the request. event, today: for a message without currency or date.

    expense_id: chosen by the client; empty means that the server chooses.
    """
    wrong = Violations()
    with wrong:
        check_read_only(message, field, lambda: _created(message, event, expense_id))
    with wrong, under(field):
        draft = parse_draft(message, event.currency_code, today)
    with wrong, under(field):
        place = parse_place(message)
    wrong.raise_any()
    return Input(draft, field, expense_id, place)


def _created(message: expense_pb2.Expense, event: Event, expense_id: str) -> expense_pb2.Expense:
    """The fields that a new expense may name although only the server sets them later."""
    allowed = expense_pb2.Expense(event_id=event.id, id=expense_id)
    if message.HasField("settlement_transfer"):
        allowed.settlement_transfer.CopyFrom(message.settlement_transfer)
    return allowed
