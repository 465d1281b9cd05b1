"""The demo: two new users enter a trip over gRPC, and read its settlement."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from howmuch.client.calls import Caller, Server
from howmuch.client.trip import (
    ENTRIES,
    EVENT_DESCRIPTION,
    EVENT_NAME,
    GUESTS,
    INVITED,
    OWNER,
    Entry,
)
from howmuch.ledger.money import format_amount, format_percent
from howmuch.ledger.split import (
    AdjustedSplit,
    EqualSplit,
    ExactSplit,
    ItemizedSplit,
    PercentSplit,
    Split,
    UsualSplit,
    WeightsSplit,
)
from howmuch.v1 import (
    event_pb2,
    event_service_pb2,
    expense_pb2,
    expense_service_pb2,
    user_service_pb2,
)
from howmuch.weights import format_weight, weights_of


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the demo."""

    name: str
    email: str
    password: str
    caller: Caller


@dataclass(frozen=True, slots=True)
class Demo:
    """The answers of the server. names: member id to name, the owner first."""

    owner: Account
    event: event_pb2.Event
    names: Mapping[str, str]
    balances: event_pb2.Balances
    settlement: event_pb2.Settlement
    totals: event_pb2.Totals


def play(server: Server) -> Demo:
    """Create users, an event and its expenses, and read the result. Raises grpc.RpcError.

    Each run creates a new event and changes nothing else.
    """
    owner, invited = _sign_up(server, OWNER), _sign_up(server, INVITED)
    event = owner.caller.write(
        server.events.CreateEvent,
        event_service_pb2.CreateEventRequest(
            event=event_pb2.Event(
                name=EVENT_NAME, description=EVENT_DESCRIPTION, currency_code="EUR"
            )
        ),
    )
    ids = {OWNER: event.member_id}
    for name in GUESTS:
        request = event_service_pb2.AddMemberRequest(event_id=event.id, name=name)
        ids[name] = owner.caller.write(server.events.AddMember, request).id
    _invite(server, owner, invited, event.id, ids[INVITED])
    for entry in ENTRIES:
        # Ben enters the expenses that he alone paid, Ana all others.
        writer = invited if list(entry.paid) == [INVITED] else owner
        writer.caller.write(
            server.expenses.CreateExpense,
            expense_service_pb2.CreateExpenseRequest(
                event_id=event.id, expense=to_expense(entry, ids)
            ),
        )
    return _read(server, owner, event.id, ids)


def _sign_up(server: Server, name: str) -> Account:
    email = f"{name.lower()}.{secrets.token_hex(4)}@example.com"
    password = secrets.token_urlsafe(12)
    public = Caller()
    public.write(
        server.users.SignUp,
        user_service_pb2.SignUpRequest(email=email, password=password, name=name),
    )
    session = public.write(
        server.users.LogIn,
        user_service_pb2.LogInRequest(email=email, password=password, client="howmuch demo"),
    )
    return Account(name, email, password, Caller(session.token))


def _invite(
    server: Server, owner: Account, invited: Account, event_id: str, member_id: str
) -> None:
    """Let the invited user take over their guest."""
    invitation = owner.caller.write(
        server.events.CreateInvitation,
        event_service_pb2.CreateInvitationRequest(
            event_id=event_id, role=event_pb2.ROLE_EDITOR, member_id=member_id
        ),
    )
    invited.caller.write(
        server.events.AcceptInvitation,
        event_service_pb2.AcceptInvitationRequest(token=invitation.token, member_id=member_id),
    )


def _read(server: Server, owner: Account, event_id: str, ids: Mapping[str, str]) -> Demo:
    events, read = server.events, owner.caller.read
    return Demo(
        owner=owner,
        event=read(events.GetEvent, event_service_pb2.GetEventRequest(event_id=event_id)),
        names={member_id: name for name, member_id in ids.items()},
        balances=read(events.GetBalances, event_service_pb2.GetBalancesRequest(event_id=event_id)),
        settlement=read(
            events.GetSettlement, event_service_pb2.GetSettlementRequest(event_id=event_id)
        ),
        totals=read(events.GetTotals, event_service_pb2.GetTotalsRequest(event_id=event_id)),
    )


def to_expense(entry: Entry, ids: Mapping[str, str]) -> expense_pb2.Expense:
    """Convert an entry to a message. ids: name to member id."""
    code = entry.currency_code
    return expense_pb2.Expense(
        kind=expense_pb2.ExpenseKind.Value(f"EXPENSE_KIND_{entry.kind}"),
        reason=entry.reason,
        date=entry.date,
        category=entry.category,
        currency_code=code,
        amount=format_amount(entry.amount_minor, code),
        payments=[
            expense_pb2.Payment(member_id=ids[name], amount=format_amount(minor, code))
            for name, minor in entry.paid.items()
        ],
        split=_to_split(entry.split, code, ids),
    )


def _to_split(split: Split, code: str, ids: Mapping[str, str]) -> expense_pb2.Split:
    match split:
        case EqualSplit(names):
            equal = expense_pb2.EqualSplit(member_ids=[ids[name] for name in names])
            return expense_pb2.Split(equal=equal)
        case WeightsSplit():
            weights = expense_pb2.WeightsSplit()
            for name, weight in weights_of(split):
                weights.parts.add(member_id=ids[name], weight_decimal=format_weight(weight))
            return expense_pb2.Split(weights=weights)
        case PercentSplit(parts):
            percent = expense_pb2.PercentSplit()
            for name, units in parts:
                percent.parts.add(member_id=ids[name], percent=format_percent(units))
            return expense_pb2.Split(percent=percent)
        case ExactSplit(parts):
            exact = expense_pb2.ExactSplit()
            for name, minor in parts:
                exact.parts.add(member_id=ids[name], amount=format_amount(minor, code))
            return expense_pb2.Split(exact=exact)
        case AdjustedSplit(parts):
            adjusted = expense_pb2.AdjustedSplit()
            for name, minor in parts:
                adjusted.parts.add(member_id=ids[name], adjustment=format_amount(minor, code))
            return expense_pb2.Split(adjusted=adjusted)
        case ItemizedSplit():
            return expense_pb2.Split(itemized=_to_itemized(split, code, ids))
        case UsualSplit():
            return expense_pb2.Split()


def _to_itemized(
    split: ItemizedSplit, code: str, ids: Mapping[str, str]
) -> expense_pb2.ItemizedSplit:
    itemized = expense_pb2.ItemizedSplit(
        tax=format_amount(split.tax_minor, code), tip=format_amount(split.tip_minor, code)
    )
    for item in split.items:
        itemized.items.add(
            name=item.name,
            amount=format_amount(item.amount_minor, code),
            member_ids=[ids[name] for name in item.member_ids],
        )
    return itemized
