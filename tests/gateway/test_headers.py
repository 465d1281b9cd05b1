"""Headers to metadata and back: what passes, what does not, and what the gateway says itself."""

import base64
import re
from typing import Any

import grpc
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from tests.gateway.backend import Backend
from tests.gateway.engine import running_gateway
from tests.gateway.http_client import Headers, send
from tests.gateway.messages import parsed_json
from tests.gateway.statuses import check_status, reason_of
from tests.gateway.upstreams import upstream
from tests.gateway.watched_logs import nothing_went_wrong

INVALID_ARGUMENT, RESOURCE_EXHAUSTED = 3, 8
MADE_ID = re.compile(r"[0-9a-f]{32}")
HOP_BY_HOP = {
    "connection": "keep-alive, x-named",
    "x-named": "secret",
    "keep-alive": "timeout=5",
    "te": "trailers",
    "trailer": "x-t",
    "upgrade": "h2c",
    "proxy-authorization": "Basic YTpi",
    "proxy-connection": "keep-alive",
    "proxy-authenticate": "Basic",
}


def called(port: int, backend: Backend, headers: Headers) -> dict[str, list[str | bytes]]:
    """The metadata of a call with these headers."""
    backend.answer({})
    assert send(port, "GET", "/v1/resp", headers).status == 200
    [call] = backend.calls()
    return {name: call.values(name) for name, _ in call.metadata}


def test_headers_of_one_connection_stay_there(gateway_port: int, backend: Backend) -> None:
    """Hop-by-hop headers, those that Connection names, and what is about the form of a body."""
    more = {"accept-encoding": "gzip", "content-type": "text/plain", "expect": "x", "host": "h"}
    metadata = called(gateway_port, backend, {**HOP_BY_HOP, **more, "x-kept": "1"})
    assert metadata["x-kept"] == ["1"]
    assert not {*HOP_BY_HOP, *more} & metadata.keys()


def test_every_line_of_connection_names_headers(gateway_port: int, backend: Backend) -> None:
    """A list may be spread over lines (RFC 9110, 5.3)."""
    lines = ["x-one", "X-Two , close", "close"]
    headers: Headers = {"connection": lines, "x-one": "1", "x-two": "2", "x-three": "3"}
    metadata = called(gateway_port, backend, headers)
    assert {"x-one", "x-two", "x-three"} & metadata.keys() == {"x-three"}


def test_names_of_grpc_cannot_be_sent(gateway_port: int, backend: Backend) -> None:
    """Not directly, and not under the prefix of grpc-gateway."""
    headers = {
        "grpc-status": "0",
        "grpc-encoding": "x",
        "grpc-metadata-grpc-trace-bin": "AA==",
        "grpc-metadata-x-real-ip": "6.6.6.6",
        "grpc-metadata-x-forwarded-for": "6.6.6.6",
        "grpc-metadata-te": "x",
        "grpc-metadata-x-mine": "1",
    }
    metadata = called(gateway_port, backend, headers)
    assert metadata["x-mine"] == ["1"]
    assert metadata["x-forwarded-for"] == ["127.0.0.1"]
    assert not {"x-real-ip", "te"} & metadata.keys()
    assert [name for name in metadata if name.startswith("grpc-")] == []


def test_what_services_need_passes(gateway_port: int, backend: Backend) -> None:
    """Credentials, keys, preconditions, traces; a name that is there twice stays so, in order."""
    headers: dict[str, str | list[str]] = {
        "authorization": "Bearer t",
        "idempotency-key": "k",
        "if-match": '"e"',
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "cookie": "a=b",
        "accept-language": "de",
        "x-many": ["1", "2", "1"],
        "user-agent": "test/1",
    }
    metadata = called(gateway_port, backend, headers)
    agent = headers.pop("user-agent")
    assert metadata["x-user-agent"] == [agent]
    for name, value in headers.items():
        assert metadata[name] == (value if isinstance(value, list) else [value])


def test_value_that_grpc_cannot_carry_is_left_out(gateway_port: int, backend: Backend) -> None:
    """Letters outside ASCII, and tabs; the request goes on."""
    with nothing_went_wrong():
        metadata = called(gateway_port, backend, {"x-a": "é", "x-b": "a\tb", "x-c": "c"})
    assert {"x-a", "x-b", "x-c"} & metadata.keys() == {"x-c"}


@pytest.mark.parametrize("text", ["AP8=", "AP8"])
def test_binary_header_is_base64(gateway_port: int, backend: Backend, text: str) -> None:
    """Padded or not; its bytes reach the service."""
    assert called(gateway_port, backend, {"x-raw-bin": text})["x-raw-bin"] == [b"\x00\xff"]


@pytest.mark.parametrize("text", ["%", "A", "é"])
def test_binary_header_that_is_none_is_400(gateway_port: int, backend: Backend, text: str) -> None:
    """Naming the header."""
    backend.answer({})
    status = check_status(
        send(gateway_port, "GET", "/v1/resp", {"x-raw-bin": text}), 400, INVALID_ARGUMENT
    )
    assert reason_of(status) == "HEADER_INVALID"
    assert "x-raw-bin" in str(status["message"])
    assert backend.calls() == []


def test_forwarded_for_is_what_the_gateway_saw(gateway_port: int, backend: Backend) -> None:
    """Nobody who is no trusted proxy can say that he is someone else."""
    spoofed: Headers = {
        "x-forwarded-for": ["6.6.6.6", "7.7.7.7"],
        "x-real-ip": "6.6.6.6",
        "forwarded": "for=6.6.6.6",
    }
    metadata = called(gateway_port, backend, spoofed)
    assert metadata["x-forwarded-for"] == ["127.0.0.1"]
    assert not {"x-real-ip", "forwarded"} & metadata.keys()


@pytest.mark.parametrize(
    ("networks", "given", "expected"),
    [
        (("127.0.0.0/8",), "1.2.3.4", "1.2.3.4, 127.0.0.1"),
        (("10.0.0.0/8", "127.0.0.1"), "1.2.3.4, 10.0.0.1", "1.2.3.4, 10.0.0.1, 127.0.0.1"),
        (("127.0.0.0/8",), [], "127.0.0.1"),
        (("127.0.0.0/8",), ["1.2.3.4", "10.0.0.1"], "1.2.3.4, 10.0.0.1, 127.0.0.1"),
        (("10.0.0.0/8", "::1"), "1.2.3.4", "127.0.0.1"),
    ],
)
def test_trusted_proxy_is_believed(
    backend: Backend, networks: tuple[str, ...], given: str | list[str], expected: str
) -> None:
    """And named behind whom it speaks for; all lines that it sent are one list."""
    with running_gateway(backend.port, trusted_proxies=networks) as port:
        metadata = called(port, backend, {"x-forwarded-for": given} if given else {})
    assert metadata["x-forwarded-for"] == [expected]


@pytest.mark.parametrize("given", ["é", "a\tb", "1.2.3.4, ü"])
def test_trusted_proxy_that_passes_nonsense_on_breaks_nothing(backend: Backend, given: str) -> None:
    """A value that gRPC cannot carry is dropped: the service gets the address of the proxy alone."""
    with (
        nothing_went_wrong(),
        running_gateway(backend.port, trusted_proxies=("127.0.0.1",)) as port,
    ):
        metadata = called(port, backend, {"x-forwarded-for": given})
    assert metadata["x-forwarded-for"] == ["127.0.0.1"]


def test_request_id_of_the_caller_is_kept(gateway_port: int, backend: Backend) -> None:
    """The service sees it, and the answer bears it, whether there is a call or not."""
    assert called(gateway_port, backend, {"x-request-id": "r-1/x"})["x-request-id"] == ["r-1/x"]
    for target in ("/v1/resp", "/nowhere", "/v1/watch", "/healthz"):
        reply = send(gateway_port, "GET", target, {"x-request-id": "r-2"})
        assert reply.values("x-request-id") == ["r-2"]


@pytest.mark.parametrize("given", [None, "", "a b", "x" * 129, "é"])
def test_request_id_is_made_where_there_is_none(
    gateway_port: int, backend: Backend, given: str | None
) -> None:
    """Or where it is none of up to 128 visible letters; service and caller get the same."""
    backend.answer({})
    headers = {} if given is None else {"x-request-id": given}
    [made] = send(gateway_port, "GET", "/v1/resp", headers).values("x-request-id")
    assert MADE_ID.fullmatch(made)
    assert backend.calls()[0].values("x-request-id") == [made]
    assert send(gateway_port, "GET", "/v1/resp").values("x-request-id") != [made]


def test_metadata_of_the_answer_becomes_headers(gateway_port: int, backend: Backend) -> None:
    """Initial metadata of replies, streams and errors; never what frames the answer."""
    sent = {
        "x-quota": "5",
        "set-cookie": "a=b",
        "x-raw-bin": b"\x00\xff",
        "connection": "close",
        "keep-alive": "x",
        "server": "secret/1",
    }
    for target, more in (
        ("/v1/resp", {}),
        ("/v1/watch", {"responses": [{}]}),
        ("/v1/resp", {"status": {"code": 5, "message": "none"}}),
    ):
        backend.answer({"initial_metadata": sent, **more})
        reply = send(gateway_port, "GET", target, {"connection": "keep-alive, close"})
        assert reply.values("x-quota") == ["5"]
        assert reply.values("set-cookie") == ["a=b"]
        assert reply.values("x-raw-bin") == [base64.b64encode(b"\x00\xff").decode()]
        assert reply.values("server") == []
        assert reply.values("keep-alive") == []
        assert [name for name, _ in reply.headers if name.startswith("grpc-")] == []


def test_own_etag_of_a_service_is_compared(gateway_port: int, backend: Backend) -> None:
    """The ETag that a client was given, wherever it came from, is one that it may come back with."""
    backend.answer({"initial_metadata": {"etag": '"v7"'}})
    assert send(gateway_port, "GET", "/v1/resp").values("etag") == ['"v7"']
    again = send(gateway_port, "GET", "/v1/resp", {"if-none-match": '"v7"'})
    assert (again.status, again.body) == (304, b"")


def failing(details: list[dict[str, Any]], code: int = RESOURCE_EXHAUSTED) -> dict[str, Any]:
    return {"status": {"code": code, "message": "Too much.", "details": details}}


@pytest.mark.parametrize(
    ("delay", "seconds"),
    [("1.5s", "2"), ("3s", "3"), ("0.001s", "1"), ("0s", "1"), ("3600s", "3600")],
)
def test_retry_after_is_the_delay_of_retry_info(
    gateway_port: int, backend: Backend, delay: str, seconds: str
) -> None:
    """In whole seconds, rounded up."""
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}
    backend.answer(failing([info]))
    reply = send(gateway_port, "GET", "/v1/resp")
    assert reply.values("retry-after") == [seconds]
    check_status(reply, 429, RESOURCE_EXHAUSTED)


def test_detail_of_unknown_type_is_kept_as_it_came() -> None:
    """Beside those that are known; a detail that is broken loses nothing either."""
    known = AnyMessage()
    known.Pack(RetryInfo())
    unknown = AnyMessage(type_url="type.googleapis.com/no.such.Type", value=b"\x08\x96\x01")
    broken = AnyMessage(type_url="type.googleapis.com/google.rpc.RetryInfo", value=b"\xff")
    rich = Status(code=9, message="No.", details=[unknown, known, broken]).SerializeToString()

    def fail(request: bytes, context: Any) -> list[bytes]:
        context.set_trailing_metadata((("grpc-status-details-bin", rich),))
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "No.")
        raise AssertionError

    with upstream(fail) as upstream_port, running_gateway(upstream_port) as port:
        reply = send(port, "GET", "/v1/resp")
    details = parsed_json(reply.content)["details"]
    assert details[0] == {"@type": unknown.type_url, "value": "CJYB"}
    assert details[1]["@type"].endswith("/google.rpc.RetryInfo")
    assert details[2] == {"@type": broken.type_url, "value": "/w=="}


@pytest.mark.parametrize("size", [9_000, 14_000, 20_000, 31_000])
def test_headers_under_the_bound_are_no_fault_of_the_service(
    gateway_port: int, backend: Backend, size: int
) -> None:
    """What gRPC will not carry is said to be too large, not a quota; nothing of gRPC is quoted."""
    backend.answer({})
    for _ in range(5):  # gRPC lets some pass between its two bounds, and refuses others.
        reply = send(gateway_port, "GET", "/v1/resp", {"x-large": "a" * size})
        if reply.status != 200:
            check_status(reply, 431, INVALID_ARGUMENT)
