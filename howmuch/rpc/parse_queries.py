"""From requests that read to filters, orders and dates."""

import datetime as dt
from collections.abc import Sequence

from howmuch.errors import invalid
from howmuch.ids import MEMBER, check_id
from howmuch.ledger.currencies import minor_digits
from howmuch.ledger.money import parse_amount
from howmuch.model import CATEGORY_LENGTH, Event
from howmuch.rpc.parse import parse_kind
from howmuch.usecases.expense_search import ORDERS, Filter
from howmuch.usecases.validation import NAME_LENGTH, check_line, parse_date
from howmuch.v1 import expense_service_pb2

CHANGE_ORDERS = ("revision", "revision desc")


def parse_order(order_by: str, orders: Sequence[str]) -> str:
    """The order of a list; the first one if none is given."""
    order = " ".join(order_by.split()) or orders[0]
    if order not in orders:
        raise invalid(
            "order_by",
            "ORDER_UNKNOWN",
            f"{order_by[:60]!r} is not an order; these are: {', '.join(orders)}.",
        )
    return order


def parse_as_of_date(value: str) -> dt.date | None:
    """The date as of which to count. None means that all counts."""
    return parse_date(value, "as_of_date") if value else None


def parse_filter(request: expense_service_pb2.ListExpensesRequest, event: Event) -> Filter:
    """Which expenses a list is to show, and in which order."""
    from_date = parse_date(request.from_date, "from_date") if request.from_date else None
    to_date = parse_date(request.to_date, "to_date") if request.to_date else None
    if from_date and to_date and from_date > to_date:
        raise invalid(
            "to_date", "DATES_REVERSED", f"{to_date} is before from_date, which is {from_date}."
        )
    code = request.currency_code
    if request.min_amount or request.max_amount:
        code = code or event.currency_code
    if code:
        minor_digits(code, "currency_code")
    min_minor = _parse_bound(request.min_amount, code, "min_amount")
    max_minor = _parse_bound(request.max_amount, code, "max_amount")
    if min_minor is not None and max_minor is not None and min_minor > max_minor:
        raise invalid(
            "max_amount",
            "AMOUNTS_REVERSED",
            f"{request.max_amount} is below min_amount, which is {request.min_amount}.",
        )
    return Filter(
        order=parse_order(request.order_by, ORDERS),
        member_id=_optional_member_id(request.member_id, "member_id"),
        category=check_line(request.category, "category", length=CATEGORY_LENGTH, required=False),
        from_date=from_date,
        to_date=to_date,
        text=check_line(request.text, "text", length=NAME_LENGTH, required=False),
        kind=parse_kind(request.kind, "kind") if request.kind else None,
        deleted=request.show_deleted,
        payer_id=_optional_member_id(request.payer_member_id, "payer_member_id"),
        beneficiary_id=_optional_member_id(request.beneficiary_member_id, "beneficiary_member_id"),
        currency_code=code,
        min_minor=min_minor,
        max_minor=max_minor,
        only_deleted=request.only_deleted,
    )


def _parse_bound(text: str, code: str, field: str) -> int | None:
    return parse_amount(text, code, field=field, allow_zero=True) if text else None


def _optional_member_id(member_id: str, field: str) -> str:
    return check_id(MEMBER, member_id, field) if member_id else ""
