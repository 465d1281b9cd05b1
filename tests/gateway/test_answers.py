"""Answers beyond their JSON: ETags, HEAD, OPTIONS, gzip, bounds."""

import pytest

from tests.gateway.backend import Backend
from tests.gateway.engine import running_gateway
from tests.gateway.http_client import Reply, send
from tests.gateway.statuses import check_status

NOT_FOUND, UNIMPLEMENTED, INTERNAL = 5, 12, 13


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
