"""Requests that ask for another protocol, as those of Java's client do by default."""

import pytest

from tests.gateway.backend import Backend
from tests.gateway.http_client import Headers, request_bytes
from tests.gateway.test_http import CHUNKED, chunked, echo, ids
from tests.gateway.wire_client import WireClient

UPGRADE: Headers = {
    "connection": "upgrade, http2-settings",
    "upgrade": "h2c",
    "http2-settings": "AA",
}
BODY = b'{"id":"first"}'
HIDDEN = b"GET /v1/single/hidden HTTP/1.1\r\nhost: x\r\n\r\n"

__all__ = ["echo"]


def requests(port: int, headers: Headers, body: bytes) -> bytes:
    """A POST that asks for an upgrade, with this body, and a GET behind it."""
    head = request_bytes(port, "POST", "/v1/create", {**UPGRADE, **headers}, None)
    return head + body + request_bytes(port, "GET", "/v1/resp?id=second", {}, None)


@pytest.mark.parametrize("piece", [1, 7, 10_000])
@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"content-length": str(len(BODY))}, BODY),
        (CHUNKED, chunked(BODY[:5], BODY[5:])),
        ({**CHUNKED, "expect": "100-continue"}, chunked(BODY)),
    ],
)
def test_body_of_an_upgrade_is_read_as_its_headers_say(
    gateway_port: int, backend: Backend, headers: Headers, body: bytes, piece: int
) -> None:
    """Whole, in whatever pieces it comes; and the request behind it is understood."""
    data = requests(gateway_port, headers, body)
    with WireClient(gateway_port) as client:
        for start in range(0, len(data), piece):
            client.send(data[start : start + piece])
        assert client.reply("POST").status == 200
        assert client.reply().status == 200
    first, second = backend.calls()
    assert (first.messages[0].id, second.messages[0].id) == ("first", "second")
    assert first.values("http2-settings") == first.values("upgrade") == []


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"content-length": str(len(HIDDEN))}, HIDDEN),
        (CHUNKED, chunked(HIDDEN)),
    ],
)
def test_upgrade_does_not_make_a_request_of_a_body(
    gateway_port: int, backend: Backend, headers: Headers, body: bytes
) -> None:
    """A proxy in front has passed one request, and has checked one."""
    with WireClient(gateway_port) as client:
        client.send(requests(gateway_port, headers, body))
        assert client.reply("POST").status == 400
        assert client.reply().status == 200
    assert ids(backend) == ["second"]


def test_upgrade_with_two_framings_is_refused(gateway_port: int, backend: Backend) -> None:
    """As without an upgrade."""
    both = {**CHUNKED, "content-length": "2"}
    with WireClient(gateway_port) as client:
        client.send(requests(gateway_port, both, chunked(b"{}")))
        assert client.reply("POST").status == 400
        assert client.read_all() == b""
    assert backend.calls() == []


def test_upgrade_is_passed_over(gateway_port: int, backend: Backend) -> None:
    """The gateway has nothing to upgrade to: the request is answered, and so is the one behind it."""
    upgrade = {"connection": "upgrade, http2-settings", "upgrade": "h2c", "http2-settings": "AA"}
    first = request_bytes(gateway_port, "GET", "/v1/resp?id=first", upgrade, None)
    second = request_bytes(gateway_port, "GET", "/v1/resp?id=second", {}, None)
    with WireClient(gateway_port) as client:
        client.send(first + second)
        assert client.reply().status == 200
        assert client.reply().status == 200
    assert ids(backend) == ["first", "second"]
    assert backend.calls()[0].values("http2-settings") == []
