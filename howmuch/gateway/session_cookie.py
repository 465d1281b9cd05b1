"""Credentials of browsers in a cookie that no script can read.

A method whose request asks for it sets the cookie instead of returning its token. The cookie stands for
`Authorization: Bearer TOKEN`, if the browser itself marks the request as one of the same origin
(Sec-Fetch-Site, else Origin). A request that may write also needs a JSON content type, which no form of
another site can send. Given credentials win over the cookie.

A marker, a second cookie without a secret, tells scripts of the page whether there is a session, so that
they need not ask in vain.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import code_pb2

from howmuch.gateway.codec import Codec
from howmuch.gateway.headers import RequestHeaders
from howmuch.gateway.options import GatewayOptions, SessionCookie
from howmuch.gateway.replies import JSON_TYPE, Reply, json_reply
from howmuch.gateway.routes import Route
from howmuch.gateway.status import Headers, Refusal, refusal
from howmuch.runtime.networks import Network, is_in, plain_address

_TOKEN = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{1,4096}")
_READS = ("GET", "HEAD")

_OTHER_SITE = "The request comes from a page of another site."
_NO_SITE = (
    "Neither `Sec-Fetch-Site` nor `Origin` says, as browsers do, that a page of this site sends it."
)


class Found(NamedTuple):
    """The headers of a request, with the credentials of its cookie.

    used: whether the cookie gave the credentials. ignored: why it did not count; empty means that it counted,
    or was not there.
    """

    headers: Sequence[tuple[bytes, bytes]]
    secure: bool
    used: bool
    ignored: str


class Cookies:
    """The cookie of all routes."""

    def __init__(
        self, cookie: SessionCookie, options: GatewayOptions, trusted: Sequence[Network]
    ) -> None:
        self._cookie = cookie
        self._tls = options.tls is not None
        self._trusted = trusted

    def find(self, scope: Mapping[str, Any]) -> Found:
        """The credentials of a request. The Cookie header itself goes no further."""
        raw: Sequence[tuple[bytes, bytes]] = scope["headers"]
        headers = RequestHeaders(raw)
        client = scope.get("client")
        secure = self._tls or (
            client is not None
            and is_in(plain_address(client[0]), self._trusted)
            and headers.get(b"x-forwarded-proto").lower() == "https"
        )
        tokens = self._tokens(raw, secure=secure)
        if not tokens:
            return Found(raw, secure, used=False, ignored="")
        kept = [header for header in raw if header[0] != b"cookie"]
        if headers.get(b"authorization"):
            return Found(kept, secure, used=False, ignored="")
        ignored = _why_ignored(tokens, headers, secure=secure, reads=scope["method"] in _READS)
        if not ignored:
            kept.append((b"authorization", f"Bearer {tokens[0]}".encode()))
        return Found(kept, secure, used=not ignored, ignored=ignored)

    def _tokens(self, raw: Sequence[tuple[bytes, bytes]], *, secure: bool) -> list[str]:
        name = cookie_name(self._cookie, secure=secure)
        pairs = (
            pair.strip().partition("=")
            for header, value in raw
            if header == b"cookie"
            for pair in value.decode("latin-1").split(";")
        )
        return [value for found, _, value in pairs if found == name]

    def clearing(self, *, secure: bool) -> Headers:
        """The headers that remove the cookie and its marker."""
        return _set_cookies(self._cookie, "", 0, secure=secure)

    def says_ended(self, error: Refusal) -> bool:
        """Whether a refusal says that the session of the cookie has ended."""
        return error.reason == self._cookie.ended_reason


class CookieAnswers:
    """The responses of a method that sets the cookie."""

    def __init__(self, cookie: SessionCookie, route: Route, codec: Codec) -> None:
        method = route.method
        self._cookie = cookie
        self._request = codec.to_value(method.input_type.full_name)
        self._response = codec.to_value(method.output_type.full_name)
        self._asked_by = method.input_type.fields_by_name[cookie.asked_by].json_name
        self._token = method.output_type.fields_by_name[cookie.token].json_name

    def is_asked(self, request: bytes) -> bool:
        """Whether a request asks for the cookie."""
        return bool(self._request(request).get(self._asked_by))

    def check_origin(self, headers: RequestHeaders, *, secure: bool) -> None:
        """Raises Refusal if a page of another site asks for the cookie. Programs have no origin."""
        if is_same_origin(headers, secure=secure) is False:
            raise not_accepted(_OTHER_SITE)

    def answer(self, wire: bytes, now: float, *, secure: bool) -> "CookieAnswer":
        """The response without its token, which is in the header. now: seconds since 1970."""
        value = self._response(wire)
        token = value.pop(self._token, "")
        expires: Any = value
        for name in self._cookie.expires:
            expires = expires.get(name, {})
        instant = Timestamp()
        instant.FromJsonString(expires)
        seconds = max(0, int(instant.seconds - now))
        return CookieAnswer(
            json_reply(value), _set_cookies(self._cookie, token, seconds, secure=secure)
        )


class CookieAnswer(NamedTuple):
    """A response, and its Set-Cookie headers."""

    reply: Reply
    headers: Headers


def is_same_origin(headers: RequestHeaders, *, secure: bool) -> bool | None:
    """Whether a page of this origin sends the request. None means that the browser does not say."""
    site = headers.get(b"sec-fetch-site").lower()
    if site:
        return site == "same-origin"
    origin = headers.get(b"origin").lower()
    if not origin:
        return None
    scheme = "https" if secure else "http"
    return origin == f"{scheme}://{headers.get(b'host').lower()}"


def not_accepted(why: str) -> Refusal:
    """The error for a request whose cookie does not count. why: a sentence."""
    return refusal(
        code_pb2.PERMISSION_DENIED,
        "COOKIE_NOT_ACCEPTED",
        f"The session cookie does not count here. {why} Programs send `Authorization: Bearer TOKEN` instead.",
    )


def _why_ignored(
    tokens: Sequence[str], headers: RequestHeaders, *, secure: bool, reads: bool
) -> str:
    """Why a cookie does not count, in a sentence; empty means that it does. tokens: its values."""
    same_origin = is_same_origin(headers, secure=secure)
    if same_origin is None:
        return _NO_SITE
    if not same_origin:
        return _OTHER_SITE
    if len(tokens) > 1:
        # The others come from another site with the same parent domain.
        return f"The request has {len(tokens)} cookies of this name; delete them, and log in again."
    if not _TOKEN.fullmatch(tokens[0]):
        return "Its value is not a session token; delete it, and log in again."
    if not reads and not _is_json(headers):
        given = headers.get(b"content-type")
        said = f"this one has {given[:60]!r}" if given else "this one has none"
        rule = (
            "A request that may write needs `Content-Type: application/json`, also without a body"
        )
        return f"{rule}; {said}."
    return ""


def cookie_name(cookie: SessionCookie, *, secure: bool) -> str:
    """The name. Browsers take `__Host-` only over HTTPS, from this host, for all its paths."""
    return f"__Host-{cookie.name}" if secure else cookie.name


def _is_json(headers: RequestHeaders) -> bool:
    media_type = headers.get(b"content-type").lower().partition(";")[0].strip()
    return media_type == JSON_TYPE.decode() or media_type.endswith("+json")


def _set_cookies(cookie: SessionCookie, token: str, seconds: int, *, secure: bool) -> Headers:
    """The headers that set the cookie and its marker. seconds: how long they last; 0 removes them."""
    marker = "1" if token else ""
    scope = f"Path=/; Max-Age={seconds}"
    rest = "; SameSite=Lax" + ("; Secure" if secure else "")
    return [
        (
            b"set-cookie",
            f"{cookie_name(cookie, secure=secure)}={token}; {scope}; HttpOnly{rest}".encode(),
        ),
        (b"set-cookie", f"{cookie.marker}={marker}; {scope}{rest}".encode()),
    ]
