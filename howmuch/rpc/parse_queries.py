"""From requests that read to filters, orders and dates."""

import re
from collections.abc import Sequence
from typing import Any

from howmuch.errors import Violations, invalid
from howmuch.ids import MEMBER, optional_id
from howmuch.ledger.currencies import minor_digits
from howmuch.ledger.money import parse_amount
from howmuch.model import CATEGORY_LENGTH, Event
from howmuch.rpc.parse import parse_kind
from howmuch.usecases.balances import Wanted
from howmuch.usecases.expense_search import ORDERS, Filter, check_searched
from howmuch.usecases.validation import check_line, parse_date
from howmuch.v1 import event_service_pb2, expense_service_pb2

CHANGE_ORDERS = ("revision", "revision desc")


def parse_order(order_by: str, orders: Sequence[str]) -> str:
    """The order of a list; the first one if none is given. Like field masks, it may have JSON names."""
    order = re.sub("[A-Z]", lambda found: "_" + found[0].lower(), " ".join(order_by.split()))
    order = order.removesuffix(" asc") or orders[0]
    if order not in orders:
        raise invalid(
            "order_by",
            "ORDER_UNKNOWN",
            f"{order_by[:60]!r} is not an order; these are: {', '.join(orders)}.",
        )
    return order


def parse_wanted(
    request: event_service_pb2.GetBalancesRequest
    | event_service_pb2.GetSettlementRequest
    | event_service_pb2.GetTotalsRequest,
) -> Wanted:
    """The expenses that count. InvalidArgument names all wrong fields."""
    wrong, as_of_date = Violations(), None
    with wrong:
        as_of_date = parse_date(request.as_of_date, "as_of_date") if request.as_of_date else None
    wanted = Wanted(as_of_date, request.currency_code)
    with wrong:
        wanted.check_currency()
    wrong.raise_any()
    return wanted


def parse_filter(request: expense_service_pb2.ListExpensesRequest, event: Event) -> Filter:
    """Which expenses a list is to show, and in which order. InvalidArgument names all wrong fields."""
    wrong = Violations()
    with wrong:
        order = parse_order(request.order_by, ORDERS)
    with wrong:
        dates = _parse_dates(request)
    with wrong:
        amounts = _parse_amounts(request, event)
    with wrong:
        member_id = optional_id(MEMBER, request.member_id, "member_id")
    with wrong:
        payer_id = optional_id(MEMBER, request.payer_member_id, "payer_member_id")
    with wrong:
        beneficiary_id = optional_id(MEMBER, request.beneficiary_member_id, "beneficiary_member_id")
    with wrong:
        category = check_line(request.category, "category", length=CATEGORY_LENGTH, required=False)
    with wrong:
        text = check_searched(request.text) if request.text.strip() else ""
    with wrong:
        kind = parse_kind(request.kind, "kind") if request.kind else None
    wrong.raise_any()
    return Filter(
        order=order,
        member_id=member_id,
        category=category,
        text=text,
        kind=kind,
        deleted=request.show_deleted,
        payer_id=payer_id,
        beneficiary_id=beneficiary_id,
        only_deleted=request.only_deleted,
        **dates,
        **amounts,
    )


def _parse_dates(request: expense_service_pb2.ListExpensesRequest) -> dict[str, Any]:
    """The dates of a filter."""
    wrong, from_date, to_date = Violations(), None, None
    with wrong:
        from_date = parse_date(request.from_date, "from_date") if request.from_date else None
    with wrong:
        to_date = parse_date(request.to_date, "to_date") if request.to_date else None
    wrong.raise_any()
    if from_date and to_date and from_date > to_date:
        raise invalid(
            "to_date", "DATES_REVERSED", f"{to_date} is before from_date, which is {from_date}."
        )
    return {"from_date": from_date, "to_date": to_date}


def _parse_amounts(
    request: expense_service_pb2.ListExpensesRequest, event: Event
) -> dict[str, Any]:
    """The currency and the amounts of a filter. Amounts without a currency are in that of the event."""
    wrong, code, least, most = Violations(), request.currency_code, None, None
    if request.min_amount or request.max_amount:
        code = code or event.currency_code
    if code:
        minor_digits(code, "currency_code")
    with wrong:
        least = _parse_bound(request.min_amount, code, "min_amount")
    with wrong:
        most = _parse_bound(request.max_amount, code, "max_amount")
    wrong.raise_any()
    if least is not None and most is not None and least > most:
        raise invalid(
            "max_amount",
            "AMOUNTS_REVERSED",
            f"{request.max_amount} is below min_amount, which is {request.min_amount}.",
        )
    return {"currency_code": code, "min_minor": least, "max_minor": most}


def _parse_bound(text: str, code: str, field: str) -> int | None:
    return parse_amount(text, code, field=field, allow_zero=True) if text else None
