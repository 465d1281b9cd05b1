"""A stop ends streams at once, with an error that clients repeat: the grace is for calls with one answer."""

import pytest
from google.api.httpbody_pb2 import HttpBody

from tests.gateway.statuses import check_status
from tests.gateway.test_shutdown import EVERYTHING, UNAVAILABLE, is_listening, started, stopping
from tests.gateway.upstreams import Steps, upstream
from tests.gateway.watched_logs import nothing_went_wrong
from tests.gateway.wire_client import WireClient
from tests.waiting import until


@pytest.mark.parametrize(
    ("accept", "error"),
    [
        ("application/json", b""),
        ("application/x-ndjson", b'{"error":{"code":14,'),
        ("text/event-stream", b'event: error\ndata: {"code":14,'),
    ],
)
def test_stream_ends_with_its_error_and_uses_up_no_grace(accept: str, error: bytes) -> None:
    """UNAVAILABLE, which clients repeat; an array has no error, and breaks off."""
    message = EVERYTHING(id="a").SerializeToString()
    steps = Steps()
    with (
        nothing_went_wrong(),
        upstream(lambda request, context: steps.paced([message] * 2, context)) as upstream_port,
        started(upstream_port) as server,
        WireClient(server.port) as client,
    ):
        client.write("GET", "/v1/watch", {"accept": accept})
        steps.give()
        answer = client.read_until(b'{"id":"a"}')
        with stopping(server, 600.0) as stop:
            answer += client.read_all()
            stop.result(30.0)
        assert steps.over.wait(30.0), "the call goes on"
    rest = answer.rpartition(b'{"id":"a"}')[2]
    assert error in rest
    assert (b"GATEWAY_STOPS" in rest) == bool(error)
    assert answer.endswith(b"\r\n0\r\n\r\n") == bool(error)


def test_stream_without_a_message_yet_gets_the_status_of_an_error() -> None:
    """With Retry-After, and so does one that comes after."""
    steps = Steps()
    with (
        upstream(lambda request, context: steps.paced([b""], context)) as upstream_port,
        started(upstream_port) as server,
        WireClient(server.port) as client,
    ):
        client.write("GET", "/v1/watch", {"accept": "application/x-ndjson"})
        assert client.is_open(0.2)
        with stopping(server, 600.0) as stop:
            reply = client.reply()
            stop.result(30.0)
        check_status(reply, 503, UNAVAILABLE)
        assert reply.values("retry-after") == ["1"]


def test_stream_whose_client_does_not_read_delays_no_stop() -> None:
    """Its error would wait behind what the client has not read."""
    large = EVERYTHING(f_string="x" * 3_000_000).SerializeToString()
    with (
        upstream(lambda request, context: [large] * 8) as upstream_port,
        started(upstream_port) as server,
        WireClient(server.port, receive_buffer=4096) as client,
    ):
        client.write("GET", "/v1/watch")
        client.socket.recv(10)
        with stopping(server, 600.0) as stop:
            stop.result(30.0)


def test_document_that_streams_has_the_grace() -> None:
    """It has no way to say that it is incomplete, and it ends by itself."""
    steps = Steps()
    part = HttpBody(content_type="text/plain", data=b"part ").SerializeToString()
    with (
        upstream(lambda request, context: steps.paced([part] * 2, context)) as upstream_port,
        started(upstream_port) as server,
        WireClient(server.port) as client,
    ):
        client.write("GET", "/v1/downloadstream/x")
        steps.give()
        answer = client.read_until(b"part ")
        with stopping(server, 30.0) as stop:
            until(lambda: not is_listening(server.port), "closed doors")
            steps.give()
            answer += client.read_all()
            stop.result(30.0)
    assert answer.count(b"part ") == 2
    assert answer.endswith(b"\r\n0\r\n\r\n")
