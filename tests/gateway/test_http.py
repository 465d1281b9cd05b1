"""HTTP/1.0 and 1.1 as the gateway speaks them: framing, pipelining, forms of the target, refusals."""

import pytest

from tests.gateway.backend import Backend
from tests.gateway.engine import running_gateway
from tests.gateway.http_client import request_bytes, send
from tests.gateway.statuses import check_status, reason_of
from tests.gateway.watched_logs import nothing_went_wrong
from tests.gateway.wire_client import WireClient

INVALID_ARGUMENT = 3
CHUNKED = {"transfer-encoding": "chunked"}


def chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


@pytest.fixture(autouse=True)
def echo(backend: Backend) -> None:
    """Every answer is {"id": "a"}."""
    backend.answer({"response": {"id": "a"}, "responses": [{"id": "a"}]})


def ids(backend: Backend) -> list[str]:
    return [getattr(call.messages[0], "id", "") for call in backend.calls()]


def test_connection_is_kept_after_every_kind_of_answer(gateway_port: int, backend: Backend) -> None:
    """A reply, an error of each kind, HEAD, 304, OPTIONS, a stream: the next request is understood."""
    with WireClient(gateway_port) as client:
        for method, target, headers, body, status in (
            ("GET", "/v1/resp", {}, None, 200),
            ("HEAD", "/v1/resp", {}, None, 200),
            ("GET", "/v1/resp", {"if-none-match": "*"}, None, 304),
            ("OPTIONS", "/v1/resp", {}, None, 204),
            ("GET", "/nowhere", {}, None, 404),
            ("POST", "/nowhere", {}, b"unread", 404),
            ("POST", "/v1/create", {}, b"{", 400),
            ("POST", "/v1/create", CHUNKED, chunked(b"{", b"}"), 200),
            ("DELETE", "/v1/resp", {}, None, 405),
            ("GET", "/v1/watch", {}, None, 200),
            ("HEAD", "/v1/watch", {}, None, 200),
            ("GET", "/healthz", {}, None, 200),
            ("POST", "/v1/create", {"content-type": "text/xml"}, b"{}", 415),
        ):
            if headers is CHUNKED:
                client.send(
                    request_bytes(
                        gateway_port, method, target, {**CHUNKED, "connection": "x"}, None
                    )
                    + (body or b"")
                )
                reply = client.reply(method)
            else:
                reply = client.ask(method, target, headers, body)
            assert (reply.status, reply.complete) == (status, True), (method, target)
            assert reply.values("connection") == []


def test_connection_ends_where_the_client_says_so(gateway_port: int) -> None:
    """`Connection: close` is answered in kind."""
    with WireClient(gateway_port) as client:
        reply = client.ask("GET", "/v1/resp", {"connection": "close"})
        assert (reply.status, reply.values("connection")) == (200, ["close"])
        assert client.read_all() == b""


def test_requests_in_one_piece_are_answered_in_their_order(
    gateway_port: int, backend: Backend
) -> None:
    """Pipelining: bodies, errors and calls each in its place."""
    backend.answer({"delay": 0.05, "response": {"id": "a"}})
    wanted = [("GET", "/v1/resp", None, 200), ("POST", "/v1/create", b'{"id":"b"}', 200)]
    wanted += [("GET", "/nowhere", None, 404), ("POST", "/v1/create", b"[", 400)]
    wanted += [("HEAD", "/v1/resp", None, 200), ("GET", "/v1/resp?id=last", None, 200)]
    with nothing_went_wrong(), WireClient(gateway_port) as client:
        client.send(
            b"".join(
                request_bytes(gateway_port, method, target, {"connection": "keep-alive"}, body)
                for method, target, body, _ in wanted
            )
        )
        for method, target, _, status in wanted:
            reply = client.reply(method)
            assert (reply.status, reply.complete) == (status, True), (method, target)
    assert ids(backend) == ["", "b", "", "last"]


def test_request_behind_another_is_not_blamed_for_waiting(backend: Backend) -> None:
    """While the first call takes its time nothing of the second is read: that is not the client's delay."""
    backend.answer({"delay": 2.5, "response": {"id": "a"}})
    options = {"body_timeout_seconds": 1.0, "header_timeout_seconds": 1.0}
    with running_gateway(backend.port, **options) as port, WireClient(port) as client:
        client.write("GET", "/v1/resp")
        client.write("POST", "/v1/create", {"content-length": "10"}, b'{"id"')
        assert client.is_open(0.3)
        client.send(b':"b"}')
        assert client.reply().status == 200
        assert client.reply("POST").status == 200
    assert ids(backend) == ["", "b"]


def test_garbage_behind_a_request_does_not_become_its_answer(
    gateway_port: int, backend: Backend
) -> None:
    """The valid request gets its answer, and the connection ends."""
    backend.answer({"delay": 0.3, "response": {"id": "a"}})
    with WireClient(gateway_port) as client:
        client.write("GET", "/v1/resp")
        backend.await_calls(1)
        client.send(b"\x00\x01 garbage\r\n\r\n")
        assert client.reply().status == 200
        assert client.read_all() == b""


def test_expect_100_continue_is_answered_before_the_body(gateway_port: int) -> None:
    """The client sends its body when it is told to; where the request fails anyway, it never is."""
    expect = {"expect": "100-continue", "content-length": "10"}
    with WireClient(gateway_port) as client:
        client.write("POST", "/v1/create", expect)
        assert client.read_until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.send(b'{"id":"b"}')
        assert client.reply().status == 200
    for target, more, status in (
        ("/nowhere", {}, 404),
        ("/v1/create", {"content-length": str(1 << 30)}, 413),
        ("/v1/create", {"content-encoding": "br"}, 415),
        ("/v1/create", {"grpc-timeout": "x"}, 400),
    ):
        with WireClient(gateway_port) as client:
            client.write("POST", target, {**expect, **more})
            assert client.reply("POST").status == status
            assert client.informational == []


def test_http_1_0_gets_no_chunks(gateway_port: int) -> None:
    """A client of HTTP/1.0 does not know them (RFC 9112, 6.1): a stream ends with the connection."""
    for target, body in (("/v1/resp", b'{"id":"a"}'), ("/v1/watch", b'[{"id":"a"}]')):
        with WireClient(gateway_port) as client:
            client.send(b"GET %s HTTP/1.0\r\n\r\n" % target.encode())
            head, _, rest = client.read_all().partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 ")
            assert b"connection: close" in head
            assert b"transfer-encoding" not in head
            assert rest == body


def test_target_may_be_a_whole_uri(gateway_port: int, backend: Backend) -> None:
    """absolute-form: proxies send it, servers have to take it (RFC 9112, 3.2.2)."""
    reply = send(gateway_port, "GET", "http://any.example:1/v1/search?id=x")
    assert reply.status == 200
    assert ids(backend) == ["x"]


def test_fragment_is_no_part_of_the_target(gateway_port: int, backend: Backend) -> None:
    """No client should send one; if it does, it changes nothing."""
    assert send(gateway_port, "GET", "/v1/search?id=x#y").status == 200
    assert ids(backend) == ["x"]


@pytest.mark.parametrize(
    "request_",
    [
        b"GET\r\n\r\n",
        b"GET /v1/resp HTTP/3.7\r\n\r\n",
        b"GET /v1/re\xe9sp HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /v1/resp HTTP/1.1\r\nhost: x\r\nno colon\r\n\r\n",
        b"GET /v1/resp HTTP/1.1\r\nhost: x\r\na\x00b: c\r\n\r\n",
        b"GET /v1/resp HTTP/1.1\r\nhost: x\r\na: \x00\r\n\r\n",
        b"POST /v1/create HTTP/1.1\r\nhost: x\r\ncontent-length: 2, 3\r\n\r\n{}",
        b"POST /v1/create HTTP/1.1\r\nhost: x\r\ncontent-length: -2\r\n\r\n{}",
        b"POST /v1/create HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
        b"POST /v1/create HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n"
        b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/create HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked, identity\r\n\r\n{}",
        b"POST /v1/create HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_what_is_not_http_is_400_and_ends_the_connection(
    gateway_port: int, backend: Backend, request_: bytes
) -> None:
    """In JSON, as all errors; never a call, so that two servers cannot read two requests out of it."""
    with WireClient(gateway_port) as client:
        client.send(request_)
        reply = client.reply()
        status = check_status(reply, 400, INVALID_ARGUMENT)
        assert reason_of(status) == "REQUEST_NOT_HTTP"
        assert reply.values("connection") == ["close"]
        assert client.read_all() == b""
    assert backend.calls() == []


@pytest.mark.parametrize("version", [b" HTTP/1.1", b""])
def test_request_without_host_is_400(gateway_port: int, backend: Backend, version: bytes) -> None:
    """HTTP/1.1 has to say whom it means (RFC 9112, 3.2); HTTP/0.9 is no more."""
    with WireClient(gateway_port) as client:
        client.send(b"GET /v1/resp%s\r\n\r\n" % version)
        assert client.reply().status == 400
    assert backend.calls() == []


def test_coding_of_the_transfer_that_is_unknown_is_refused(gateway_port: int) -> None:
    """Not read as if it were none (RFC 9112, 6.1)."""
    with WireClient(gateway_port) as client:
        head = {"transfer-encoding": "gzip, chunked"}
        client.send(request_bytes(gateway_port, "POST", "/v1/create", head, None) + chunked(b"{}"))
        assert client.reply("POST").status == 400


def test_trailers_are_no_headers(gateway_port: int, backend: Backend) -> None:
    """A proxy in front that checks or sets headers does not look behind the body (RFC 9110, 6.5.1)."""
    with WireClient(gateway_port) as client:
        head = {**CHUNKED, "x-user": "checked"}
        client.send(
            request_bytes(gateway_port, "POST", "/v1/create", head, None)
            + b"2\r\n{}\r\n0\r\nx-user: forged\r\nauthorization: Bearer forged\r\n\r\n"
        )
        assert client.reply("POST").status == 200
    [call] = backend.calls()
    assert call.values("x-user") == ["checked"]
    assert call.values("authorization") == []


def test_large_body_in_one_piece_is_not_taken_for_headers(gateway_port: int) -> None:
    """Of the request that follows: each has its own bound."""
    body = b'{"fString":"%s"}' % (b"x" * 60_000)
    with WireClient(gateway_port) as client:
        for _ in range(3):
            assert client.ask("POST", "/v1/create", {}, body).status == 200
            assert client.ask("GET", "/v1/resp").status == 200


@pytest.mark.parametrize("padding", [b"\r\n", b"\r\n\r\n"])
def test_empty_lines_before_a_request_are_passed_over(gateway_port: int, padding: bytes) -> None:
    """Old clients send one after a body (RFC 9112, 2.2)."""
    with WireClient(gateway_port) as client:
        assert client.ask("GET", "/v1/resp").status == 200
        client.send(padding)
        assert client.ask("GET", "/v1/resp").status == 200


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        (b"", "Host"),
        (b"host: a\r\nhost: b\r\n", "Host"),
        (b"host: a\r\ncontent-length: 2, 3\r\n", "Content-Length"),
        (b"host: a\r\ncontent-length: 2\r\ncontent-length: 3\r\n", "Content-Length"),
        (b"host: a\r\ntransfer-encoding: gzip, chunked\r\n", "Transfer-Encoding"),
        (b"host: a\r\ntransfer-encoding: chunked, identity\r\n", "Transfer-Encoding"),
        (b"host: a\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n", "Transfer-Encoding"),
    ],
)
def test_refusal_names_the_header_at_fault(gateway_port: int, headers: bytes, named: str) -> None:
    """Not only that something is wrong."""
    with WireClient(gateway_port) as client:
        client.send(b"POST /v1/create HTTP/1.1\r\n%s\r\n" % headers)
        status = check_status(client.reply("POST"), 400, INVALID_ARGUMENT)
    assert f"header {named} " in str(status["message"]) or f"and {named} " in str(status["message"])
