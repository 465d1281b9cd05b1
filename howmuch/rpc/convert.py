"""From the records of use cases to messages."""

import datetime as dt

from google.protobuf.timestamp_pb2 import Timestamp

from howmuch.ledger.money import format_amount, format_percent
from howmuch.ledger.shares import Kind, share_net
from howmuch.ledger.split import (
    AdjustedSplit,
    EqualSplit,
    ExactSplit,
    ItemizedSplit,
    PercentSplit,
    Split,
    WeightsSplit,
)
from howmuch.model import Event, Expense, Invitation, Member, Role, Session, User, etag
from howmuch.usecases.events import KEPT_AFTER_DELETE, MyEvent
from howmuch.usecases.history import Change, Resource
from howmuch.v1 import change_pb2, event_pb2, expense_pb2, user_pb2

ROLES = {
    Role.VIEWER: event_pb2.ROLE_VIEWER,
    Role.EDITOR: event_pb2.ROLE_EDITOR,
    Role.OWNER: event_pb2.ROLE_OWNER,
}
KINDS = {
    Kind.EXPENSE: expense_pb2.EXPENSE_KIND_EXPENSE,
    Kind.TRANSFER: expense_pb2.EXPENSE_KIND_TRANSFER,
    Kind.INCOME: expense_pb2.EXPENSE_KIND_INCOME,
}
MAIL_MODES = {
    "EACH_CHANGE": user_pb2.MAIL_MODE_EACH_CHANGE,
    "DAILY_DIGEST": user_pb2.MAIL_MODE_DAILY_DIGEST,
    "OFF": user_pb2.MAIL_MODE_OFF,
}

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def timestamp(instant: dt.datetime | None) -> Timestamp | None:
    """An instant as a message; None stays None."""
    if instant is None:
        return None
    # A page of expenses has hundreds of them, and FromDatetime takes three times as long.
    since = instant - EPOCH
    return Timestamp(seconds=since.days * 86_400 + since.seconds, nanos=since.microseconds * 1_000)


def user_message(user: User) -> user_pb2.User:
    """A user."""
    return user_pb2.User(
        id=user.id,
        email=user.email,
        email_verified=user.email_verified,
        name=user.name,
        locale=user.locale,
        time_zone=user.time_zone,
        currency_code=user.currency_code,
        mail_mode=MAIL_MODES[user.mail_mode],
        etag=etag(user.version),
        create_time=timestamp(user.create_time),
        update_time=timestamp(user.update_time),
    )


def session_message(session: Session, current_id: str) -> user_pb2.Session:
    """A session; current_id: that of the request."""
    return user_pb2.Session(
        id=session.id,
        client=session.client,
        current=session.id == current_id,
        create_time=timestamp(session.create_time),
        expire_time=timestamp(session.expire_time),
    )


def event_message(event: Event) -> event_pb2.Event:
    """An event as it is in history: without what depends on who asks."""
    return event_pb2.Event(
        id=event.id,
        name=event.name,
        description=event.description,
        currency_code=event.currency_code,
        revision=event.revision,
        etag=etag(event.version),
        create_time=timestamp(event.create_time),
        update_time=timestamp(event.update_time),
        archive_time=timestamp(event.archive_time),
        delete_time=timestamp(event.delete_time),
        purge_time=timestamp(event.delete_time and event.delete_time + KEPT_AFTER_DELETE),
    )


def my_event_message(mine: MyEvent) -> event_pb2.Event:
    """An event as its member sees it."""
    message = event_message(mine.event)
    message.role = ROLES[mine.role]
    message.member_id = mine.member_id
    return message


def member_message(member: Member) -> event_pb2.Member:
    """A member."""
    return event_pb2.Member(
        id=member.id,
        event_id=member.event_id,
        name=member.name,
        user_id=member.user_id or "",
        role=ROLES[member.role],
        weight=member.weight,
        state=event_pb2.MEMBER_STATE_ACTIVE if member.active else event_pb2.MEMBER_STATE_INACTIVE,
        muted=member.muted,
        create_time=timestamp(member.create_time),
    )


def invitation_message(invitation: Invitation) -> event_pb2.Invitation:
    """An invitation."""
    return event_pb2.Invitation(
        id=invitation.id,
        event_id=invitation.event_id,
        role=ROLES[invitation.role],
        member_id=invitation.member_id or "",
        email=invitation.email,
        token=invitation.token,
        max_uses=invitation.max_uses,
        use_count=invitation.use_count,
        create_time=timestamp(invitation.create_time),
        expire_time=timestamp(invitation.expire_time),
        revoke_time=timestamp(invitation.revoke_time),
    )


def expense_message(expense: Expense) -> expense_pb2.Expense:
    """An expense."""
    code = expense.currency_code
    message = expense_pb2.Expense(
        id=expense.id,
        event_id=expense.event_id,
        kind=KINDS[expense.kind],
        reason=expense.reason,
        date=expense.date.isoformat(),
        category=expense.category,
        notes=expense.notes,
        currency_code=code,
        amount=format_amount(expense.amount_minor, code),
        split=split_message(expense.split, code),
        etag=etag(expense.version),
        version=expense.version,
        creator_member_id=expense.creator_member_id,
        create_time=timestamp(expense.create_time),
        update_time=timestamp(expense.update_time),
        delete_time=timestamp(expense.delete_time),
    )
    # Made where they are to be: messages handed over in a list are copied, which takes nearly twice as long.
    for member_id, minor in expense.payments:
        message.payments.add(member_id=member_id, amount=format_amount(minor, code))
    for share in expense.shares:
        message.shares.add(
            member_id=share.member_id,
            paid=format_amount(share.paid_minor, code),
            owed=format_amount(share.owed_minor, code),
            net=format_amount(share_net(expense.kind, share), code),
        )
    return message


def split_message(split: Split, currency_code: str) -> expense_pb2.Split:
    """How a cost divides."""
    match split:
        case EqualSplit(member_ids):
            return expense_pb2.Split(equal=expense_pb2.EqualSplit(member_ids=member_ids))
        case WeightsSplit(weights):
            weighted = expense_pb2.WeightsSplit(
                parts=[
                    expense_pb2.WeightsSplit.Part(member_id=member_id, weight=weight)
                    for member_id, weight in weights
                ]
            )
            return expense_pb2.Split(weights=weighted)
        case PercentSplit(percents):
            percent = expense_pb2.PercentSplit(
                parts=[
                    expense_pb2.PercentSplit.Part(
                        member_id=member_id, percent=format_percent(units)
                    )
                    for member_id, units in percents
                ]
            )
            return expense_pb2.Split(percent=percent)
        case ExactSplit(amounts):
            exact = expense_pb2.ExactSplit(
                parts=[
                    expense_pb2.ExactSplit.Part(
                        member_id=member_id, amount=format_amount(minor, currency_code)
                    )
                    for member_id, minor in amounts
                ]
            )
            return expense_pb2.Split(exact=exact)
        case AdjustedSplit(adjustments):
            adjusted = expense_pb2.AdjustedSplit(
                parts=[
                    expense_pb2.AdjustedSplit.Part(
                        member_id=member_id, adjustment=format_amount(minor, currency_code)
                    )
                    for member_id, minor in adjustments
                ]
            )
            return expense_pb2.Split(adjusted=adjusted)
        case ItemizedSplit(items, tax_minor, tip_minor):
            itemized = expense_pb2.ItemizedSplit(
                items=[
                    expense_pb2.ItemizedSplit.Item(
                        name=item.name,
                        amount=format_amount(item.amount_minor, currency_code),
                        member_ids=item.member_ids,
                    )
                    for item in items
                ],
                tax=format_amount(tax_minor, currency_code),
                tip=format_amount(tip_minor, currency_code),
            )
            return expense_pb2.Split(itemized=itemized)


def change_message(change: Change) -> change_pb2.Change:
    """A change."""
    return change_pb2.Change(
        event_id=change.event_id,
        revision=change.revision,
        kind=change_pb2.ChangeKind.Value(f"CHANGE_KIND_{change.kind}"),
        actor_member_id=change.actor_member_id,
        subject_id=change.subject_id,
        before=_snapshot(change.before),
        after=_snapshot(change.after),
        create_time=timestamp(change.create_time),
    )


def _snapshot(resource: Resource | None) -> change_pb2.Snapshot | None:
    match resource:
        case None:
            return None
        case Event():
            return change_pb2.Snapshot(event=event_message(resource))
        case Member():
            member = member_message(resource)
            # Whether somebody reads their mail is their own business.
            member.ClearField("muted")
            return change_pb2.Snapshot(member=member)
        case Invitation():
            return change_pb2.Snapshot(invitation=invitation_message(resource))
        case Expense():
            return change_pb2.Snapshot(expense=expense_message(resource))
