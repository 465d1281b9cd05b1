"""From messages to what use cases take. Errors name fields relative to the message that is parsed."""

from collections.abc import Collection
from typing import TypeVar

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from howmuch.errors import invalid
from howmuch.ids import MEMBER, check_id
from howmuch.ledger.currencies import minor_digits
from howmuch.ledger.money import format_amount, parse_amount, parse_percent
from howmuch.ledger.shares import Kind
from howmuch.ledger.split import (
    AdjustedSplit,
    EqualSplit,
    ExactSplit,
    Item,
    ItemizedSplit,
    PercentSplit,
    Split,
    WeightsSplit,
)
from howmuch.model import Draft, Expense, Role
from howmuch.rpc.convert import KINDS, MAIL_MODES, ROLES, expense_message
from howmuch.usecases.expense_search import ORDERS, Filter
from howmuch.usecases.validation import CATEGORY_LENGTH, NAME_LENGTH, check_line, parse_date
from howmuch.v1 import event_pb2, expense_pb2, expense_service_pb2, user_pb2

Value = TypeVar("Value")

# Where nothing is set, the default.
_ROLES: dict[int, Role] = {0: Role.EDITOR} | {number: role for role, number in ROLES.items()}
_KINDS: dict[int, Kind] = {0: Kind.EXPENSE} | {number: kind for kind, number in KINDS.items()}
_STATES: dict[int, bool] = {
    event_pb2.MEMBER_STATE_ACTIVE: True,
    event_pb2.MEMBER_STATE_INACTIVE: False,
}
_MAIL_MODES: dict[int, str] = {0: "EACH_CHANGE"} | {
    number: mode for mode, number in MAIL_MODES.items()
}

EXPENSE_FIELDS = (
    "kind",
    "reason",
    "date",
    "category",
    "notes",
    "currency_code",
    "amount",
    "payments",
    "split",
)


def _of_enum(values: dict[int, Value], number: int, field: str) -> Value:
    """The value of an enum's number. proto3 lets any number through."""
    if number not in values:
        known = ", ".join(str(value) for value in sorted(values))
        raise invalid(
            field, "ENUM_UNKNOWN", f"{number} is not a value of this enum; its values are {known}."
        )
    return values[number]


def parse_role(number: event_pb2.Role.ValueType, field: str) -> Role:
    """A role; none is EDITOR."""
    return _of_enum(_ROLES, number, field)


def parse_active(number: event_pb2.MemberState.ValueType, field: str) -> bool:
    """Whether a state is ACTIVE."""
    return _of_enum(_STATES, number, field)


def parse_kind(number: expense_pb2.ExpenseKind.ValueType, field: str) -> Kind:
    """A kind of expense; none is EXPENSE."""
    return _of_enum(_KINDS, number, field)


def parse_mail_mode(number: user_pb2.MailMode.ValueType, field: str) -> str:
    """A mail mode; none is EACH_CHANGE."""
    return _of_enum(_MAIL_MODES, number, field)


def fields_to_change(message: Message, mask: FieldMask, allowed: Collection[str]) -> list[str]:
    """Which fields an update changes: those of the mask, or without one, those that are set.

    allowed: fields that can be changed. Others that the message has are passed over, since a client may
    send back all it read (AIP-203); names that it does not have are refused.
    """
    paths = list(mask.paths)
    if paths == ["*"]:
        return list(allowed)
    if not paths:
        return [field.name for field, _ in message.ListFields() if field.name in allowed]
    # Not fields_by_name, which ends a name at a NUL.
    known = {field.name for field in message.DESCRIPTOR.fields}
    for index, path in enumerate(paths):
        field, *nested = path.split(".")
        if field not in known:
            raise invalid(
                f"update_mask.paths[{index}]",
                "FIELD_UNKNOWN",
                f"{path[:60]!r} is not a field of {message.DESCRIPTOR.name}; these can be changed:"
                f" {', '.join(allowed)}.",
            )
        if nested:
            raise invalid(
                f"update_mask.paths[{index}]",
                "FIELD_IS_WHOLE",
                f"{path[:60]!r} lies inside {field!r}, which is replaced as a whole: name that.",
            )
    return [path for path in dict.fromkeys(paths) if path in allowed]


def parse_draft(message: expense_pb2.Expense, event_currency_code: str) -> Draft:
    """What somebody wants an expense to be. event_currency_code: where it names none."""
    code = message.currency_code or event_currency_code
    minor_digits(code, "currency_code")
    payments = _parse_payments(message, code)
    if message.amount:
        amount_minor = parse_amount(message.amount, code, field="amount")
    elif payments:
        # Through the parser, which refuses a sum that is too large.
        total = sum(minor for _, minor in payments)
        amount_minor = parse_amount(format_amount(total, code), code, field="amount")
    else:
        amount_minor = parse_amount("", code, field="amount")
    return Draft(
        kind=parse_kind(message.kind, "kind"),
        reason=message.reason,
        date=parse_date(message.date, "date"),
        category=message.category,
        notes=message.notes,
        currency_code=code,
        amount_minor=amount_minor,
        payments=payments,
        split=parse_split(message.split, code),
    )


def parse_revised(current: Expense, given: expense_pb2.Expense, changed: Collection[str]) -> Draft:
    """The draft of an expense with some fields of `given` put over it."""
    message = expense_message(current)
    for name in changed:
        message.ClearField(name)  # type: ignore[arg-type]
    picked = expense_pb2.Expense()
    picked.CopyFrom(given)
    for field, _ in given.ListFields():
        if field.name not in changed:
            picked.ClearField(field.name)  # type: ignore[arg-type]
    message.MergeFrom(picked)
    if "amount" in changed and "payments" not in changed and len(message.payments) == 1:
        message.payments[0].amount = ""
    if "payments" in changed and "amount" not in changed and _all_have_amounts(message):
        message.amount = ""
    return parse_draft(message, current.currency_code)


def _all_have_amounts(message: expense_pb2.Expense) -> bool:
    return bool(message.payments) and all(payment.amount for payment in message.payments)


def _parse_payments(message: expense_pb2.Expense, code: str) -> tuple[tuple[str, int], ...]:
    parsed = []
    for index, payment in enumerate(message.payments):
        field = f"payments[{index}]"
        check_id(MEMBER, payment.member_id, f"{field}.member_id")
        # Who paid alone paid it all.
        alone = len(message.payments) == 1 and not payment.amount
        text = message.amount if alone else payment.amount
        amount_field = "amount" if alone else f"{field}.amount"
        parsed.append((payment.member_id, parse_amount(text, code, field=amount_field)))
    return tuple(parsed)


def parse_split(message: expense_pb2.Split, code: str) -> Split:
    """How a cost is to divide; no mode at all: equally over all active members."""
    match message.WhichOneof("mode"):
        case None:
            return EqualSplit(())
        case "equal":
            return EqualSplit(_member_ids(message.equal.member_ids, "split.equal.member_ids"))
        case "weights":
            return WeightsSplit(
                tuple(
                    (_member_id(part.member_id, "weights", index), _weight(part.weight, index))
                    for index, part in enumerate(message.weights.parts)
                )
            )
        case "percent":
            return PercentSplit(
                tuple(
                    (
                        _member_id(part.member_id, "percent", index),
                        parse_percent(part.percent, f"split.percent.parts[{index}].percent"),
                    )
                    for index, part in enumerate(message.percent.parts)
                )
            )
        case "exact":
            return ExactSplit(
                tuple(
                    (
                        _member_id(part.member_id, "exact", index),
                        parse_amount(
                            part.amount,
                            code,
                            field=f"split.exact.parts[{index}].amount",
                            allow_zero=True,
                        ),
                    )
                    for index, part in enumerate(message.exact.parts)
                )
            )
        case "adjusted":
            return AdjustedSplit(
                tuple(
                    (
                        _member_id(part.member_id, "adjusted", index),
                        parse_amount(
                            part.adjustment or "0",
                            code,
                            field=f"split.adjusted.parts[{index}].adjustment",
                            signed=True,
                        ),
                    )
                    for index, part in enumerate(message.adjusted.parts)
                )
            )
        case "itemized":
            return _parse_itemized(message.itemized, code)


def _parse_itemized(message: expense_pb2.ItemizedSplit, code: str) -> ItemizedSplit:
    path = "split.itemized"
    return ItemizedSplit(
        items=tuple(
            Item(
                name=item.name,
                amount_minor=parse_amount(item.amount, code, field=f"{path}.items[{index}].amount"),
                member_ids=_member_ids(item.member_ids, f"{path}.items[{index}].member_ids"),
            )
            for index, item in enumerate(message.items)
        ),
        tax_minor=parse_amount(message.tax or "0", code, field=f"{path}.tax", allow_zero=True),
        tip_minor=parse_amount(message.tip or "0", code, field=f"{path}.tip", allow_zero=True),
    )


def _weight(weight: int, index: int) -> int:
    """A weight; 0 stands for the member's own and is filled in by the use case."""
    if weight < 0:
        raise invalid(
            f"split.weights.parts[{index}].weight",
            "WEIGHT_OUT_OF_RANGE",
            f"{weight} is below zero; a weight is 1 to 1,000,000, or left out.",
        )
    return weight


def _member_id(member_id: str, mode: str, index: int) -> str:
    return check_id(MEMBER, member_id, f"split.{mode}.parts[{index}].member_id")


def _member_ids(member_ids: Collection[str], field: str) -> tuple[str, ...]:
    return tuple(
        check_id(MEMBER, member_id, f"{field}[{index}]")
        for index, member_id in enumerate(member_ids)
    )


def parse_filter(request: expense_service_pb2.ListExpensesRequest) -> Filter:
    """Which expenses a list is to show, and in which order."""
    order = " ".join(request.order_by.split()) or ORDERS[0]
    if order not in ORDERS:
        raise invalid(
            "order_by",
            "ORDER_UNKNOWN",
            f"{request.order_by[:60]!r} is not an order; these are: {', '.join(ORDERS)}.",
        )
    from_date = parse_date(request.from_date, "from_date") if request.from_date else None
    to_date = parse_date(request.to_date, "to_date") if request.to_date else None
    if from_date and to_date and from_date > to_date:
        raise invalid(
            "to_date", "DATES_REVERSED", f"{to_date} is before from_date, which is {from_date}."
        )
    return Filter(
        order=order,
        member_id=check_id(MEMBER, request.member_id, "member_id") if request.member_id else "",
        category=check_line(request.category, "category", length=CATEGORY_LENGTH, required=False),
        from_date=from_date,
        to_date=to_date,
        text=check_line(request.text, "text", length=NAME_LENGTH, required=False),
        kind=parse_kind(request.kind, "kind") if request.kind else None,
        deleted=request.show_deleted,
    )
