"""The methods of ExpenseService that help to write one: copies, suggestions, currencies, categories."""

import grpc

from howmuch.errors import Violations
from howmuch.ids import EXPENSE, check_id
from howmuch.rpc.call import current_call
from howmuch.rpc.convert import expense_message, split_message
from howmuch.rpc.language import caller_locale
from howmuch.usecases import expenses, validation
from howmuch.usecases.categories import COMMON_CATEGORIES, common_key
from howmuch.usecases.currency_names import list_currencies
from howmuch.usecases.recently_used import read_recently_used
from howmuch.v1 import expense_pb2, expense_service_pb2


class EntryMethods:
    """A part of ExpenseServicer."""

    def DuplicateExpense(
        self, request: expense_service_pb2.DuplicateExpenseRequest, context: grpc.ServicerContext
    ) -> expense_pb2.Expense:
        """Adds an expense like another one."""
        call = current_call()
        wrong = Violations()
        with wrong:
            expense_id = check_id(EXPENSE, request.expense_id, "expense_id")
        with wrong:
            date = validation.parse_date(request.date, "date") if request.date else None
        wrong.raise_any()
        made = expenses.duplicate_expense(call.connection, call.caller, call.now, expense_id, date)
        return expense_message(made, call.today)

    def ListRecentlyUsed(
        self, request: expense_service_pb2.ListRecentlyUsedRequest, context: grpc.ServicerContext
    ) -> expense_pb2.RecentlyUsed:
        """Returns values of the last expenses."""
        used = read_recently_used(current_call().connection, request.event_id)
        message = expense_pb2.RecentlyUsed(
            currency_codes=[each.value for each in used.currency_codes]
        )
        for reason in used.reasons:
            message.reasons.add(**reason.value._asdict(), count=reason.count)
        for category in used.categories:
            key = common_key(category.value)
            message.categories.add(category=category.value, key=key, count=category.count)
        for payer in used.payers:
            message.payers.add(member_id=payer.value, count=payer.count)
        for payee in used.payees:
            message.payees.add(member_id=payee.value, count=payee.count)
        for split in used.splits:
            # It has no amounts, so the currency makes no difference.
            message.splits.add(split=split_message(split.value, "EUR"), count=split.count)
        return message

    def ListCurrencies(
        self, request: expense_service_pb2.ListCurrenciesRequest, context: grpc.ServicerContext
    ) -> expense_service_pb2.ListCurrenciesResponse:
        """Lists all currencies."""
        response = expense_service_pb2.ListCurrenciesResponse()
        for each in list_currencies(_locale(request.locale)):
            response.currencies.add(
                code=each.code, name=each.name, digits=each.digits, symbol=each.symbol
            )
        return response

    def ListCategories(
        self, request: expense_service_pb2.ListCategoriesRequest, context: grpc.ServicerContext
    ) -> expense_service_pb2.ListCategoriesResponse:
        """Lists common categories."""
        locale = _locale(request.locale)
        response = expense_service_pb2.ListCategoriesResponse()
        for each in COMMON_CATEGORIES:
            response.categories.add(key=each.key, name=each.name(locale), icon=each.icon)
        return response


def _locale(asked: str) -> str:
    """The locale of a request, or else that of the caller."""
    return validation.check_locale(asked, "locale") if asked else caller_locale(current_call())
