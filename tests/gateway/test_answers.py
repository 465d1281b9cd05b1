"""Answers and bodies beyond their JSON: ETags, HEAD, OPTIONS, gzip, bounds, media types."""

import gzip
import re
import zlib
from pathlib import Path

import pytest

from tests.gateway.backend import Backend
from tests.gateway.engine import running_gateway
from tests.gateway.http_client import Reply, request_bytes, send
from tests.gateway.statuses import check_status, reason_of
from tests.gateway.test_http import CHUNKED, chunked
from tests.gateway.test_shutdown import gateway_program
from tests.gateway.upstream_process import running_process
from tests.gateway.wire_client import WireClient

INVALID_ARGUMENT, NOT_FOUND, UNIMPLEMENTED, INTERNAL = 3, 5, 12, 13
BOMB_BYTES = 256 << 20


@pytest.fixture
def large(backend: Backend) -> Backend:
    """Every answer has 2,000 letters in it."""
    backend.answer({"response": {"fString": "x" * 2000}})
    return backend


def test_answer_that_did_not_change_is_304(gateway_port: int, large: Backend) -> None:
    """For its ETag, strong or weak, alone or among others, for GET and HEAD, packed or not."""
    reply = send(gateway_port, "GET", "/v1/resp")
    [etag] = reply.values("etag")
    assert reply.values("cache-control") == ["private, no-cache"]
    for given in (etag, etag.removeprefix("W/"), f'"other", {etag}', "*"):
        for method in ("GET", "HEAD"):
            for coding in ("gzip", "identity"):
                headers = {"if-none-match": given, "accept-encoding": coding}
                again = send(gateway_port, method, "/v1/resp", headers)
                assert (again.status, again.body, again.complete) == (304, b"", True)
                assert again.values("etag") == [etag]
                assert again.values("content-type") == again.values("content-length") == []
    large.answer({"response": {"fString": "y" * 2000}})
    changed = send(gateway_port, "GET", "/v1/resp", {"if-none-match": etag})
    assert changed.status == 200
    assert changed.values("etag") != [etag]


@pytest.mark.parametrize("own", [False, True], ids=["of the message", "of the service"])
def test_near_miss_of_an_etag_gets_the_body(gateway_port: int, large: Backend, own: bool) -> None:
    """A part of the ETag, one letter more, another case and other quotes name another version."""
    if own:
        large.answer({"response": {"id": "a"}, "initial_metadata": {"etag": '"v7abc"'}})
    reply = send(gateway_port, "GET", "/v1/resp")
    [etag] = reply.values("etag")
    bare = etag.removeprefix("W/").strip('"')
    assert send(gateway_port, "GET", "/v1/resp", {"if-none-match": f'"{bare}"'}).status == 304
    for text in (bare[:-1], bare[1:], bare[0], bare + "0", bare.upper(), bare.swapcase(), ""):
        near = f'"{text}"'
        for given in (near, f"W/{near}", f'{near}, "other"'):
            check_body_again(gateway_port, given, reply)
    for given in (bare, f"'{bare}'", f'"{bare}', f'{bare}"', f'w/"{bare}"', f'"W/"{bare}""', '"*"'):
        check_body_again(gateway_port, given, reply)


def check_body_again(port: int, given: str, first: Reply) -> None:
    """The reply to a GET with this If-None-Match is the first one, whole."""
    again = send(port, "GET", "/v1/resp", {"if-none-match": given})
    assert (again.status, again.body, again.complete) == (200, first.body, True), given
    assert again.values("etag") == first.values("etag")


def test_answer_to_a_change_is_never_304(gateway_port: int, backend: Backend) -> None:
    """If-None-Match is about what GET gives."""
    backend.answer({})
    for method, target in (("POST", "/v1/create"), ("DELETE", "/v1/things/a")):
        reply = send(gateway_port, method, target, {"if-none-match": "*"})
        assert reply.status == 200
        assert reply.values("etag") == []
        assert reply.values("cache-control") == ["no-store"]


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip", True),
        ("deflate, GZIP;q=0.5", True),
        ("*", True),
        ("", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000, *", False),
        ("gzipped", False),
    ],
)
def test_large_answer_is_packed_for_who_takes_it(
    gateway_port: int, large: Backend, accepted: str, packed: bool
) -> None:
    """From 1 KiB on; caches are told, the ETag is a weak one."""
    reply = send(gateway_port, "GET", "/v1/resp", {"accept-encoding": accepted})
    assert reply.values("content-encoding") == (["gzip"] if packed else [])
    assert reply.content == b'{"fString":"%s"}' % (b"x" * 2000)
    assert "accept-encoding" in ", ".join(reply.values("vary")).lower()
    assert reply.values("content-length") == [str(len(reply.body))]
    assert not packed or reply.values("etag")[0].startswith("W/")


def test_small_answer_is_not_packed(gateway_port: int, backend: Backend) -> None:
    """It would only cost time."""
    backend.answer({"response": {"fString": "x" * 100}})
    reply = send(gateway_port, "GET", "/v1/resp", {"accept-encoding": "gzip"})
    assert reply.values("content-encoding") == []


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


def test_answer_beyond_its_bound_is_500(backend: Backend) -> None:
    """It says so, and not in the words of gRPC."""
    backend.answer({"response": {"fString": "x" * 2000}})
    with running_gateway(backend.port, max_response_bytes=1000) as port:
        check_status(send(port, "GET", "/v1/resp"), 500, INTERNAL)


def test_options_names_the_methods(gateway_port: int, backend: Backend) -> None:
    """204 with Allow; a method that is not among them is 405 with the same."""
    backend.answer({})
    for target, allow in (
        ("/v1/resp", "GET, HEAD, OPTIONS"),
        ("/v1/create", "OPTIONS, POST"),
        ("/v1/method/fixed", "GET, HEAD, OPTIONS, POST"),
        ("/healthz", "GET, HEAD, OPTIONS"),
    ):
        reply = send(gateway_port, "OPTIONS", target)
        assert (reply.status, reply.values("allow"), reply.body) == (204, [allow], b"")
        refused = send(gateway_port, "TRACE", target)
        check_status(refused, 405, UNIMPLEMENTED)
        assert refused.values("allow") == [allow]
    check_status(send(gateway_port, "OPTIONS", "/nowhere"), 404, NOT_FOUND)
    assert backend.calls() == []


def test_head_is_get_without_the_body(gateway_port: int, backend: Backend) -> None:
    """The same headers, Content-Length included."""
    backend.answer({"response": {"id": "a"}})
    for target in ("/v1/resp", "/healthz", "/nowhere"):
        got, head = (send(gateway_port, method, target) for method in ("GET", "HEAD"))
        assert (head.status, head.body, head.complete) == (got.status, b"", True)
        assert names(head.headers) == names(got.headers)
        assert head.values("content-length") == [str(len(got.body))]


def names(headers: tuple[tuple[str, str], ...]) -> list[str]:
    return [name for name, _ in headers]


def test_every_answer_is_safe_for_browsers(gateway_port: int, backend: Backend) -> None:
    """No sniffing, no referrer, no frame; nothing that tells what answers."""
    backend.answer({"responses": [{}]})
    for method, target in (("GET", "/v1/resp"), ("GET", "/nowhere"), ("GET", "/v1/watch")):
        reply = send(gateway_port, method, target)
        assert reply.values("x-content-type-options") == ["nosniff"]
        assert reply.values("referrer-policy") == ["no-referrer"]
        [policy] = reply.values("content-security-policy")
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert reply.values("server") == []
        assert len(reply.values("date")) == 1
