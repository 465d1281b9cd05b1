"""What holds of every call: request ids, deadlines, tokens."""

import threading
import time
from typing import Any

import grpc
import pytest

from howmuch.rpc.call import current_call
from howmuch.usecases import invitations
from howmuch.usecases.event_writes import lock_event
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import (
    event_service_pb2_grpc,
    user_service_pb2,
    user_service_pb2_grpc,
)
from tests.service.api import Api, Person, failure, failure_of

pytestmark = pytest.mark.also_through_pgbouncer


def get_me(
    api: Api, *metadata: tuple[str, str]
) -> tuple[grpc.RpcError | None, dict[str, str | bytes]]:
    """A call with this metadata: its error, and the metadata that came after it."""
    stub = user_service_pb2_grpc.UserServiceStub(api.channel)
    call = stub.GetMe.future(user_service_pb2.GetMeRequest(), metadata=metadata, timeout=30)
    error = call.exception()
    assert error is None or isinstance(error, grpc.RpcError)
    return error, dict(call.trailing_metadata())


@pytest.mark.parametrize(
    ("given", "kept"), [("abc-123", True), ("x" * 128, True), ("x" * 129, False), ("a b", False)]
)
@pytest.mark.parametrize("signed_in", [True, False])
def test_request_id(api: Api, ana: Person, given: str, kept: bool, signed_in: bool) -> None:
    """The caller's request id comes back with every answer, good or bad; an odd one is replaced."""
    token = (("authorization", f"Bearer {ana.token}"),) if signed_in else ()
    error, trailing = get_me(api, ("x-request-id", given), *token)
    answered = trailing["x-request-id"]
    assert (answered == given) is kept
    assert len(answered) in (32, len(given))
    if not signed_in:
        assert error is not None
        failed = failure_of(error)
        assert failed.details["RequestInfo"].request_id == answered


def test_request_id_is_made_where_none_is_given(api: Api) -> None:
    """Each call gets one of its own."""
    made = {get_me(api)[1]["x-request-id"] for _ in range(3)}
    assert len(made) == 3


@pytest.mark.parametrize(
    ("authorization", "reason"),
    [
        ("", "SESSION_REQUIRED"),
        ("Bearer", "SESSION_REQUIRED"),
        ("Bearer  ", "SESSION_REQUIRED"),
        ("Basic abc", "SESSION_REQUIRED"),
        ("Bearer abc", "SESSION_INVALID"),
        ("bearer {token}", None),
        ("Bearer  {token} ", None),
    ],
)
def test_authorization(api: Api, ana: Person, authorization: str, reason: str | None) -> None:
    """A bearer token, whatever the case of the word before it; nothing else opens a session."""
    error, _ = get_me(api, ("authorization", authorization.format(token=ana.token)))
    assert (failure_of(error).reason if error else None) == reason


def late(
    person: Person, api: Api, request: es.AddMemberRequest, *, seconds: float = 0.3
) -> grpc.StatusCode:
    """Adds a member with a deadline that will pass."""
    stub = event_service_pb2_grpc.EventServiceStub(api.channel)
    token = (("authorization", f"Bearer {person.token}"),)
    with pytest.raises(grpc.RpcError) as caught:
        stub.AddMember(request, metadata=token, timeout=seconds)
    return caught.value.code()


def names(person: Person, event_id: str) -> list[str]:
    """Names of the members."""
    listed = person.events.ListMembers(es.ListMembersRequest(event_id=event_id)).members
    return [member.name for member in listed]


def test_work_that_is_done_past_the_deadline_is_undone(
    api: Api, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever was told that the deadline passed finds nothing written, however near the end it was."""
    event = ana.event()
    done, add_member = threading.Event(), invitations.add_member

    def slow(*arguments: Any, **more: Any) -> Any:
        added = add_member(*arguments, **more)
        time.sleep(current_call().timeout_seconds + 0.01)
        done.set()
        return added

    monkeypatch.setattr(invitations, "add_member", slow)
    # Long enough to come as far as that on a busy machine.
    code = late(ana, api, es.AddMemberRequest(event_id=event.id, name="Late"), seconds=2.0)
    assert code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert done.wait(30)
    monkeypatch.undo()
    assert ana.guest(event.id, "In time").name == "In time"
    assert names(ana, event.id) == ["Ana", "In time"]


def test_writer_that_waits_past_its_deadline(api: Api, ana: Person) -> None:
    """A write that waits for another longer than its caller does is given up, and nothing is written."""
    event = ana.event()
    with api.database.begin() as connection:
        lock_event(connection, event.id, 0)
        code = late(ana, api, es.AddMemberRequest(event_id=event.id, name="Late"))
        assert code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert ana.guest(event.id, "In time").name == "In time"
    assert names(ana, event.id) == ["Ana", "In time"]


def test_unknown_method(api: Api) -> None:
    """A method that is not there is UNIMPLEMENTED, as gRPC says."""
    call: grpc.UnaryUnaryMultiCallable[bytes, bytes]
    call = api.channel.unary_unary("/howmuch.v1.UserService/Nothing")
    with pytest.raises(grpc.RpcError) as caught:
        call(b"", timeout=30)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_fault_of_ours_says_nothing_of_the_inside(
    api: Api, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is INTERNAL, with the request id to quote and nothing else."""

    def fail(*_arguments: object) -> None:
        raise KeyError("a secret")

    monkeypatch.setattr("howmuch.usecases.accounts.get_user", fail)
    failed = failure(lambda: ana.users.GetMe(user_service_pb2.GetMeRequest()))
    request_id = failed.details["RequestInfo"].request_id
    assert (failed.code, failed.reason) == ("INTERNAL", "INTERNAL")
    assert failed.message == (
        f"Something went wrong on our side. Quote {request_id} when you report it."
    )
