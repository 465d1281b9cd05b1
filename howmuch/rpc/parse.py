"""From messages to the arguments of use cases. Errors name fields relative to the message that is parsed."""

import datetime as dt
from collections.abc import Collection
from typing import Any, TypeVar

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
from howmuch.model import Draft, Event, Expense, Payment, Role
from howmuch.rpc.convert import MAIL_MODES, expense_message
from howmuch.rpc.mapping import KINDS, ROLES, same_fields, settable_fields
from howmuch.usecases.days import date_in
from howmuch.usecases.validation import check_time_zone, parse_date
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


def parse_today(time_zone: str, event: Event, now: dt.datetime) -> dt.date:
    """The date of a new expense that gives none. time_zone: of the client; empty means that of the event."""
    zone = check_time_zone(time_zone, "time_zone") if time_zone else event.time_zone
    return date_in(zone, now)


def parse_draft(
    message: expense_pb2.Expense, event_currency_code: str, today: dt.date | None = None
) -> Draft:
    """The draft of an expense. event_currency_code, today: used if the message has no currency, and no date.

    today: None means that the date is required.
    """
    code = message.currency_code or event_currency_code
    minor_digits(code, "currency_code")
    payments = _parse_payments(message, code)
    amount = message.amount
    if payments and not amount:
        # Through the parser, which refuses a sum that is too large.
        amount = format_amount(sum(payment.amount_minor for payment in payments), code)
    amount_minor = parse_amount(amount, code, field="amount")
    same: dict[str, Any] = {name: getattr(message, name) for name in _SAME_IN_DRAFT}
    return Draft(
        kind=parse_kind(message.kind, "kind"),
        date=today if today and not message.date else parse_date(message.date, "date"),
        currency_code=code,
        amount_minor=amount_minor,
        payments=payments,
        split=parse_split(message.split, code),
        **same,
    )


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


def _all_have_amounts(message: expense_pb2.Expense) -> bool:
    return bool(message.payments) and all(payment.amount for payment in message.payments)


def _parse_payments(message: expense_pb2.Expense, code: str) -> tuple[Payment, ...]:
    parsed = []
    for index, payment in enumerate(message.payments):
        field = f"payments[{index}]"
        check_id(MEMBER, payment.member_id, f"{field}.member_id")
        # A member who paid alone paid all.
        alone = len(message.payments) == 1 and not payment.amount
        text = message.amount if alone else payment.amount
        amount_field = "amount" if alone else f"{field}.amount"
        parsed.append(Payment(payment.member_id, parse_amount(text, code, field=amount_field)))
    return tuple(parsed)


def parse_split(message: expense_pb2.Split, code: str) -> Split:
    """The split of a message. No mode means equally over all active members."""
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
