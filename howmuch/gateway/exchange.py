"""One HTTP exchange: the body that comes in, within bounds, and the headers and body that go out."""

import functools
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Protocol

from google.rpc import code_pb2

from howmuch.gateway.cors import Cors
from howmuch.gateway.error_page import HTML_TYPE, error_page
from howmuch.gateway.headers import RequestHeaders
from howmuch.gateway.options import GatewayOptions
from howmuch.gateway.status import Headers, Refusal, invalid, refusal

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_GZIP = 16 + zlib.MAX_WBITS
_GZIP_LEVEL = 4
"""Nearly as small as 6, the usual one, in half the time."""

# A page of another origin gets nothing out of an answer, and a browser never takes one for a page.
_SAFE_HEADERS: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


@functools.cache
def safe_headers(hsts_seconds: int) -> Headers:
    """What every answer has that does not say otherwise. hsts_seconds: 0: it may come by HTTP too."""
    if not hsts_seconds:
        return _SAFE_HEADERS
    return [*_SAFE_HEADERS, (b"strict-transport-security", b"max-age=%d" % hsts_seconds)]


class Connection(Protocol):
    """What an exchange needs of the connection beneath it."""

    on_gone: Callable[[], object] | None
    """Called once when the client goes away before the answer is complete."""

    async def send_whole(self, status: int, headers: Headers, body: bytes) -> None:
        """Sends an answer of known length."""

    def abort(self) -> None:
        """Breaks the connection, so that the client sees that the answer is not complete."""

    def unframed(self) -> bool:
        """Whether the end of the connection will be the end of an answer of unknown length."""

    def last_part(self, length: int) -> None:
        """Says that an unframed answer ends with the next `length` bytes."""


class ClientGone(Exception):
    """The client has closed the connection: there is nobody to answer."""


class Exchange:
    """A request and its answer. request_id: of the caller, or new. See howmuch.gateway.observer.Request."""

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, options: GatewayOptions, cors: Cors
    ) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["raw_path"].decode("ascii")
        self.query: bytes = scope["query_string"]
        self.headers = RequestHeaders(scope["headers"])
        self.request_id = self.headers.request_id()
        client = scope.get("client")
        self.client: str = client[0] if client else ""
        self.connection: Connection = scope["extensions"]["gateway.connection"]["self"]
        self._receive = receive
        self._send = send
        self._options = options
        self._cors = cors
        self.started = False
        self.fault: Refusal | ClientGone | None = None
        """Why the body could not be read to its end while the call was already under way."""
        self._unframed = False
        self.route = ""
        self.for_people = False
        """Whether the route answers with a document of some media type."""
        self.status = 0
        self.of_call: Mapping[str, object] = {}
        """What the line about this request says of the call that it became."""
        self.given_traceparent = self.headers.get(b"traceparent")
        self.traceparent = ""

    async def body(self) -> bytes:
        """The whole body, unpacked. Raises as `parts` does."""
        return b"".join([part async for part in self.parts()])

    async def parts(self) -> AsyncIterator[bytes]:
        """The body as it comes in, unpacked.

        Raises ClientGone where it ends early, and Refusal: 413 beyond the bound, 415 for an unknown encoding.
        """
        limit = self._options.max_request_bytes
        unpack = self._unpacker(limit)
        declared = self.headers.get(b"content-length")
        if declared.isdigit() and int(declared) > limit:
            raise _too_large(limit)
        size = 0
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            more = message["more_body"]
            part = unpack(message["body"], more)
            size += len(part)
            if size > limit:
                raise _too_large(limit)
            if part:
                yield part
            if not more:
                return

    def _unpacker(self, limit: int) -> Callable[[bytes, bool], bytes]:
        """What takes a piece of the body, and whether more come, to what is in it."""
        encoding = self.headers.get(b"content-encoding").lower()
        if encoding in ("gzip", "x-gzip"):
            return _gunzip(limit)
        if encoding not in ("", "identity"):
            raise refusal(
                code_pb2.INVALID_ARGUMENT,
                "CONTENT_ENCODING_UNKNOWN",
                f"The body is encoded with {encoding[:60]!r}; gzip is accepted.",
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
    ) -> None:
        """Sends a whole answer, packed where the client takes that and it is worth it."""
        head: Headers = []
        if body or status == 200:
            head.append((b"content-type", content_type))
        if self._options.gzip_min_bytes <= len(body):
            head.append((b"vary", b"accept-encoding"))
            if self.headers.accepts_gzip():
                body = _packed(body)
                head.append((b"content-encoding", b"gzip"))
                headers = [_weaker(header) for header in headers]
        if status not in (204, 304):
            head.append((b"content-length", b"%d" % len(body)))
        headers = head + headers
        self.status = status
        self._complete(headers)
        await self.connection.send_whole(status, headers, body)

    async def refuse(self, error: Refusal, headers: Headers | None = None) -> None:
        """Sends an error as google.rpc.Status in JSON; as a page where the answer would have been one."""
        headers = [*(headers or ()), *error.headers, (b"cache-control", b"no-store")]
        if self.for_people:
            headers.append((b"vary", b"accept"))
        if self.for_people and self.headers.accepts("text/html"):
            body, more = error_page(error, self.request_id)
            await self.answer(error.http_status, body, headers + more, content_type=HTML_TYPE)
            return
        await self.answer(error.http_status, error.to_json(), headers)

    async def start_stream(self, content_type: bytes, headers: Headers) -> None:
        """Sends status and headers of an answer that comes in pieces."""
        headers = [(b"cache-control", b"no-store"), (b"x-accel-buffering", b"no"), *headers]
        self._unframed = self.method != "HEAD" and self.connection.unframed()
        headers = [(b"content-type", content_type), *headers]
        self.status = 200
        self._complete(headers)
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})

    async def send_part(self, part: bytes, *, last: bool = False) -> None:
        """Sends a piece; waits while the client is behind."""
        if last and self._unframed:
            self.connection.last_part(len(part))
        await self._send({"type": "http.response.body", "body": part, "more_body": not last})

    def _complete(self, headers: Headers) -> None:
        """Adds what every answer has; nothing but sending it comes after."""
        self.started = True
        names = [name for name, _ in headers]
        if b"x-request-id" not in names:
            headers.append((b"x-request-id", self.request_id.encode()))
        for header in safe_headers(self._options.hsts_seconds if self._options.tls else 0):
            if header[0] not in names:
                headers.append(header)
        self._cors.add_headers(self.headers, headers)


def _too_large(limit: int) -> Refusal:
    return invalid("", "BODY_TOO_LARGE", f"The body is larger than {limit} bytes.", http_status=413)


def _gunzip(limit: int) -> Callable[[bytes, bool], bytes]:
    unpacker = zlib.decompressobj(_GZIP)

    def unpack(part: bytes, more: bool) -> bytes:
        try:
            unpacked = unpacker.decompress(part, limit + 1)
        except zlib.error:
            raise invalid("", "BODY_NOT_GZIP", "The body is not valid gzip.") from None
        # What is over the limit stays packed, and so does not fill the memory.
        if len(unpacked) > limit or unpacker.unconsumed_tail:
            raise _too_large(limit)
        if unpacker.unused_data or not (more or unpacker.eof):
            raise invalid("", "BODY_NOT_GZIP", "The body is not one whole gzip member.")
        return unpacked

    return unpack


def _packed(body: bytes) -> bytes:
    packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP)
    return packer.compress(body) + packer.flush()


def _weaker(header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """An ETag of the body as it was is a weak one of the packed body (RFC 9110, 8.8.3)."""
    name, value = header
    if name == b"etag" and not value.startswith(b"W/"):
        return name, b"W/" + value
    return header
