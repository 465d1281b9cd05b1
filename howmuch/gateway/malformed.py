"""Responses without a request: to invalid HTTP/1.1, large headers, and too many connections."""

from collections.abc import Sequence
from typing import NamedTuple

from google.rpc import code_pb2

from howmuch.gateway.exchange import safe_headers
from howmuch.gateway.headers import new_request_id
from howmuch.gateway.options import GatewayOptions
from howmuch.gateway.status import refusal

_CODES = {429: code_pb2.RESOURCE_EXHAUSTED, 503: code_pb2.UNAVAILABLE}


class Malformed(NamedTuple):
    """An error response. phrase: HTTP's reason phrase. reason: UPPER_SNAKE, for programs."""

    status: int
    phrase: str
    reason: str
    message: str

    def response(self, options: GatewayOptions) -> bytes:
        """The whole HTTP response, which closes the connection."""
        code = _CODES.get(self.status, code_pb2.INVALID_ARGUMENT)
        error = refusal(code, self.reason, self.message, http_status=self.status)
        body = error.to_json()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            (b"cache-control", b"no-store"),
            (b"connection", b"close"),
            *safe_headers(options.hsts_seconds if options.tls else 0),
            (b"x-request-id", new_request_id().encode()),
            *error.retry_after(),
        ]
        head = f"HTTP/1.1 {self.status} {self.phrase}\r\n".encode()
        return head + b"".join(b"%s: %s\r\n" % header for header in headers) + b"\r\n" + body


NOT_HTTP = Malformed(
    400, "Bad Request", "REQUEST_NOT_HTTP", "This is not a valid HTTP/1.1 request."
)
TOO_SLOW = Malformed(
    408, "Request Timeout", "REQUEST_TOO_SLOW", "The request did not arrive in time."
)
TARGET_TOO_LONG = Malformed(
    414, "URI Too Long", "TARGET_TOO_LONG", "The path and query of the request are too long."
)
HEADERS_TOO_LARGE = Malformed(
    431,
    "Request Header Fields Too Large",
    "HEADERS_TOO_LARGE",
    "The headers of the request are too large.",
)
TOO_MANY_CONNECTIONS = Malformed(
    503,
    "Service Unavailable",
    "TOO_MANY_CONNECTIONS_IN_ALL",
    "The gateway has too many connections. Try again in a moment.",
)
TOO_MANY_CONNECTIONS_OF_NETWORK = Malformed(
    429,
    "Too Many Requests",
    "TOO_MANY_CONNECTIONS",
    "Your network has too many connections. Close one, or reuse it.",
)


def framing_fault(version: str, headers: Sequence[tuple[bytes, bytes]]) -> Malformed | None:
    """The response to ambiguous framing (RFC 9112, 3.2 and 6). None means that it is clear."""
    names = [name for name, _ in headers]
    if version not in ("1.0", "1.1"):
        return _not_http(f"The version of HTTP is {version}; only 1.0 and 1.1 are accepted.")
    if names.count(b"host") > 1:
        return _not_http("The header Host is given twice.")
    if version == "1.1" and b"host" not in names:
        return _not_http("The header Host is missing.")
    codings = [value.lower() for name, value in headers if name == b"transfer-encoding"]
    if codings and codings != [b"chunked"]:
        return _not_http(
            "The header Transfer-Encoding is not `chunked`, the only one that is accepted."
        )
    if codings and b"content-length" in names:
        return _TWO_FRAMINGS
    return None


def parser_fault(error: str) -> Malformed:
    """The response to a request that the parser rejects with this text."""
    lower = error.lower()
    if "content-length" in lower and "transfer-encoding" in lower:
        return _TWO_FRAMINGS
    for name in ("Content-Length", "Transfer-Encoding"):
        if name.lower() in lower:
            return _not_http(f"The header {name} is not valid.")
    return NOT_HTTP


def _not_http(message: str) -> Malformed:
    return NOT_HTTP._replace(message=message)


_TWO_FRAMINGS = _not_http("The headers Content-Length and Transfer-Encoding exclude each other.")
