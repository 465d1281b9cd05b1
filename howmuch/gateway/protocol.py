"""uvicorn's HTTP/1.1 protocol with the bounds that it leaves to a proxy: nobody stands in front of it here.

Headers are bounded in size and time, bodies and answers in time, connections in number; what is ambiguous
in HTTP/1.1 is refused, in JSON as all errors are; and the application learns at once that a client has gone.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import httptools
from google.rpc import code_pb2
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from howmuch.gateway.exchange import safe_headers
from howmuch.gateway.headers import new_request_id
from howmuch.gateway.observer import Observer
from howmuch.gateway.options import GatewayOptions
from howmuch.gateway.status import Headers, refusal

SWEEP_SECONDS = 0.25
"""How often connections are looked at for what takes too long."""

LINGER_SECONDS = 1.0
LINGER_BYTES = 256 * 1024
"""How long, and how much, a client that was refused may go on sending before the connection is closed."""

_REASONS = {
    400: b"Bad Request",
    408: b"Request Timeout",
    414: b"URI Too Long",
    431: b"Request Header Fields Too Large",
}
_NOT_HTTP = (400, "REQUEST_NOT_HTTP", "This is not a valid HTTP/1.1 request.")
_TARGET_TOO_LONG = (414, "TARGET_TOO_LONG", "The path and query of the request are too long.")
_HEADERS_TOO_LARGE = (431, "HEADERS_TOO_LARGE", "The headers of the request are too large.")


class ServerState:
    """What all connections of a server know. draining: each answer says that its connection ends.

    connection_lost: called when there is one less.
    """

    def __init__(self, observer: Observer | None) -> None:
        self.observer = observer
        self.draining = False
        self.connection_lost: Callable[[], None] = lambda: None


class BoundedProtocol(HttpToolsProtocol):
    """One connection. Subclasses, one for each server, set the two attributes."""

    options: GatewayOptions
    state: ServerState

    on_gone: Callable[[], object] | None = None
    _running: RequestResponseCycle | None = None
    """The request that is being answered. `cycle` is the one that came in last."""
    _in_headers = True
    _header_bytes = 0
    """Of the message that is coming in: its target, its headers, its trailers."""
    _parsed = False
    """Whether what has just come in was more than a part of a line."""
    _why = _NOT_HTTP
    """What to say of a request that the parser gives up."""
    _owes_since = 0.0
    """Since when the client owes the rest of its request; 0.0: it owes nothing."""
    _lingers_since = 0.0
    """Since when what comes in is thrown away; 0.0: it is not."""
    _unsent = 0
    _unsent_since = 0.0
    """Bytes that the client has not taken, and since when it has not taken any of them."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Takes the connection."""
        super().connection_made(transport)
        self._owes_since = time.monotonic()
        if self.state.observer is not None:
            self.state.observer.connected()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tells whoever works for this client."""
        super().connection_lost(exc)
        self.state.connection_lost()
        if self.state.observer is not None:
            self.state.observer.disconnected()
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True
            self._running.message_event.set()
        if self.on_gone is not None:
            self.on_gone()

    def data_received(self, data: bytes) -> None:
        """Parses what has come in."""
        if self._lingers_since:
            self._header_bytes += len(data)
            if self._header_bytes > LINGER_BYTES:
                self.transport.close()
            return
        self._unset_keepalive_if_required()
        if not self._owes_since and not self._answering():
            self._owes_since = time.monotonic()  # A line break alone starts no request.
        if self._in_headers and self._header_bytes > self.options.max_header_bytes:
            self._refuse(*_HEADERS_TOO_LARGE)
            return
        self._parsed = False
        while data and not self.transport.is_closing():
            try:
                self.parser.feed_data(data)
                break
            except httptools.HttpParserUpgrade as upgrade:
                # There is nothing to upgrade to, so the message counts as any other, and the next follows.
                data = data[upgrade.args[0] :]
                self.parser = httptools.HttpRequestParser(self)
            except httptools.HttpParserError:
                self._refuse(*self._why)
                return
        if self._in_headers and not self._parsed:
            self._header_bytes += len(data)  # A part of a line, which the parser still holds.

    def on_message_begin(self) -> None:
        """A new request: its clock starts."""
        super().on_message_begin()
        self._parsed = True
        self.scope["extensions"] = {"gateway.connection": {"self": self}}
        self._owes_since = time.monotonic()
        self._header_bytes = 0

    def on_url(self, url: bytes) -> None:
        """A piece of the request's target."""
        super().on_url(url)
        self._count(len(url), _TARGET_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header. Trailers, which come after the body, are passed over: nobody has checked them."""
        self._count(len(name) + len(value) + 4, _HEADERS_TOO_LARGE)
        if self._in_headers:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Starts the application."""
        self._check_headers()
        self._in_headers = False
        super().on_headers_complete()
        if self.state.draining:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """The client has sent all of its request."""
        super().on_message_complete()
        self._parsed = True
        self._owes_since = 0.0
        self._in_headers = True
        self._header_bytes = 0

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """The next request may begin."""
        self.on_gone = None
        super().on_response_complete()

    def shutdown(self) -> None:
        """Closes the connection, or has its last answer close it where a request has begun."""
        if self._answering():
            self.cycle.keep_alive = False
        elif self._lingers_since or not self._header_bytes:
            self.transport.close()

    async def send_whole(self, status: int, headers: Headers, body: bytes) -> None:
        """Sends an answer in one piece, which in two ASGI messages would cost most of what a small one does.

        headers: with the content-length; names in lower case. Raises ValueError for a line break in one.
        """
        cycle = self._current
        if self.flow.write_paused and not cycle.disconnected:
            await self.flow.drain()
        if cycle.disconnected:
            return
        headers = cycle.default_headers + headers
        if not cycle.keep_alive:
            headers.append((b"connection", b"close"))
        head = b"%s%s\r\n" % (
            STATUS_LINE[status],
            b"".join([b"%s: %s\r\n" % header for header in headers]),
        )
        lines = len(headers) + 2
        if head.count(b"\n") != lines or head.count(b"\r") != lines:
            raise ValueError("a header has a line break")
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        self.transport.write(head if cycle.scope["method"] == "HEAD" else head + body)
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()

    def abort(self) -> None:
        """Breaks the connection, so that the client sees that the answer is not complete."""
        # What was written before the failure still goes out.
        self.transport.close()
        self._current.disconnected = True

    def unframed(self) -> bool:
        """Whether the client reads an answer up to the end of the connection: HTTP/1.0 has no chunks.

        uvicorn is then told of a length that never comes, until `last_part`.
        """
        if self._current.scope["http_version"] != "1.0":
            return False
        self._current.chunked_encoding = False
        self._current.expected_content_length = sys.maxsize
        return True

    def last_part(self, length: int) -> None:
        """Says, of an unframed answer, that nothing comes after the next `length` bytes."""
        self._current.expected_content_length = length

    def sweep(self, now: float) -> None:
        """Ends what takes too long."""
        options = self.options
        if self._lingers_since and now - self._lingers_since > LINGER_SECONDS:
            self.transport.close()
        unsent = self.transport.get_write_buffer_size()
        if unsent != self._unsent or not unsent:
            self._unsent, self._unsent_since = unsent, now
        elif now - self._unsent_since > options.write_timeout_seconds:
            self.transport.abort()
            return
        if self._owes_since and not self.transport.is_closing():
            # Reading stops while another answer is due, and while nobody takes what has come in.
            if self.flow.read_paused or (self._in_headers and self._answering()):
                self._owes_since = now
            seconds = (
                options.header_timeout_seconds if self._in_headers else options.body_timeout_seconds
            )
            if now - self._owes_since > seconds:
                self._refuse(408, "REQUEST_TOO_SLOW", "The request did not arrive in time.")

    @property
    def _current(self) -> RequestResponseCycle:
        assert self._running is not None
        return self._running

    def _count(self, size: int, too_much: tuple[int, str, str]) -> None:
        self._parsed = True
        self._header_bytes += size
        if self._header_bytes > self.options.max_header_bytes:
            self._why = too_much
            raise ValueError(
                too_much[1]
            )  # To the parser, which passes it on as an error of its own.

    def _check_headers(self) -> None:
        """ValueError for what two readers of HTTP could understand differently (RFC 9112, 3.2 and 6)."""
        version = self.parser.get_http_version()
        names = [name for name, _ in self.headers]
        if version not in ("1.0", "1.1") or names.count(b"host") > 1:
            raise ValueError("version or host")
        if version == "1.1" and b"host" not in names:
            raise ValueError("no host")
        codings = [value.lower() for name, value in self.headers if name == b"transfer-encoding"]
        if codings and (codings != [b"chunked"] or b"content-length" in names):
            raise ValueError("transfer coding")
        length = dict(self.headers).get(b"content-length", b"0")
        if b"upgrade" in names and (codings or length != b"0"):
            raise ValueError("the parser does not read a body behind an upgrade")

    def _answering(self) -> bool:
        """Whether an answer is due or under way."""
        cycle: Any = self.cycle  # None before the first request.
        return cycle is not None and not cycle.response_complete

    def _refuse(self, status: int, reason: str, message: str) -> None:
        """Answers what cannot be read, and closes: where the next request would begin is not known."""
        self._owes_since = 0.0
        if self.transport.is_closing():
            return
        if self._answering():
            if self._in_headers or self.pipeline:
                # It is another request that cannot be read. Those before it still get their answers.
                self.flow.pause_reading()
                last = self.pipeline[0][0] if self.pipeline else self.cycle
                last.keep_alive = False
                return
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if not self._answering() or not self.cycle.response_started:
            body = refusal(code_pb2.INVALID_ARGUMENT, reason, message, http_status=status).to_json()
            head = b"HTTP/1.1 %d %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
            head += b"cache-control: no-store\r\nconnection: close\r\n"
            hsts = self.options.hsts_seconds if self.options.tls else 0
            lines = [
                b"%s: %s\r\n" % header
                for header in (*safe_headers(hsts), (b"x-request-id", new_request_id().encode()))
            ]
            head = head % (status, _REASONS[status], len(body)) + b"".join(lines) + b"\r\n"
            self.transport.write(head + body)
            if self.state.observer is not None:
                self.state.observer.unreadable(status)
        # Closed at once, with more still coming in, the connection would be reset, and the answer lost.
        if self.transport.can_write_eof():  # TLS has no such half of an end.
            self.transport.write_eof()
        self._lingers_since = time.monotonic()


def bounded_protocol(options: GatewayOptions, state: ServerState) -> type[BoundedProtocol]:
    """The protocol class of one server."""
    attributes: dict[str, Any] = {"options": options, "state": state}
    return type("GatewayProtocol", (BoundedProtocol,), attributes)


async def sweep(connections: Iterable[Any]) -> None:
    """Looks after the connections for as long as it runs."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        now = time.monotonic()
        for connection in list(connections):
            connection.sweep(now)
