"""A client's view of a running server, for tests: people who call, and what they see."""

import datetime as dt
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar, cast

import grpc
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from howmuch.storage.database import Database
from howmuch.usecases import accounts, sessions
from howmuch.v1 import (
    event_pb2,
    event_service_pb2,
    event_service_pb2_grpc,
    expense_pb2,
    expense_service_pb2,
    expense_service_pb2_grpc,
    user_service_pb2,
    user_service_pb2_grpc,
)

# Of PASSWORD_OF_CHEAP_HASH, with as little work as there can be.
CHEAP_HASH = (
    "$argon2id$v=19$m=8,t=1,p=1$8yT61GZLMuqrZM9MvlMQUw$P0xB5q2qbwBp+Ytv20h1ume8JjT5IIDWk612d1xgq+U"
)
PASSWORD_OF_CHEAP_HASH = "a password of hers"
DELETE_ME = user_service_pb2.DeleteMeRequest(password=PASSWORD_OF_CHEAP_HASH)
Arguments = ParamSpec("Arguments")
TypedStub = TypeVar("TypedStub")
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Failure:
    """How a call failed: code name, reason, message, fields of BadRequest, metadata, raw details."""

    code: str
    reason: str
    message: str
    fields: dict[str, str]
    metadata: dict[str, str]
    details: dict[str, Any]


def failure_of(error: grpc.RpcError) -> Failure:
    """What an error says to a client."""
    # What grpcio raises is an RpcError and a Call.
    status = rpc_status.from_call(cast(grpc.Call, error))
    assert status is not None, f"no google.rpc.Status in {error!r}"
    return failure_in(status)


def failure_in(status: status_pb2.Status) -> Failure:
    """What a status says to a client."""
    found: dict[str, Any] = {}
    for packed in status.details:
        name = packed.TypeName().rpartition(".")[2]
        found[name] = getattr(error_details_pb2, name)()
        packed.Unpack(found[name])
    info = found["ErrorInfo"]
    assert info.domain == "howmuch"
    violations = found["BadRequest"].field_violations if "BadRequest" in found else ()
    return Failure(
        code=code_pb2.Code.Name(status.code),
        reason=info.reason,
        message=status.message,
        fields={violation.field: violation.description for violation in violations},
        metadata=dict(info.metadata),
        details=found,
    )


def failure(
    call: Callable[Arguments, object], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Failure:
    """Runs a call that must fail."""
    try:
        answer = call(*args, **kwargs)
    except grpc.RpcError as error:
        return failure_of(error)
    raise AssertionError(f"the call succeeded: {answer}")


@dataclass(frozen=True)
class Person:
    """Somebody with a session; `users`, `events` and `expenses` call as them."""

    user_id: str
    name: str
    email: str
    token: str
    channel: grpc.Channel
    users: user_service_pb2_grpc.UserServiceStub
    events: event_service_pb2_grpc.EventServiceStub
    expenses: expense_service_pb2_grpc.ExpenseServiceStub

    def event(self, **fields: Any) -> event_pb2.Event:
        """Makes an event of theirs."""
        event = event_pb2.Event(**{"name": "Lisbon", "currency_code": "EUR", **fields})
        return self.events.CreateEvent(event_service_pb2.CreateEventRequest(event=event))

    def guest(self, event_id: str, name: str, **fields: Any) -> event_pb2.Member:
        """Adds a guest."""
        request = event_service_pb2.AddMemberRequest(event_id=event_id, name=name, **fields)
        return self.events.AddMember(request)

    def join(
        self,
        owner: "Person",
        event_id: str,
        role: "event_pb2.Role.ValueType" = event_pb2.ROLE_EDITOR,
        member_id: str = "",
    ) -> event_pb2.Event:
        """Joins an event of `owner` by an invitation, as a guest or as somebody new."""
        invitation = owner.events.CreateInvitation(
            event_service_pb2.CreateInvitationRequest(event_id=event_id, role=role)
        )
        return self.events.AcceptInvitation(
            event_service_pb2.AcceptInvitationRequest(token=invitation.token, member_id=member_id)
        )

    def spend(
        self, event_id: str, payer: str, amount: str, *beneficiaries: str, **fields: Any
    ) -> expense_pb2.Expense:
        """Adds an expense that one member paid; it is split equally."""
        headers = fields.pop("metadata", ())
        given = {"reason": "Dinner", "date": "2026-11-22", "amount": amount, **fields}
        given.setdefault("payments", [expense_pb2.Payment(member_id=payer)])
        given.setdefault(
            "split", expense_pb2.Split(equal=expense_pb2.EqualSplit(member_ids=beneficiaries))
        )
        request = expense_service_pb2.CreateExpenseRequest(
            event_id=event_id, expense=expense_pb2.Expense(**given)
        )
        return self.expenses.CreateExpense(request, metadata=headers)

    def nets(self, event_id: str) -> dict[tuple[str, str], str]:
        """Currency code and member id to net."""
        balances = self.events.GetBalances(event_service_pb2.GetBalancesRequest(event_id=event_id))
        return {
            (currency.currency_code, member.member_id): member.net
            for currency in balances.currencies
            for member in currency.members
        }

    def revision(self, event_id: str) -> int:
        """The event's revision."""
        return self.events.GetEvent(event_service_pb2.GetEventRequest(event_id=event_id)).revision


class Stub:
    """A generated stub whose calls carry a session token, and further metadata where it is given."""

    def __init__(self, stub: Any, token: str) -> None:
        self._stub = stub
        self._token = (("authorization", f"Bearer {token}"),) if token else ()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._stub, name)

        def call(request: Any, *, metadata: Any = (), **options: Any) -> Any:
            return method(request, metadata=(*self._token, *metadata), timeout=30, **options)

        return call


def with_token(stub: TypedStub, token: str) -> TypedStub:
    """The stub, with a session token in the metadata of each call."""
    return cast(TypedStub, Stub(stub, token))


class Api:
    """A server's address and database; makes people."""

    def __init__(self, channel: grpc.Channel, database: Database, target: str) -> None:
        self.channel = channel
        self.database = database
        self.target = target

    def caller(self, token: str, **known: str) -> Person:
        """Somebody who calls with this token; empty: without any."""
        return Person(
            user_id=known.get("user_id", ""),
            name=known.get("name", ""),
            email=known.get("email", ""),
            token=token,
            channel=self.channel,
            users=with_token(user_service_pb2_grpc.UserServiceStub(self.channel), token),
            events=with_token(event_service_pb2_grpc.EventServiceStub(self.channel), token),
            expenses=with_token(expense_service_pb2_grpc.ExpenseServiceStub(self.channel), token),
        )

    def nobody(self) -> Person:
        """Somebody without a session."""
        return self.caller("")

    def person(self, name: str = "Ana") -> Person:
        """Somebody new with a session, made without the cost of hashing a password."""
        email = f"{name.lower()}{next(_numbers)}.{dt.datetime.now(dt.UTC).timestamp()}@example.com"
        now = dt.datetime.now(dt.UTC)
        with self.database.begin() as connection:
            user = accounts.sign_up(
                connection,
                now,
                email=email,
                password_hash=CHEAP_HASH,
                profile=accounts.Profile(name, "", "", "").checked(),
            )
            token, _ = sessions.open_session(connection, user.id, "test", now, dt.timedelta(days=1))
        return self.caller(token, user_id=user.id, name=name, email=email)
