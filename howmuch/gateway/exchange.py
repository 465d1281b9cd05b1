"""One HTTP exchange: the bounded request body, and the headers and body of the response."""

import functools
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Protocol

from google.rpc import code_pb2

from howmuch.gateway.body_budget import SMALL_BYTES, BodyBudget
from howmuch.gateway.cors import Cors
from howmuch.gateway.error_page import HTML_TYPE, error_page
from howmuch.gateway.headers import RequestHeaders
from howmuch.gateway.options import GatewayOptions
from howmuch.gateway.status import Headers, Refusal, invalid, refusal
from howmuch.gateway.threads import LARGE_BYTES, Threads
from howmuch.runtime.networks import plain_address

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_GZIP = 16 + zlib.MAX_WBITS
_ANY_RATIO_BYTES = 64 * 1024
"""Decompressed bytes for which the ratio is not checked: a few lines may repeat themselves."""
_GZIP_LEVEL = 4
"""Nearly as small as the default of 6, in half the time."""

_BY_ENCODING = (b"vary", b"accept-encoding")
_SAFE_HEADERS: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


@functools.cache
def safe_headers(hsts_seconds: int) -> Headers:
    """Security headers of all responses. hsts_seconds: 0 means no Strict-Transport-Security."""
    if not hsts_seconds:
        return _SAFE_HEADERS
    return [*_SAFE_HEADERS, (b"strict-transport-security", b"max-age=%d" % hsts_seconds)]


class Connection(Protocol):
    """The connection of an exchange."""

    on_gone: Callable[[], object] | None
    """Runs once if the client disconnects before the response is complete."""

    async def send_whole(self, status: int, headers: Headers, body: bytes) -> None:
        """Sends a response of known length."""

    def abort(self) -> None:
        """Breaks the connection, so that the client sees that the response is incomplete."""

    def cut(self) -> None:
        """Breaks the connection at once, although the client has not read everything."""

    def unframed(self) -> bool:
        """Whether the end of the connection marks the end of a response of unknown length."""

    def last_part(self, length: int) -> None:
        """Announces that an unframed response ends after `length` more bytes."""


class ClientGone(Exception):
    """The client has closed the connection."""


class Exchange:
    """A request and its response. Implements howmuch.gateway.observer.Request.

    ends_early: whether a shutdown ends the response before its grace. fault: why reading the body failed
    after the call had started. html_errors: whether errors may be HTML. call_log: log fields about the call.
    network: of the client; empty until it is known. sent_body: JSON, for the names in errors. by_cookie,
    cookie_ignored: whether a cookie gave the credentials, and why it did not count. secure: whether the
    browser sees HTTPS, if cookies are used.
    """

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        options: GatewayOptions,
        cors: Cors,
        threads: Threads,
        bodies: BodyBudget,
    ) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["raw_path"].decode("ascii")
        self.query: bytes = scope["query_string"]
        self.headers = RequestHeaders(scope["headers"])
        self.request_id = self.headers.request_id()
        client = scope.get("client")
        self.client: str = plain_address(client[0]) if client else ""
        self.network = ""
        self.connection: Connection = scope["extensions"]["gateway.connection"]["self"]
        self._receive = receive
        self._send = send
        self._options = options
        self._cors = cors
        self._threads = threads
        self._bodies = bodies
        self._held = 0
        self.sent_body = b""
        self.by_cookie = False
        self.cookie_ignored = ""
        self.secure = False
        self.started = False
        self.fault: Refusal | ClientGone | None = None
        self._unframed = False
        self.route = ""
        self.html_errors = False
        self.ends_early = False
        self.status = 0
        self.call_log: Mapping[str, object] = {}
        self.given_traceparent = self.headers.get(b"traceparent")
        self.traceparent = ""

    def may_be_large(self) -> bool:
        """Whether the headers allow for a body that costs time or memory."""
        declared = self.headers.get(b"content-length")
        return (
            (declared.isdigit() and int(declared[:20]) > SMALL_BYTES)
            or bool(self.headers.get(b"transfer-encoding"))
            or self.headers.get(b"content-encoding") not in ("", "identity")
        )

    async def body(self, limit: int) -> bytes:
        """The whole decompressed body. Raises as `parts` does, and Refusal 503 if others take the memory."""
        body = bytearray()
        async for part in self.parts(limit):
            self._held = self._bodies.grow(self._held, len(part))
            body += part
        return bytes(body)

    def release(self) -> None:
        """Gives back the memory of the body, at the end of the request."""
        self.sent_body = b""
        self._bodies.release(self._held)
        self._held = 0

    async def parts(self, limit: int) -> AsyncIterator[bytes]:
        """The decompressed body as it arrives. limit: in bytes.

        Raises ClientGone if it ends early, Refusal 413 if it is too large and 415 for an unknown encoding.
        """
        decode = self._decoder(limit)
        declared = self.headers.get(b"content-length")
        if declared.isdigit() and int(declared) > limit:
            raise _too_large(limit)
        size = 0
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            more = message["more_body"]
            part = decode(message["body"], more)
            size += len(part)
            if size > limit:
                raise _too_large(limit)
            if part:
                yield part
            if not more:
                return

    def _decoder(self, limit: int) -> Callable[[bytes, bool], bytes]:
        """Decodes a part of the body, given whether more parts follow."""
        encoding = self.headers.get(b"content-encoding").lower()
        if encoding in ("gzip", "x-gzip"):
            return _gunzip(limit, self._options.max_compression_ratio)
        if encoding not in ("", "identity"):
            raise refusal(
                code_pb2.INVALID_ARGUMENT,
                "CONTENT_ENCODING_UNKNOWN",
                f"The Content-Encoding is {encoding[:60]!r}; only gzip is accepted.",
                http_status=415,
                headers=[(b"accept-encoding", b"gzip")],
            )
        return lambda part, _more: part

    async def answer(
        self,
        status: int,
        body: bytes,
        headers: Headers,
        *,
        content_type: bytes = b"application/json",
        compress: bool = True,
    ) -> None:
        """Sends a whole response, with `compress` gzipped if it is large and the client accepts that."""
        head: Headers = []
        if body or status == 200:
            head.append((b"content-type", content_type))
        if compress and self._options.gzip_min_bytes <= len(body):
            if _BY_ENCODING not in headers:
                head.append(_BY_ENCODING)
            if self.headers.accepts_coding("gzip"):
                large = len(body) > LARGE_BYTES
                body = await self._threads.answer(_gzip, body) if large else _gzip(body)
                head.append((b"content-encoding", b"gzip"))
                headers = [_weaker(header) for header in headers]
        if status not in (204, 304):
            head.append((b"content-length", b"%d" % len(body)))
        headers = head + headers
        self.status = status
        self._complete(headers)
        await self.connection.send_whole(status, headers, body)

    async def refuse(self, error: Refusal) -> None:
        """Sends google.rpc.Status as JSON, or an error page if the route returns documents."""
        if error.reason:
            self.call_log = {**self.call_log, "reason": error.reason}
        headers = [*error.headers, (b"cache-control", b"no-store"), *error.retry_after()]
        if self.html_errors:
            headers.append((b"vary", b"accept"))
            if self.headers.accepts("text/html"):
                page = error_page(error, self.request_id)
                headers += page.headers
                await self.answer(error.http_status, page.body, headers, content_type=HTML_TYPE)
                return
        await self.answer(error.http_status, error.to_json(), headers)

    async def start_stream(self, content_type: bytes, headers: Headers) -> None:
        """Sends status and headers of a response of unknown length."""
        self._unframed = self.method != "HEAD" and self.connection.unframed()
        headers = [
            (b"content-type", content_type),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
            *headers,
        ]
        self.status = 200
        self._complete(headers)
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})

    async def send_part(self, part: bytes, *, last: bool = False) -> None:
        """Sends a part; waits while the client reads too slowly."""
        if last and self._unframed:
            self.connection.last_part(len(part))
        await self._send({"type": "http.response.body", "body": part, "more_body": not last})

    def _complete(self, headers: Headers) -> None:
        """Adds the headers of all responses, just before they are sent."""
        self.started = True
        self._cors.add_headers(self.headers, headers)
        names = [name for name, _ in headers]
        if b"x-request-id" not in names:
            headers.append((b"x-request-id", self.request_id.encode()))
        for header in safe_headers(self._options.hsts_seconds if self._options.tls else 0):
            if header[0] not in names:
                headers.append(header)


def _too_large(limit: int) -> Refusal:
    return invalid("", "BODY_TOO_LARGE", f"The body is larger than {limit} bytes.", http_status=413)


def _gzip(body: bytes) -> bytes:
    packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP)
    return packer.compress(body) + packer.flush()


def _gunzip(limit: int, ratio: int) -> Callable[[bytes, bool], bytes]:
    """limit: decompressed bytes. ratio: decompressed bytes for each compressed byte."""
    unpacker = zlib.decompressobj(_GZIP)
    taken = given = 0

    def unpack(part: bytes, more: bool) -> bytes:
        nonlocal taken, given
        taken += len(part)
        most = min(limit, max(_ANY_RATIO_BYTES, ratio * taken))
        try:
            unpacked = unpacker.decompress(part, most - given + 1)
        except zlib.error:
            raise invalid("", "BODY_NOT_GZIP", "The body is not valid gzip.") from None
        given += len(unpacked)
        # Input beyond the limits stays compressed, so memory is bounded.
        if given > limit:
            raise _too_large(limit)
        if given > most or unpacker.unconsumed_tail:
            said = f"The body is more than {ratio} times its compressed size; send it uncompressed."
            raise invalid("", "BODY_COMPRESSED_TOO_FAR", said, http_status=413)
        if unpacker.unused_data or not (more or unpacker.eof):
            raise invalid("", "BODY_NOT_GZIP", "The body must be one complete gzip member.")
        return unpacked

    return unpack


def _weaker(header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """A strong ETag becomes weak when the body is compressed (RFC 9110, 8.8.3)."""
    name, value = header
    if name == b"etag" and not value.startswith(b"W/"):
        return name, b"W/" + value
    return header
