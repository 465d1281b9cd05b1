"""The messages that cost a gRPC server most, and their cost: memory. Each has about four megabytes."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.message import Message

from howmuch.rpc.intake.bounds import MOST_SUBMESSAGES, MOST_TEXT_BYTES, MOST_VALUES
from howmuch.rpc.pages import MOST_PAGE_BYTES
from howmuch.usecases.expense_size import MOST_SHARES
from howmuch.v1 import (
    event_pb2,
    event_service_pb2,
    event_service_pb2_grpc,
    expense_pb2,
    expense_service_pb2,
    user_service_pb2,
    user_service_pb2_grpc,
)
from tests.gateway.worst_requests import AT_ONCE, forget_peak, peak_of

MOST_BYTES = 4 * 1024 * 1024
_CODE = grpc.StatusCode
_EXPENSE, _EVENT, _USER = (f"/howmuch.v1.{name}Service/" for name in ("Expense", "Event", "User"))
_ROOM = 64 * 1024
"""Bytes left for the rest of a message."""
_BATCH, _MEMBERS = 500, 19
_WIDE = "\N{GRINNING FACE}"
"""One such character makes Python keep all of a text in four bytes each."""
_CALL_SECONDS = 120.0
LOCAL = [("grpc.use_local_subchannel_pool", 1)]
"""Option of a channel with a connection of its own: on one connection, messages come one after the other."""


@dataclass(frozen=True)
class WorstMessage:
    """A call. codes: that may answer it."""

    name: str
    path: str
    wire: bytes
    codes: set[grpc.StatusCode]
    token: str = ""


@dataclass
class Caller:
    """A session, and an event of its user with the members of the largest batch."""

    token: str
    event: event_pb2.Event
    members: list[str] = field(default_factory=list)


def new_caller(channel: grpc.Channel) -> Caller:
    """A new user of a running server."""
    users = user_service_pb2_grpc.UserServiceStub(channel)
    events = event_service_pb2_grpc.EventServiceStub(channel)
    account = {"email": "ana@example.com", "password": "correct horse battery"}
    users.SignUp(user_service_pb2.SignUpRequest(**account, name="Ana"))
    token = users.LogIn(
        user_service_pb2.LogInRequest(email=account["email"], password=account["password"])
    ).token
    session = (("authorization", f"Bearer {token}"),)
    request = event_service_pb2.CreateEventRequest(
        event=event_pb2.Event(name="Lisbon", currency_code="EUR")
    )
    event = events.CreateEvent(request, metadata=session)
    caller = Caller(token, event, [event.member_id])
    for number in range(_MEMBERS - 1):
        guest = event_service_pb2.AddMemberRequest(event_id=event.id, name=f"Guest {number}")
        caller.members.append(events.AddMember(guest, metadata=session).id)
    return caller


def balances_of(channel: grpc.Channel, caller: Caller) -> event_pb2.Balances:
    """Read like any call."""
    events = event_service_pb2_grpc.EventServiceStub(channel)
    request = event_service_pb2.GetBalancesRequest(event_id=caller.event.id)
    session = (("authorization", f"Bearer {caller.token}"),)
    return events.GetBalances(request, metadata=session, timeout=10)


def worst_messages(caller: Caller) -> list[WorstMessage]:
    """Refused before they are decoded, refused after it, and carried out."""
    batch, add = _EXPENSE + "BatchCreateExpenses", _EXPENSE + "CreateExpense"
    refused, wrong, malformed = (
        {_CODE.RESOURCE_EXHAUSTED},
        {_CODE.UNAUTHENTICATED},
        {_CODE.INVALID_ARGUMENT},
    )
    # Refused by a rule, or as too much at once.
    read = malformed | refused
    # One after the other, so that the last ones may come too late.
    carried_out = {_CODE.OK, _CODE.DEADLINE_EXCEEDED, _CODE.UNAVAILABLE}
    empty = b"\x12\x00" * (MOST_BYTES // 2 - _ROOM)
    text = _WIDE + "a" * (MOST_BYTES - _ROOM)
    texts, longest = (
        ("reason", "notes", "category"),
        _WIDE + "a" * (MOST_TEXT_BYTES - len(_WIDE.encode())),
    )
    ids = ["m" * (MOST_BYTES // MOST_VALUES - 4)] * (MOST_VALUES - 100)
    everybody = expense_pb2.Split(equal=expense_pb2.EqualSplit(member_ids=ids))
    expenses = [expense_pb2.Expense(reason="a" * 60, amount="1")] * (MOST_SUBMESSAGES - 100)
    groups = b"\x9b\x06" * (MOST_SUBMESSAGES - 100)
    event_id = caller.event.id

    def message(
        name: str, path: str, request: Message, codes: set[grpc.StatusCode]
    ) -> WorstMessage:
        return WorstMessage(name, path, request.SerializeToString(), codes, caller.token)

    def expense(**fields: Any) -> expense_service_pb2.CreateExpenseRequest:
        return expense_service_pb2.CreateExpenseRequest(
            event_id=event_id, expense=expense_pb2.Expense(**fields)
        )

    return [
        WorstMessage("2,000,000 messages", batch, empty, refused, caller.token),
        WorstMessage("2,000,000 messages of no caller", batch, empty, wrong),
        WorstMessage("2,000,000 messages, wrong token", batch, empty, wrong, "wrong"),
        WorstMessage("2,000,000 messages to log in", _USER + "LogIn", empty, refused),
        WorstMessage("deep nesting", add, groups + text.encode(), read, caller.token),
        message(
            "50,000 messages",
            batch,
            expense_service_pb2.BatchCreateExpensesRequest(expenses=expenses),
            read,
        ),
        message("250,000 members", add, expense(split=everybody), read),
        message("a long text", add, expense(reason="Dinner", notes=text), refused),
        message("texts as long as are read", add, expense(**dict.fromkeys(texts, longest)), read),
        message(
            "a long address", _USER + "LogIn", user_service_pb2.LogInRequest(email=text), refused
        ),
        message("the largest batch", batch, _largest_batch(caller), carried_out),
    ]


def _largest_batch(caller: Caller) -> expense_service_pb2.BatchCreateExpensesRequest:
    """As many expenses and shares as one call may have, and nearly as many bytes as its response may have."""
    assert _BATCH * (_MEMBERS + 1) == MOST_SHARES
    split = expense_pb2.Split(equal=expense_pb2.EqualSplit(member_ids=caller.members))
    payments = [expense_pb2.Payment(member_id=caller.members[0])]
    one = expense_pb2.Expense(
        reason="Dinner", date="2026-11-22", amount="100", payments=payments, split=split
    )
    # The response has the shares as well.
    one.notes = _WIDE + "a" * (MOST_PAGE_BYTES // _BATCH - 4 * one.ByteSize())
    return expense_service_pb2.BatchCreateExpensesRequest(
        event_id=caller.event.id, expenses=[one] * _BATCH
    )


def cost_of(
    worst: WorstMessage, address: str, pid: int, seconds: float = _CALL_SECONDS
) -> tuple[int, set[grpc.StatusCode]]:
    """The peak of the server's memory in bytes while AT_ONCE of them come, and the codes of their answers.

    seconds: for each step of a call.
    """
    forget_peak(pid)
    together = threading.Barrier(AT_ONCE)

    def send(_: int) -> grpc.StatusCode:
        with grpc.insecure_channel(address, LOCAL) as channel:
            grpc.channel_ready_future(channel).result(timeout=seconds)
            session = (("authorization", f"Bearer {worst.token}"),) if worst.token else ()
            together.wait(seconds)
            call: Any = channel.unary_unary(worst.path)
            try:
                call(worst.wire, metadata=session, timeout=seconds)
            except grpc.RpcError as error:
                code: grpc.StatusCode = error.code()
                return code
            return _CODE.OK

    with ThreadPoolExecutor(AT_ONCE) as clients:
        codes = set(clients.map(send, range(AT_ONCE)))
    return peak_of(pid), codes
