"""Calls past gRPC are answered as gRPC's are, and what nobody waits for is not begun."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import cast

import grpc
import pytest
from google.protobuf.message import Message

from howmuch.rpc.grpc_server import GrpcServer
from howmuch.runtime.in_process import CallResult, Metadata, StartCall
from howmuch.storage.database import Database
from howmuch.v1 import event_pb2, event_service_pb2_grpc, expense_pb2, user_pb2, user_service_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from tests.rpc.running import locked, running, wait_for_waiting
from tests.service.api import Api, Person

EVENTS, EXPENSES, USERS = (f"/howmuch.v1.{name}Service/" for name in ("Event", "Expense", "User"))
UNKNOWN = "evt_00000000000000000000000000"


class InProcess:
    """Somebody who calls past gRPC. seconds: that a call may take."""

    def __init__(
        self, server: GrpcServer, person: Person, *, seconds: float = 20.0, metadata: Metadata = ()
    ) -> None:
        self._server = server
        token = ("authorization", f"Bearer {person.token}")
        self._metadata = (token, ("x-request-id", "r-1"), *metadata)
        self._seconds = seconds

    def begin(
        self, path: str, request: Message
    ) -> tuple["Future[CallResult]", Callable[[], object]]:
        """Starts a call. Returns its result, and the function that cancels it."""
        begin = self._server.in_process.method(path)
        assert begin is not None
        answer: Future[CallResult] = Future()
        leave = begin(request.SerializeToString(), self._metadata, self._seconds, answer.set_result)
        return answer, leave

    def call(self, path: str, request: Message) -> CallResult:
        return self.begin(path, request)[0].result(30)


def over_grpc(person: Person, request: es.GetEventRequest) -> CallResult:
    """GetEvent over gRPC, with all that comes along."""
    metadata = (("authorization", f"Bearer {person.token}"), ("x-request-id", "r-1"))
    try:
        stub = event_service_pb2_grpc.EventServiceStub(person.channel)
        response, done = stub.GetEvent.with_call(request, metadata=metadata, timeout=30)
    except grpc.RpcError as error:
        refused = cast(grpc.Call, error)
        code: int = refused.code().value[0]
        return CallResult(b"", code, refused.details(), (), tuple(refused.trailing_metadata()))
    return CallResult(response.SerializeToString(), 0, "", (), tuple(done.trailing_metadata()))


@pytest.mark.parametrize("event_id", ["", "nonsense", UNKNOWN])
def test_a_refusal_is_the_one_of_grpc(server: tuple[GrpcServer, Api], event_id: str) -> None:
    """Code, message and details."""
    ana = server[1].person()
    request = es.GetEventRequest(event_id=event_id)
    answer = InProcess(server[0], ana).call(EVENTS + "GetEvent", request)
    assert answer.code != 0
    assert answer == over_grpc(ana, request)


def test_an_answer_is_the_one_of_grpc(server: tuple[GrpcServer, Api]) -> None:
    ana = server[1].person()
    request = es.GetEventRequest(event_id=ana.event().id)
    answer = InProcess(server[0], ana).call(EVENTS + "GetEvent", request)
    assert event_pb2.Event.FromString(answer.wire).id == request.event_id
    assert answer == over_grpc(ana, request)


def test_calls_know_nothing_of_each_other(server: tuple[GrpcServer, Api]) -> None:
    """Whoever comes in the same thread next is somebody else."""
    people = [server[1].person(name) for name in ("Ana", "Bo", "Cy")]
    for _ in range(40):
        for person in people:
            answer = InProcess(server[0], person).call(
                USERS + "GetMe", user_service_pb2.GetMeRequest()
            )
            assert user_pb2.User.FromString(answer.wire).name == person.name


def test_streams_and_unknown_methods_are_not_called_directly(
    server: tuple[GrpcServer, Api],
) -> None:
    assert server[0].in_process.method(EVENTS + "WatchEvent") is None
    assert server[0].in_process.method(EVENTS + "Nothing") is None


def test_a_request_that_is_too_large(database: Database) -> None:
    """As over gRPC, a request beyond the limit is refused unread."""
    with running(database, max_request_bytes=5_000) as (server, api):
        ana = api.person()
        event = event_pb2.Event(name="Lisbon", currency_code="EUR", description="a" * 6_000)
        answer = InProcess(server, ana).call(
            EVENTS + "CreateEvent", es.CreateEventRequest(event=event)
        )
        assert answer.code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]
        assert "larger than max" in answer.message
        assert not ana.events.ListEvents(es.ListEventsRequest()).events


def test_a_request_that_is_no_message(server: tuple[GrpcServer, Api]) -> None:
    """It is an error, and not the end of a thread."""
    session = (("authorization", f"Bearer {server[1].person().token}"),)
    begin: StartCall | None = server[0].in_process.method(EVENTS + "GetEvent")
    assert begin is not None
    for _ in range(20):
        answer: Future[CallResult] = Future()
        begin(b"\xff\xff", session, 20.0, answer.set_result)
        assert answer.result(10).code == grpc.StatusCode.INVALID_ARGUMENT.value[0]


@pytest.mark.parametrize("why", ["left", "late"])
def test_what_nobody_waits_for_is_not_begun(database: Database, why: str) -> None:
    """A write whose caller has gone, or whose time is up, while all threads were busy."""
    with running(database, threads=1) as (server, api):
        ana = api.person()
        event, other = ana.event(), ana.event(name="Porto")
        patient = InProcess(server, ana)
        with locked(database, event.id):
            first, _ = patient.begin(EVENTS + "UpdateEvent", renamed(event.id))
            wait_for_waiting(database, 1)
            caller = InProcess(server, ana, seconds=0.05 if why == "late" else 20.0)
            second, leave = caller.begin(EVENTS + "UpdateEvent", renamed(other.id))
            if why == "left":
                leave()
            else:
                threading.Event().wait(0.1)
        assert event_pb2.Event.FromString(first.result(30).wire).name == "Renamed"
        third = patient.call(EVENTS + "GetEvent", es.GetEventRequest(event_id=other.id))
        assert event_pb2.Event.FromString(third.wire).name == "Porto"
        assert not second.done()


def renamed(event_id: str) -> es.UpdateEventRequest:
    return es.UpdateEventRequest(event=event_pb2.Event(id=event_id, name="Renamed"))


def test_deadline_bounds_the_statements(server: tuple[GrpcServer, Api], database: Database) -> None:
    """A call that waits for somebody else's write ends with its deadline, and has written nothing."""
    ana = server[1].person()
    event = ana.event()
    with locked(database, event.id):
        answer = InProcess(server[0], ana, seconds=2.0).call(
            EVENTS + "UpdateEvent", renamed(event.id)
        )
        assert answer.code == grpc.StatusCode.DEADLINE_EXCEEDED.value[0]
    assert ana.events.GetEvent(es.GetEventRequest(event_id=event.id)).name == event.name


def test_a_repeated_write_is_one_by_both_ways(server: tuple[GrpcServer, Api]) -> None:
    """A write over gRPC, repeated past it with the same key, is answered with the first answer."""
    ana = server[1].person()
    event = ana.event()
    key = (("idempotency-key", "k"),)
    made = ana.spend(event.id, event.member_id, "12.00", event.member_id, metadata=key)
    given = expense_pb2.Expense(
        reason="Dinner",
        date="2026-11-22",
        amount="12.00",
        payments=[expense_pb2.Payment(member_id=event.member_id)],
        split=expense_pb2.Split(equal=expense_pb2.EqualSplit(member_ids=[event.member_id])),
    )
    request = xs.CreateExpenseRequest(event_id=event.id, expense=given)
    answer = InProcess(server[0], ana, metadata=key).call(EXPENSES + "CreateExpense", request)
    assert expense_pb2.Expense.FromString(answer.wire) == made
    assert len(ana.expenses.ListExpenses(xs.ListExpensesRequest(event_id=event.id)).expenses) == 1


def test_a_server_that_has_stopped(database: Database) -> None:
    """It takes no calls any more, and says so as one does that is not there."""
    with running(database) as (server, api):
        ana = api.person()
    answer = InProcess(server, ana).call(USERS + "GetMe", user_service_pb2.GetMeRequest())
    assert answer.code == grpc.StatusCode.UNAVAILABLE.value[0]
