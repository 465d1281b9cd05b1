"""Streams of answers: their framings, their failures, heartbeats, and readers that are slow."""

import threading
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.api.httpbody_pb2 import HttpBody

from tests.gateway import schema
from tests.gateway.backend import Backend
from tests.gateway.engine import running_gateway
from tests.gateway.http_client import send
from tests.gateway.messages import parsed_json
from tests.gateway.statuses import check_status
from tests.gateway.upstreams import Steps, upstream
from tests.gateway.watched_logs import nothing_went_wrong
from tests.gateway.wire_client import WireClient
from tests.waiting import until

UNAVAILABLE, INTERNAL, NOT_FOUND = 14, 13, 5
ARRAY, NDJSON, SSE = "application/json", "application/x-ndjson", "text/event-stream"
EVERYTHING = schema.methods()["Streams.Watch"].response_class


def everything(value: Any) -> bytes:
    wire: bytes = schema.message(EVERYTHING, value).SerializeToString()
    return wire


@pytest.mark.parametrize(
    ("accept", "media_type", "body"),
    [
        ("", ARRAY, b'[{"id":"a"},\n{"id":"b"}]'),
        ("*/*", ARRAY, b'[{"id":"a"},\n{"id":"b"}]'),
        (NDJSON, NDJSON, b'{"id":"a"}\n{"id":"b"}\n'),
        (f"text/html, {SSE};q=0.9", SSE, b'data: {"id":"a"}\n\ndata: {"id":"b"}\n\n'),
    ],
)
def test_stream_comes_in_the_framing_that_is_asked_for(
    gateway_port: int, backend: Backend, accept: str, media_type: str, body: bytes
) -> None:
    """Never from a cache, never held back by a proxy."""
    backend.answer({"responses": [{"id": "a"}, {"id": "b"}]})
    reply = send(gateway_port, "GET", "/v1/watch", {"accept": accept})
    assert (reply.status, reply.body, reply.complete) == (200, body, True)
    assert reply.values("content-type") == [media_type]
    assert reply.values("cache-control") == ["no-store"]
    assert reply.values("x-accel-buffering") == ["no"]


@pytest.mark.parametrize(
    ("accept", "body"), [(ARRAY, b"[]"), (NDJSON, b""), (SSE, b": connected\n\n")]
)
def test_stream_of_nothing_is_complete(
    gateway_port: int, backend: Backend, accept: str, body: bytes
) -> None:
    """A comment in events is nothing, too."""
    backend.answer({"responses": []})
    reply = send(gateway_port, "GET", "/v1/watch", {"accept": accept})
    assert (reply.status, reply.body, reply.complete) == (200, body, True)


@pytest.mark.parametrize("accept", [ARRAY, NDJSON, SSE])
def test_failure_before_the_first_message_is_an_error(
    gateway_port: int, backend: Backend, accept: str
) -> None:
    """With its status: nothing had been said yet."""
    backend.answer({"responses": [], "status": {"code": NOT_FOUND, "message": "None."}})
    check_status(send(gateway_port, "GET", "/v1/watch", {"accept": accept}), 404, NOT_FOUND)


def test_failure_after_the_first_message_is_an_error_item(
    gateway_port: int, backend: Backend
) -> None:
    """Its details, too; the array breaks off, whatever its client made of it until then."""
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "R"}
    status = {"code": NOT_FOUND, "message": "None.", "details": [info]}
    backend.answer({"responses": [{"id": "a"}], "status": status})
    lines = send(gateway_port, "GET", "/v1/watch", {"accept": NDJSON})
    first, last = lines.body.splitlines()
    assert (parsed_json(first), parsed_json(last)) == ({"id": "a"}, {"error": status})
    events = send(gateway_port, "GET", "/v1/watch", {"accept": SSE})
    first, last, end = events.body.split(b"\n\n")
    assert (first, end) == (b'data: {"id":"a"}', b"")
    assert parsed_json(last.removeprefix(b"event: error\ndata: ")) == status
    assert lines.complete
    assert events.complete
    array = send(gateway_port, "GET", "/v1/watch", {"accept": ARRAY})
    assert (array.status, array.body, array.complete) == (200, b'[{"id":"a"}', False)


@pytest.mark.parametrize(
    ("accept", "error"), [(ARRAY, b""), (NDJSON, b'{"error":{"code":13,'), (SSE, b"event: error\n")]
)
def test_message_that_cannot_be_written_ends_the_stream(accept: str, error: bytes) -> None:
    """As a failure of the service would: an Any of a type that nobody knows has no JSON."""
    unknown = EVERYTHING()
    unknown.any.type_url = "type.googleapis.com/no.such.Type"
    unknown.any.value = b"x"
    messages = [everything({"id": "a"}), unknown.SerializeToString(), everything({"id": "b"})]
    with (
        nothing_went_wrong(),
        upstream(lambda request, context: iter(messages)) as upstream_port,
        running_gateway(upstream_port) as port,
    ):
        reply = send(port, "GET", "/v1/watch", {"accept": accept})
    assert reply.status == 200
    assert b'{"id":"a"}' in reply.body
    assert error in reply.body
    assert reply.complete == bool(error)
    assert b'{"id":"b"}' not in reply.body


@pytest.mark.parametrize("target", ["/v1/download/x", "/v1/downloadstream/x"])
def test_media_type_of_a_service_cannot_add_headers(target: str) -> None:
    """A line break in HttpBody.content_type is an error of the service, and the client is told."""
    body = HttpBody(content_type="text/plain\r\nset-cookie: a=b", data=b"x").SerializeToString()
    with (
        upstream(lambda request, context: iter([body])) as upstream_port,
        running_gateway(upstream_port) as port,
    ):
        reply = send(port, "GET", target)
    assert reply.values("set-cookie") == []
    check_status(reply, 500, INTERNAL)


def test_message_is_sent_when_it_is_there() -> None:
    """Each by itself: nothing is held back for the next."""
    steps = Steps()
    messages = [everything({"id": name}) for name in "abc"]

    def watch(request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        yield from steps.paced(messages, context)
        yield from steps.paced([b""], context)

    with upstream(watch) as upstream_port, running_gateway(upstream_port) as port:
        for accept in (ARRAY, NDJSON, SSE):
            with WireClient(port) as client:
                client.write("GET", "/v1/watch", {"accept": accept})
                for name in "abc":
                    steps.give()
                    assert b'{"id":"%s"}' % name.encode() in client.read_until(b"}")
                steps.give()
                client.read_until(b"\r\n0\r\n\r\n")


def test_quiet_stream_has_a_heartbeat() -> None:
    """Comments and empty lines between two messages keep the connection alive."""
    steps = Steps()
    messages = [everything({"id": "a"})] * 2
    with (
        upstream(lambda request, context: steps.paced(messages, context)) as upstream_port,
        running_gateway(upstream_port, heartbeat_seconds=0.1) as port,
    ):
        with WireClient(port) as client:
            client.write("GET", "/v1/watch", {"accept": SSE})
            steps.give()
            client.read_until(b'data: {"id":"a"}\n\n')
            client.read_until(b":\n\n", 3)
            steps.give()
            assert b'data: {"id":"a"}\n\n' in client.read_until(b"\r\n0\r\n\r\n")
        with WireClient(port) as client:
            client.write("GET", "/v1/watch", {"accept": NDJSON})
            steps.give()
            client.read_until(b'{"id":"a"}\n\r\n')
            client.read_until(b"1\r\n\n\r\n", 3)


def test_quiet_array_has_no_heartbeat() -> None:
    """Nothing may stand between its elements."""
    steps = Steps()
    messages = [everything({"id": "a"})] * 2
    with (
        upstream(lambda request, context: steps.paced(messages, context)) as upstream_port,
        running_gateway(upstream_port, heartbeat_seconds=0.1) as port,
        WireClient(port) as client,
    ):
        client.write("GET", "/v1/watch", {"accept": ARRAY})
        steps.give()
        client.read_until(b'[{"id":"a"}\r\n')
        assert client.is_open(0.5)


@pytest.mark.parametrize(("accept", "beginning"), [(SSE, b": connected\n\n"), (NDJSON, b"\n")])
def test_stream_that_has_begun_says_so_at_once(accept: str, beginning: bytes) -> None:
    """Although its first message comes later, and the next heartbeat in an hour."""
    steps = Steps()

    def begin(request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        context.send_initial_metadata((("x-begun", "yes"),))
        yield from steps.paced([everything({"id": "a"})], context)

    with (
        upstream(begin) as upstream_port,
        running_gateway(upstream_port, heartbeat_seconds=3600.0) as port,
        WireClient(port) as client,
    ):
        client.write("GET", "/v1/watch", {"accept": accept})
        assert b"x-begun: yes" in client.read_until(b"\r\n%s\r\n" % beginning)
        steps.give()
        client.read_until(b'{"id":"a"}')


def test_stream_of_events_that_begins_quietly_has_a_heartbeat() -> None:
    """Who waits long for the first event learns that it is waited for."""
    steps = Steps()
    with (
        upstream(lambda request, context: steps.paced([b""], context)) as upstream_port,
        running_gateway(upstream_port, heartbeat_seconds=0.1) as port,
        WireClient(port) as client,
    ):
        client.write("GET", "/v1/watch", {"accept": SSE})
        assert client.read_until(b":\n\n", 3).startswith(b"HTTP/1.1 200 ")


def test_failure_after_a_heartbeat_is_an_error_event() -> None:
    """The status line is gone by then, although no message has come."""
    steps = Steps()

    def fail(request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        context.send_initial_metadata(())
        for _ in steps.paced([b""], context):
            context.abort(grpc.StatusCode.NOT_FOUND, "None.")
        yield b""

    with (
        upstream(fail) as upstream_port,
        running_gateway(upstream_port, heartbeat_seconds=0.1) as port,
        WireClient(port) as client,
    ):
        client.write("GET", "/v1/watch", {"accept": SSE})
        client.read_until(b":\n\n")
        steps.give()
        assert b'event: error\ndata: {"code":5' in client.read_until(b"\r\n0\r\n\r\n")


@pytest.mark.parametrize("accept", [ARRAY, NDJSON, SSE])
def test_reader_that_is_slow_holds_the_service_back(accept: str) -> None:
    """What it does not read is not fetched: the gateway has a few messages of it and no more."""
    message = everything({"fString": "x" * 50_000})
    sent = threading.Semaphore(0)
    count = 0

    def endless(request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        nonlocal count
        while context.is_active():
            count += 1
            sent.release()
            yield message

    with (
        nothing_went_wrong(),
        upstream(endless) as upstream_port,
        running_gateway(upstream_port) as port,
    ):
        with WireClient(port, receive_buffer=1 << 18) as client:
            client.write("GET", "/v1/watch", {"accept": accept})
            client.read_until(b"x")
            while sent.acquire(timeout=1.0):  # Until no further message is taken for a second.
                assert count * len(message) < 64 << 20, "it reads without bound"
            stopped_at = count
            while count == stopped_at:  # What is under way is read first.
                assert client.read_until(b"}"), "a reader that reads gets no further message"
        assert send(port, "GET", "/healthz").status == 200


def test_head_of_a_stream_does_not_wait_for_its_end() -> None:
    """The client gets no message of it, so the service need not make them."""
    steps = Steps()
    messages = [everything({"id": "a"})] * 100
    with (
        upstream(lambda request, context: steps.paced(messages, context)) as upstream_port,
        running_gateway(upstream_port) as port,
        WireClient(port) as client,
    ):
        steps.give()
        reply = client.ask("HEAD", "/v1/watch")
        assert (reply.status, reply.body) == (200, b"")
        assert steps.over.wait(30.0), "the service still works for nobody"
        assert client.ask("GET", "/healthz").status == 200


def test_stream_ends_at_its_longest(backend: Backend) -> None:
    """As a failure that is seen, however alive it was."""
    steps = Steps()
    messages = [everything({"id": "a"})] * 2
    with (
        upstream(lambda request, context: steps.paced(messages, context)) as upstream_port,
        running_gateway(upstream_port, max_stream_seconds=2.0) as port,
    ):
        # The time of a stream is not to be spent on the connection to the service.
        until(lambda: send(port, "GET", "/readyz").status == 200, "the service is there")
        steps.give()
        reply = send(port, "GET", "/v1/watch", {"accept": NDJSON})
    assert reply.complete
    first, last = reply.body.splitlines()
    assert first == b'{"id":"a"}'
    assert parsed_json(last)["error"]["code"] == 4
