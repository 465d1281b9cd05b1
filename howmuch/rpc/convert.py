"""From the records of use cases to messages."""

import datetime as dt
from typing import Any

from howmuch.ledger.money import format_amount, format_percent
from howmuch.ledger.shares import share_net
from howmuch.ledger.split import (
    OWN_WEIGHT,
    AdjustedSplit,
    EqualSplit,
    ExactSplit,
    ItemizedSplit,
    PercentSplit,
    Split,
    UsualSplit,
    WeightsSplit,
)
from howmuch.model import Comment, Event, Expense, Invitation, Member, Session, User
from howmuch.rpc.mapping import ROLES, message_maker, timestamp
from howmuch.usecases.appearance import default_colour, initials
from howmuch.usecases.events import KEPT_AFTER_DELETE, MyEvent
from howmuch.usecases.history import Change, Resource
from howmuch.v1 import change_pb2, event_pb2, expense_pb2, user_pb2
from howmuch.weights import Weight, format_weight, weights_of

MAIL_MODES = {
    "EACH_CHANGE": user_pb2.MAIL_MODE_EACH_CHANGE,
    "DAILY_DIGEST": user_pb2.MAIL_MODE_DAILY_DIGEST,
    "OFF": user_pb2.MAIL_MODE_OFF,
}

user_message = message_maker(
    user_pb2.User, User, {"mail_mode": lambda user: MAIL_MODES[user.mail_mode]}
)
# The link is a secret and needs the address of the server; history has an invitation without both.
invitation_message = message_maker(event_pb2.Invitation, Invitation, left_out=("mail", "link"))
event_message = message_maker(
    event_pb2.Event,
    Event,
    {
        "purge_time": lambda event: timestamp(
            event.delete_time and event.delete_time + KEPT_AFTER_DELETE
        ),
        "default_split": lambda event: (
            event.default_split and split_message(event.default_split, event.currency_code)
        ),
    },
    # They depend on the reader; history has an event without them.
    left_out=("role", "member_id"),
)
_member_message = message_maker(
    event_pb2.Member,
    Member,
    {
        "state": lambda member: (
            event_pb2.MEMBER_STATE_ACTIVE if member.active else event_pb2.MEMBER_STATE_INACTIVE
        ),
        "aliases": lambda member: member.aliases,
        "weight": lambda member: weight_fields(member.weight).get("weight"),
        "weight_decimal": lambda member: weight_fields(member.weight).get("weight_decimal"),
        "colour": lambda member: member.colour or default_colour(member.id),
        "initials": lambda member: initials(member.name),
    },
    left_out=("muted", "mail_only_mine", "namesake_member_id"),
)
comment_message = message_maker(expense_pb2.Comment, Comment)
_session_message = message_maker(user_pb2.Session, Session, left_out=("current",))
_expense_message = message_maker(
    expense_pb2.Expense,
    Expense,
    {
        "amount": lambda expense: format_amount(
            expense.draft.amount_minor, expense.draft.currency_code
        ),
        "split": lambda expense: split_message(expense.draft.split, expense.draft.currency_code),
        "settlement_transfer": lambda expense: _settlement_message(expense),
    },
    left_out=("payments", "shares", "dated_ahead"),
)


def session_message(session: Session, current_id: str) -> user_pb2.Session:
    """A session; current_id: that of the request."""
    message = _session_message(session)
    message.current = session.id == current_id
    return message


def member_message(member: Member, reader_id: str) -> event_pb2.Member:
    """A member. reader_id: the member who reads; only they see which mail they get."""
    message = _member_message(member)
    if member.id == reader_id:
        message.muted = member.muted
        message.mail_only_mine = member.mail_only_mine
    return message


def my_event_message(mine: MyEvent) -> event_pb2.Event:
    """An event as its member sees it."""
    message = event_message(mine.event)
    message.role = ROLES[mine.role]
    message.member_id = mine.member_id
    return message


def expense_message(expense: Expense, today: dt.date | None = None) -> expense_pb2.Expense:
    """An expense. today: of its event, to mark an expense dated ahead; None means no mark."""
    message = _expense_message(expense)
    if today and expense.draft.date > today:
        message.dated_ahead = True
    kind, code = expense.draft.kind, expense.draft.currency_code
    # Made where they are to be: messages handed over in a list are copied, which takes nearly twice as long.
    for payment in expense.draft.payments:
        message.payments.add(
            member_id=payment.member_id, amount=format_amount(payment.amount_minor, code)
        )
    for share in expense.shares:
        message.shares.add(
            member_id=share.member_id,
            paid=format_amount(share.paid_minor, code),
            owed=format_amount(share.owed_minor, code),
            net=format_amount(share_net(kind, share), code),
        )
    return message


def split_message(split: Split, currency_code: str) -> expense_pb2.Split:
    """The message of a split."""
    message = expense_pb2.Split()
    match split:
        case EqualSplit(member_ids):
            message.equal.SetInParent()
            message.equal.member_ids.extend(member_ids)
        case WeightsSplit():
            message.weights.SetInParent()
            for member_id, weight in weights_of(split):
                message.weights.parts.add(member_id=member_id, **weight_fields(weight))
        case PercentSplit(parts):
            message.percent.SetInParent()
            for member_id, units in parts:
                message.percent.parts.add(member_id=member_id, percent=format_percent(units))
        case ExactSplit(parts):
            message.exact.SetInParent()
            for member_id, minor in parts:
                amount = format_amount(minor, currency_code)
                message.exact.parts.add(member_id=member_id, amount=amount)
        case AdjustedSplit(parts):
            message.adjusted.SetInParent()
            for member_id, minor in parts:
                amount = format_amount(minor, currency_code)
                message.adjusted.parts.add(member_id=member_id, adjustment=amount)
        case ItemizedSplit(items, tax_minor, tip_minor):
            message.itemized.tax = format_amount(tax_minor, currency_code)
            message.itemized.tip = format_amount(tip_minor, currency_code)
            for item in items:
                message.itemized.items.add(
                    name=item.name,
                    amount=format_amount(item.amount_minor, currency_code),
                    member_ids=item.member_ids,
                )
        case UsualSplit():
            raise AssertionError("a split that is not filled in is not answered")
    return message


def weight_fields(weight: Weight) -> dict[str, Any]:
    """The fields of a weight: one of two, or none for OWN_WEIGHT."""
    if isinstance(weight, int):
        return {} if weight == OWN_WEIGHT else {"weight": weight}
    return {"weight_decimal": format_weight(weight)}


def _settlement_message(expense: Expense) -> expense_pb2.SettlementTransfer | None:
    if expense.settlement_revision is None:
        return None
    return expense_pb2.SettlementTransfer(
        revision=expense.settlement_revision, index=expense.settlement_index
    )


CHANGE_KINDS = dict(change_pb2.ChangeKind.items())
change_message = message_maker(
    change_pb2.Change,
    Change,
    {
        # A kind that a later version has added is 0.
        "kind": lambda change: CHANGE_KINDS.get(f"CHANGE_KIND_{change.kind}", 0),
        "before": lambda change: _snapshot(change.before),
        "after": lambda change: _snapshot(change.after),
    },
    # They are in the words of a reader: rpc.activity.
    left_out=("summary", "differences"),
)


def _snapshot(resource: Resource | None) -> change_pb2.Snapshot | None:
    match resource:
        case None:
            return None
        case Event():
            return change_pb2.Snapshot(event=event_message(resource))
        case Member():
            return change_pb2.Snapshot(member=_member_message(resource))
        case Invitation():
            return change_pb2.Snapshot(invitation=invitation_message(resource))
        case Expense():
            return change_pb2.Snapshot(expense=expense_message(resource))
        case Comment():
            return change_pb2.Snapshot(comment=comment_message(resource))
