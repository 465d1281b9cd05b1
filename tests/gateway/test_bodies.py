"""Bodies of requests: bounds, gzip, media types."""

import gzip
import re
import zlib
from pathlib import Path

import pytest

from tests.gateway.backend import Backend
from tests.gateway.engine import running_gateway
from tests.gateway.http_client import request_bytes, send
from tests.gateway.statuses import check_status, reason_of
from tests.gateway.test_http import CHUNKED, chunked
from tests.gateway.test_shutdown import gateway_program
from tests.gateway.upstream_process import running_process
from tests.gateway.wire_client import WireClient

INVALID_ARGUMENT = 3
BOMB_BYTES = 256 << 20


def test_gzip_body_is_unpacked(gateway_port: int, backend: Backend) -> None:
    """Also in chunks."""
    backend.answer({})
    packed = gzip.compress(b'{"id":"b"}')
    reply = send(gateway_port, "POST", "/v1/create", {"content-encoding": "gzip"}, packed)
    assert reply.status == 200
    with WireClient(gateway_port) as client:
        head = {**CHUNKED, "content-encoding": "gzip"}
        client.send(
            request_bytes(gateway_port, "POST", "/v1/create", head, None)
            + chunked(packed[:7], packed[7:])
        )
        assert client.reply("POST").status == 200
    assert [call.messages[0].id for call in backend.calls()] == ["b", "b"]


@pytest.mark.parametrize("size", [66_000, 20_000_000])
def test_body_that_unpacks_beyond_the_bound_is_413(backend: Backend, size: int) -> None:
    """The bound holds for the unpacked body."""
    packed = gzip.compress(b" " * size + b"{}")
    assert len(packed) < 65_000
    with running_gateway(backend.port, max_request_bytes=65_536) as port:
        reply = send(port, "POST", "/v1/create", {"content-encoding": "gzip"}, packed)
    assert reason_of(check_status(reply, 413, INVALID_ARGUMENT)) == "BODY_TOO_LARGE"


def test_body_that_unpacks_beyond_the_bound_takes_little_memory(tmp_path: Path) -> None:
    """The gateway stops unpacking at its bound, so its memory does not grow by what the body would be."""
    bomb = gzip.compress(b" " * BOMB_BYTES, 9)
    with (
        running_process() as upstream,
        gateway_program(tmp_path, upstream.port) as program,
    ):
        port = int(program.rest.rpartition(":")[2])
        for target in ("/v1/create", "/v1/raw"):
            small = gzip.compress(b'{"id":"a"}')
            reply = send(port, "POST", target, {"content-encoding": "gzip"}, small)
            assert reply.status == 200
        before = memory_of(program.process.pid, "VmRSS")
        for target in ("/v1/create", "/v1/raw"):
            reply = send(port, "POST", target, {"content-encoding": "gzip"}, bomb)
            assert reason_of(check_status(reply, 413, INVALID_ARGUMENT)) == "BODY_TOO_LARGE"
        peak = memory_of(program.process.pid, "VmHWM")
    assert peak - before < BOMB_BYTES // 8


def memory_of(pid: int, name: str) -> int:
    """Bytes of a process: VmRSS is what it has now, VmHWM the most that it has ever had."""
    found = re.search(
        rf"^{name}:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE
    )
    assert found is not None
    return int(found[1]) * 1024


@pytest.mark.parametrize(
    "body",
    [
        b"not gzip",
        b"",
        b"{}",
        gzip.compress(b"{}", mtime=0)[:-1],
        gzip.compress(b"{}", mtime=0)[:10],
        gzip.compress(b"{}", mtime=0) + b"more",
        gzip.compress(b"{}", mtime=0)[:-8] + b"\0" * 8,
        zlib.compress(b"{}"),
    ],
)
def test_body_that_is_no_gzip_is_400(gateway_port: int, backend: Backend, body: bytes) -> None:
    """Cut off, followed by something, with a wrong checksum, or of another kind."""
    backend.answer({})
    reply = send(gateway_port, "POST", "/v1/create", {"content-encoding": "gzip"}, body)
    assert reason_of(check_status(reply, 400, INVALID_ARGUMENT)) == "BODY_NOT_GZIP"
    assert backend.calls() == []


def test_body_beyond_the_bound_is_413_before_it_is_read(backend: Backend) -> None:
    """Where its length is declared; in chunks as soon as there is too much."""
    backend.answer({})
    with running_gateway(backend.port, max_request_bytes=100) as port:
        with WireClient(port) as client:
            client.write("POST", "/v1/create", {"content-length": "101"})
            check_status(client.reply("POST"), 413, INVALID_ARGUMENT)
        for target, content_type in (("/v1/create", ""), ("/v1/raw", "text/plain")):
            with WireClient(port) as client:
                head = {**CHUNKED, "content-type": content_type}
                client.send(request_bytes(port, "POST", target, head, None))
                client.send(chunked(b" " * 90, b" " * 11).removesuffix(b"0\r\n\r\n"))
                check_status(client.reply("POST"), 413, INVALID_ARGUMENT)
        fits = b'{"id":"%s"}' % (b"a" * 91)
        assert len(fits) == 100
        assert send(port, "POST", "/v1/create", {}, fits).status == 200
    assert len(backend.calls()) == 1


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("", 200),
        ("application/json", 200),
        ("Application/JSON; charset=UTF-8", 200),
        ('application/json; charset="utf-8"', 200),
        ("application/problem+json", 200),
        ("application/json; charset=latin1", 415),
        ("application/x-www-form-urlencoded", 415),
        ("text/plain", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/jsonx", 415),
    ],
)
def test_media_type_of_a_body(
    gateway_port: int, backend: Backend, content_type: str, status: int
) -> None:
    """JSON in UTF-8. What a form of another page can send is refused, as it comes without preflight."""
    backend.answer({})
    reply = send(gateway_port, "POST", "/v1/create", {"content-type": content_type}, b"{}")
    assert reply.status == status
    if status == 415:
        assert reason_of(check_status(reply, 415, INVALID_ARGUMENT)) == "CONTENT_TYPE_UNKNOWN"
        assert reply.values("accept") == ["application/json"]
        assert backend.calls() == []


@pytest.mark.parametrize("target", ["/v1/create", "/v1/raw", "/v1/uploadstream/x"])
def test_coding_of_a_body_that_is_unknown_is_415(
    gateway_port: int, backend: Backend, target: str
) -> None:
    """For JSON and for raw bodies, whole or in pieces: nothing is passed on as what it is not."""
    backend.answer({})
    reply = send(gateway_port, "POST", target, {"content-encoding": "br"}, b"{}")
    assert reason_of(check_status(reply, 415, INVALID_ARGUMENT)) == "CONTENT_ENCODING_UNKNOWN"
    assert reply.values("accept-encoding") == ["gzip"]


@pytest.mark.parametrize("target", ["/v1/upload/x", "/v1/raw", "/v1/uploadstream/x"])
def test_raw_body_is_unpacked(gateway_port: int, backend: Backend, target: str) -> None:
    """The service gets the bytes that were meant, since Content-Encoding does not reach it."""
    backend.answer({})
    headers = {"content-encoding": "gzip", "content-type": "text/plain"}
    reply = send(gateway_port, "POST", target, headers, gzip.compress(b"hello"))
    assert reply.status == 200
    bodies = [getattr(message, "file", message) for message in backend.calls()[0].messages]
    assert b"".join(body.data for body in bodies) == b"hello"
