"""From messages to the arguments of use cases. Errors name fields relative to the message that is parsed."""

import datetime as dt
from collections.abc import Collection
from typing import Any, TypeVar

from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from howmuch.errors import Violations, invalid
from howmuch.ledger.currencies import CURRENCIES, minor_digits
from howmuch.ledger.shares import Kind
from howmuch.ledger.split import EqualSplit
from howmuch.model import Draft, Event, Expense, Role
from howmuch.rpc.convert import MAIL_MODES, expense_message
from howmuch.rpc.mapping import KINDS, ROLES, same_fields, settable_fields
from howmuch.rpc.parse_money import Money, check_in_any_currency, parse_money
from howmuch.usecases.days import date_in
from howmuch.usecases.expense_size import SettlementPlace
from howmuch.usecases.validation import (
    DRAFT_TEXTS,
    check_range,
    check_texts,
    check_time_zone,
    parse_date,
)
from howmuch.v1 import event_pb2, expense_pb2, user_pb2

Value = TypeVar("Value")

# 0, an unset field, means the default.
_ROLES: dict[int, Role] = {0: Role.EDITOR} | {number: role for role, number in ROLES.items()}
_KINDS: dict[int, Kind] = {0: Kind.EXPENSE} | {number: kind for kind, number in KINDS.items()}
_STATES: dict[int, bool] = {
    event_pb2.MEMBER_STATE_ACTIVE: True,
    event_pb2.MEMBER_STATE_INACTIVE: False,
}
_MAIL_MODES: dict[int, str] = {0: "EACH_CHANGE"} | {
    number: mode for mode, number in MAIL_MODES.items()
}

EXPENSE_FIELDS = settable_fields(expense_pb2.Expense)
# The fields of a draft that are as they are in the message.
_SAME_IN_DRAFT = set(same_fields(expense_pb2.Expense, Draft)) - {"currency_code"}


def _of_enum(values: dict[int, Value], number: int, field: str, enum: EnumDescriptor) -> Value:
    """The value of an enum's number. proto3 lets any number through."""
    if number not in values:
        names = {each.number: f"{each.name} ({each.number})" for each in enum.values}
        known = ", ".join(names[value] for value in sorted(values))
        raise invalid(
            field,
            "ENUM_UNKNOWN",
            f"{names.get(number, number)} is not allowed here; the values are {known}.",
        )
    return values[number]


def parse_role(number: event_pb2.Role.ValueType, field: str) -> Role:
    """A role; none is EDITOR."""
    return _of_enum(_ROLES, number, field, event_pb2.Role.DESCRIPTOR)


def parse_active(number: event_pb2.MemberState.ValueType, field: str) -> bool:
    """Whether a state is ACTIVE."""
    return _of_enum(_STATES, number, field, event_pb2.MemberState.DESCRIPTOR)


def parse_kind(number: expense_pb2.ExpenseKind.ValueType, field: str) -> Kind:
    """A kind of expense; none is EXPENSE."""
    return _of_enum(_KINDS, number, field, expense_pb2.ExpenseKind.DESCRIPTOR)


def parse_mail_mode(number: user_pb2.MailMode.ValueType, field: str) -> str:
    """A mail mode; none is EACH_CHANGE."""
    return _of_enum(_MAIL_MODES, number, field, user_pb2.MailMode.DESCRIPTOR)


def set_fields(message: Message, allowed: Collection[str]) -> list[str]:
    """The fields of `allowed` that a message sets. They are also those to check beside a wrong mask."""
    return [field.name for field, _ in message.ListFields() if field.name in allowed]


def fields_to_change(message: Message, mask: FieldMask, allowed: Collection[str]) -> list[str]:
    """Which fields an update changes: those of the mask, or without one, those that are set.

    allowed: fields that can be changed. Names that the message does not have are refused; `check_read_only`
    refuses new values of other fields.
    """
    paths = list(mask.paths)
    if paths == ["*"]:
        return list(allowed)
    if not paths:
        return set_fields(message, allowed)
    # Not fields_by_name, which ends a name at a NUL.
    known = {field.name for field in message.DESCRIPTOR.fields}
    wrong = Violations()
    for index, path in enumerate(paths):
        field, *nested = path.split(".")
        with wrong:
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
    wrong.raise_any()
    return [path for path in dict.fromkeys(paths) if path in allowed]


def parse_today(time_zone: str, event: Event, now: dt.datetime) -> dt.date:
    """The date of a new expense that gives none. time_zone: of the client; empty means that of the event."""
    zone = check_time_zone(time_zone, "time_zone") if time_zone else event.time_zone
    return date_in(zone, now)


def parse_draft(
    message: expense_pb2.Expense, event_currency_code: str, today: dt.date | None = None
) -> Draft:
    """The draft of an expense, with its texts clean.

    event_currency_code, today: used if the message has no currency, and no date. today: None means that the
    date is required. Raises InvalidArgument for all fields that are wrong, as far as that is known without
    the event.
    """
    wrong = Violations()
    code = message.currency_code or event_currency_code
    with wrong:
        minor_digits(code, "currency_code")
    with wrong:
        kind = parse_kind(message.kind, "kind")
    with wrong:
        date = today if today and not message.date else parse_date(message.date, "date")
    with wrong:
        texts = check_texts({name: getattr(message, name) for name in DRAFT_TEXTS})
    money = Money(0, (), EqualSplit(()))
    with wrong:
        if code in CURRENCIES:
            money = parse_money(message, code, in_full=bool(wrong))
        else:
            check_in_any_currency(message, event_currency_code)
    wrong.raise_any()
    same: dict[str, Any] = {name: getattr(message, name) for name in _SAME_IN_DRAFT}
    content = {**same, **texts, **money._asdict()}
    return Draft(kind=kind, date=date, currency_code=code, **content)


def parse_revised(current: Expense, given: expense_pb2.Expense, changed: Collection[str]) -> Draft:
    """The draft of an expense with some fields of `given` put over it."""
    message = expense_message(current)
    picked = expense_pb2.Expense()
    picked.CopyFrom(given)
    for field in EXPENSE_FIELDS:
        (message if field in changed else picked).ClearField(field)  # type: ignore[arg-type]
    message.MergeFrom(picked)
    if "amount" in changed and "payments" not in changed and len(message.payments) == 1:
        message.payments[0].amount = ""
    if "payments" in changed and "amount" not in changed and _all_have_amounts(message):
        message.amount = ""
    return parse_draft(message, current.draft.currency_code)


def parse_place(message: expense_pb2.Expense) -> SettlementPlace | None:
    """The payment of a settlement plan that the expense is; None if it is none."""
    if not message.HasField("settlement_transfer"):
        return None
    if message.kind != expense_pb2.EXPENSE_KIND_TRANSFER:
        raise invalid(
            "settlement_transfer",
            "SETTLEMENT_NEEDS_TRANSFER",
            "A payment of a settlement plan has the kind TRANSFER; this expense has another.",
        )
    place = message.settlement_transfer
    if not place.HasField("index"):
        raise invalid(
            "settlement_transfer.index",
            "INDEX_REQUIRED",
            "The index of the payment in the plan is required; the first has 0.",
        )
    index = check_range(place.index, "settlement_transfer.index", 0, 2**31 - 1)
    return SettlementPlace(place.revision, index)


def _all_have_amounts(message: expense_pb2.Expense) -> bool:
    return bool(message.payments) and all(payment.amount for payment in message.payments)
