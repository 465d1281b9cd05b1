"""Requests whose session cookie counts: only those of pages of the same origin."""

from typing import Any

import pytest

from howmuch.gateway.options import GatewayOptions, SessionCookie
from howmuch.gateway.session_cookie import Cookies
from howmuch.runtime.networks import parse_networks

COOKIE = SessionCookie("sid", "/x", "cookie", "token", ("expireTime",), (), "ENDED", "sid_marker")
COOKIES = Cookies(COOKIE, GatewayOptions(), parse_networks(["10.0.0.1"]))
JSON = {"content-type": "application/json; charset=utf-8"}
SAME = {"sec-fetch-site": "same-origin"}


def found(method: str, headers: dict[str, str], client: str = "192.0.2.1") -> Any:
    given = {"host": "money.example", "cookie": "a=b; sid=secret", **headers}
    raw = [(name.encode(), value.encode()) for name, value in given.items()]
    return COOKIES.find({"headers": raw, "method": method, "client": (client, 1)})


@pytest.mark.parametrize(
    ("method", "headers", "counts"),
    [
        ("GET", SAME, True),
        ("HEAD", SAME, True),
        ("GET", {"origin": "http://money.example"}, True),
        ("GET", {"origin": "https://money.example"}, False),
        ("GET", {"origin": "http://evil.example"}, False),
        ("GET", {"origin": "null"}, False),
        ("GET", {}, False),
        ("GET", {"sec-fetch-site": "same-site"}, False),
        ("GET", {"sec-fetch-site": "none"}, False),
        ("GET", {"sec-fetch-site": "cross-site", "origin": "http://money.example"}, False),
        ("POST", SAME, False),
        ("DELETE", SAME, False),
        ("POST", {**SAME, "content-type": "text/plain"}, False),
        ("POST", {**SAME, "content-type": "application/x-www-form-urlencoded"}, False),
        ("POST", {**SAME, **JSON}, True),
        ("DELETE", {**SAME, **JSON}, True),
        ("POST", JSON, False),
        ("GET", {**SAME, "cookie": "sid=one; sid=two"}, False),
        ("GET", {**SAME, "cookie": "sid=a b"}, False),
    ],
)
def test_cookie_counts_in_requests_of_the_same_origin(
    method: str, headers: dict[str, str], counts: bool
) -> None:
    seen = found(method, headers)
    assert (seen.used, bool(seen.ignored)) == (counts, not counts)
    given = dict(seen.headers)
    assert given.get(b"authorization") == (b"Bearer secret" if counts else None)
    assert b"cookie" not in given


@pytest.mark.parametrize(
    ("method", "headers", "why"),
    [
        ("GET", {"origin": "http://evil.example"}, "a page of another site"),
        ("GET", {}, "Neither `Sec-Fetch-Site` nor `Origin`"),
        ("GET", {**SAME, "cookie": "sid=one; sid=two"}, "2 cookies of this name"),
        ("GET", {**SAME, "cookie": "sid=a b"}, "not a session token"),
        (
            "DELETE",
            SAME,
            "`Content-Type: application/json`, also without a body; this one has none.",
        ),
        ("POST", {**SAME, "content-type": "text/plain"}, "this one has 'text/plain'."),
    ],
)
def test_cookie_that_does_not_count_says_why(
    method: str, headers: dict[str, str], why: str
) -> None:
    assert why in found(method, headers).ignored


def test_given_credentials_win_over_the_cookie() -> None:
    seen = found("GET", {**SAME, "authorization": "Bearer mine"})
    assert dict(seen.headers)[b"authorization"] == b"Bearer mine"
    assert not seen.used
    assert not seen.ignored


def test_other_cookies_are_not_the_session() -> None:
    """They go to the service, as without the option."""
    seen = found("GET", {**SAME, "cookie": "a=b"})
    assert dict(seen.headers)[b"cookie"] == b"a=b"
    assert not seen.used
    assert not seen.ignored


def test_cookie_of_https_has_the_prefix_that_binds_it_to_the_host() -> None:
    """A proxy that is trusted says that the browser sees HTTPS."""
    https = {**SAME, "x-forwarded-proto": "https"}
    assert not found("GET", https, "10.0.0.1").used
    https["cookie"] = "__Host-sid=secret"
    assert found("GET", https, "10.0.0.1").used
    assert not found("GET", https).used
    assert COOKIES.clearing(secure=True) == [
        (b"set-cookie", b"__Host-sid=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure"),
        (b"set-cookie", b"sid_marker=; Path=/; Max-Age=0; SameSite=Lax; Secure"),
    ]
