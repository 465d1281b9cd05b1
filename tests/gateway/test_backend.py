"""The backend of the cases answers as a gRPC server does, and keeps what reached it."""

from collections.abc import Iterator
from typing import Any, cast

import grpc
import pytest
from google.rpc.status_pb2 import Status

from tests.gateway import schema
from tests.gateway.backend import Backend, Call, most_seconds_left

SEARCH = schema.methods()["Query.Search"]
WATCH = schema.methods()["Streams.Watch"]
COLLECT = schema.methods()["Streams.Collect"]
WAIT_SECONDS = 20.0


@pytest.fixture(scope="module")
def channel(backend: Backend) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(f"127.0.0.1:{backend.port}") as opened:
        yield opened


def unary(channel: grpc.Channel, path: str) -> "grpc.UnaryUnaryMultiCallable[bytes, bytes]":
    return channel.unary_unary(path)


def watch(channel: grpc.Channel) -> "grpc.UnaryStreamMultiCallable[bytes, bytes]":
    return channel.unary_stream(WATCH.path)


def search(channel: grpc.Channel, request: bytes, **more: Any) -> bytes:
    return unary(channel, SEARCH.path)(request, timeout=WAIT_SECONDS, **more)


def test_call_is_answered_and_kept(channel: grpc.Channel, backend: Backend) -> None:
    """An empty message where the case says nothing, and another where it says so."""
    backend.answer({})
    sent = schema.message(SEARCH.request_class, {"id": "a"})
    metadata = (("m", "1"), ("m", "2"))
    assert search(channel, sent.SerializeToString(), metadata=metadata) == b""
    [kept] = backend.calls()
    assert (kept.method, kept.messages, kept.values("m")) == (SEARCH.name, [sent], ["1", "2"])
    assert kept.seconds_left is not None
    assert kept.seconds_left <= most_seconds_left(WAIT_SECONDS)
    backend.answer({"response": {"id": "b"}, "delay": 0.01, "initial_metadata": {"n": "3"}})
    answer, call = unary(channel, SEARCH.path).with_call(b"")
    assert SEARCH.response_class.FromString(answer).id == "b"
    assert ("n", "3") in call.initial_metadata()
    assert [kept.seconds_left for kept in backend.calls()] == [None]


def test_failure_carries_its_details(channel: grpc.Channel, backend: Backend) -> None:
    """Details are Any in proto JSON, and go where gRPC has them."""
    detail = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "R"}
    status = {"code": 5, "message": "gone", "details": [detail]}
    backend.answer({"status": status})
    with pytest.raises(grpc.RpcError) as caught:
        search(channel, b"")
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    [(_, value)] = cast(grpc.Call, caught.value).trailing_metadata()
    assert isinstance(value, bytes)
    assert Status.FromString(value) == schema.message(Status, status)


def test_message_that_cannot_be_parsed_is_no_call(channel: grpc.Channel, backend: Backend) -> None:
    """As in any server: text that is no UTF-8 is an internal error before the handler."""
    backend.answer({})
    with pytest.raises(grpc.RpcError) as caught:
        search(channel, b"\x0a\x01\xff")
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert backend.calls() == []


def test_stream_of_responses_may_end_in_failure(channel: grpc.Channel, backend: Backend) -> None:
    """First the responses, then the status."""
    backend.answer({"responses": [{"id": "a"}], "status": {"code": 14, "message": "lost"}})
    responses = watch(channel)(b"", timeout=WAIT_SECONDS)
    assert WATCH.response_class.FromString(next(responses)).id == "a"
    with pytest.raises(grpc.RpcError, match="lost"):
        next(responses)


def test_stream_of_requests_is_a_call_when_it_is_whole(
    channel: grpc.Channel, backend: Backend
) -> None:
    """Requests that are cut off before their end are none."""
    backend.answer({})
    collect: grpc.StreamUnaryMultiCallable[bytes, bytes] = channel.stream_unary(COLLECT.path)
    assert collect(iter([b"", b""]), timeout=WAIT_SECONDS) == b""
    assert messages(backend.calls()) == [2]

    def broken() -> Iterator[bytes]:
        yield b""
        raise RuntimeError("the client gives up")

    backend.answer({})
    with pytest.raises(grpc.RpcError):
        collect(broken(), timeout=WAIT_SECONDS)
    assert messages(backend.calls()) == []


def test_call_that_the_client_cancels_is_seen(channel: grpc.Channel, backend: Backend) -> None:
    """Even while it waits for an answer that takes its time."""
    backend.answer({"delay": 600})
    responses = watch(channel)(b"")
    backend.await_calls(1)
    responses.cancel()
    assert [call.cancelled for call in backend.calls()] == [True]


def test_backend_knows_no_other_method(channel: grpc.Channel) -> None:
    """What is not in the schema is not implemented."""
    with pytest.raises(grpc.RpcError) as caught:
        unary(channel, "/no.Such/Method")(b"", timeout=WAIT_SECONDS)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def messages(calls: list[Call]) -> list[int]:
    return [len(call.messages) for call in calls]
