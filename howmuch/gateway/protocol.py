"""uvicorn's HTTP/1.1 protocol with the bounds that it leaves to a reverse proxy.

Headers are bounded in size and time, bodies and responses in time. Ambiguous HTTP/1.1 gets a JSON error. The
application learns at once that a client has disconnected.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from howmuch.gateway.malformed import (
    HEADERS_TOO_LARGE,
    NOT_HTTP,
    TARGET_TOO_LONG,
    TOO_SLOW,
    Malformed,
    framing_fault,
    parser_fault,
)
from howmuch.gateway.options import GatewayOptions
from howmuch.gateway.server_state import ServerState
from howmuch.gateway.status import Headers
from howmuch.gateway.upgrades import has_body, parser_of_body

LINGER_SECONDS = 1.0
LINGER_BYTES = 8 * 1024 * 1024
"""How long and how much a client may go on sending after a response, before the connection closes."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection. A subclass for each server sets the first two attributes.

    network: see howmuch.gateway.connections.
    """

    options: GatewayOptions
    state: ServerState
    network = ""

    on_gone: Callable[[], object] | None = None
    _running: RequestResponseCycle | None = None
    """The request that is being answered. `cycle` is the last one that arrived."""
    _in_headers = True
    _upgrades_with_body = False
    """Whether the headers ask for another protocol, and a body follows them."""
    _header_bytes = 0
    """Size of the target, headers and trailers of the request that is arriving."""
    _parsed = False
    """Whether the last data held more than a part of a line."""
    _error = NOT_HTTP
    """The response to a request that the parser rejects."""
    _waits_since = 0.0
    """When we started to wait for the rest of the request; 0.0 means not waiting."""
    _lingers_since = 0.0
    """When we started to discard input; 0.0 means not discarding."""
    _unsent = 0
    _unsent_since = 0.0
    """Size of the write buffer, and when it last changed."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._waits_since = time.monotonic()
        self.state.connections.idle(self)
        self.state.observer.connected()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.state.connections.busy(self)
        self.state.connection_lost(self.network)
        self.state.observer.disconnected()
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True
            self._running.message_event.set()
        if self.on_gone is not None:
            self.on_gone()

    def data_received(self, data: bytes) -> None:
        if self._lingers_since:
            self._header_bytes += len(data)
            if self._header_bytes > LINGER_BYTES:
                self.transport.close()
            return
        self._unset_keepalive_if_required()
        if not self._waits_since and not self._answering():
            self._waits_since = time.monotonic()  # A line break starts no request.
        if self._in_headers and self._header_bytes > self.options.max_header_bytes:
            self._refuse(HEADERS_TOO_LARGE)
            return
        self._parsed = False
        while data and not self.transport.is_closing():
            try:
                self.parser.feed_data(data)
                break
            except httptools.HttpParserUpgrade as upgrade:  # Ignored; another request may follow.
                data = data[upgrade.args[0] :]
                if self._in_headers:
                    self.parser = httptools.HttpRequestParser(self)
                else:
                    self.parser = parser_of_body(self, self.headers)
                    self._upgrades_with_body = False
            except httptools.HttpParserError as error:
                self._refuse(parser_fault(str(error)) if self._error is NOT_HTTP else self._error)
                return
        if self._in_headers and not self._parsed:
            self._header_bytes += len(data)  # The parser keeps a part of a line.

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.state.connections.busy(self)
        self._parsed = True
        self.scope["extensions"] = {"gateway.connection": {"self": self}}
        self._waits_since = time.monotonic()
        self._header_bytes = 0

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._count(len(url), TARGET_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keeps a header. Ignores trailers, since they come after the checks."""
        self._count(len(name) + len(value) + 4, HEADERS_TOO_LARGE)
        if self._in_headers:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if fault := framing_fault(self.parser.get_http_version(), self.headers):
            self._error = fault
            raise ValueError(fault.reason)
        self._in_headers = False
        self._upgrades_with_body = self.parser.should_upgrade() and has_body(self.headers)
        super().on_headers_complete()
        if self.state.draining:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        if self._upgrades_with_body:
            return  # The parser does not read the body.
        super().on_message_complete()
        self._parsed = True
        self._waits_since = 0.0
        self._in_headers = True
        self._header_bytes = 0
        self._note_idle()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        self.on_gone = None
        super().on_response_complete()
        self._note_idle()

    def has_unsent(self) -> bool:
        """Whether the client has not read the last response yet."""
        return self.transport.get_write_buffer_size() > 0

    def close_idle(self) -> None:
        """Makes room for another connection. The end of TLS would wait for the client."""
        self.transport.abort()

    def cut(self) -> None:
        self.transport.abort()

    def shutdown(self) -> None:
        """Closes the connection, after the last response if a request has begun."""
        if self._answering():
            self.cycle.keep_alive = False
        elif self._lingers_since or not self._header_bytes:
            self.transport.close()

    async def send_whole(self, status: int, headers: Headers, body: bytes) -> None:
        """Sends a response at once: two ASGI messages would dominate the cost of a small one.

        headers: with content-length; names in lower case. Raises ValueError for a line break in one.
        """
        cycle = self._current
        if self.flow.write_paused and not cycle.disconnected:
            await self.flow.drain()
        if cycle.disconnected:
            return
        headers = cycle.default_headers + headers
        if not cycle.keep_alive:
            headers.append((b"connection", b"close"))
        lines = b"".join([b"%s: %s\r\n" % header for header in headers])
        head = b"%s%s\r\n" % (STATUS_LINE[status], lines)
        if not head.count(b"\n") == head.count(b"\r") == len(headers) + 2:
            raise ValueError("a header has a line break")
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        self.transport.write(head if cycle.scope["method"] == "HEAD" else head + body)
        cycle.message_event.set()
        if not cycle.keep_alive:
            self._close()
        cycle.on_response()

    def abort(self) -> None:
        self.transport.close()  # Not transport.abort: data written before the failure is still sent.
        self._current.disconnected = True

    def unframed(self) -> bool:
        """HTTP/1.0 has no chunks. uvicorn then expects an endless body, until `last_part`."""
        if self._current.scope["http_version"] != "1.0":
            return False
        self._current.chunked_encoding = False
        self._current.expected_content_length = sys.maxsize
        return True

    def last_part(self, length: int) -> None:
        self._current.expected_content_length = length

    def sweep(self, now: float) -> None:
        """Enforces the timeouts of this connection."""
        options = self.options
        if self._lingers_since and now - self._lingers_since > LINGER_SECONDS:
            self.transport.close()
        unsent = self.transport.get_write_buffer_size()
        if unsent != self._unsent or not unsent:
            self._unsent, self._unsent_since = unsent, now
        elif now - self._unsent_since > options.write_timeout_seconds:
            self.transport.abort()
            return
        if self._waits_since and not self.transport.is_closing():
            # The clock stops while we do not read: another response is due, or the body is not consumed.
            if self.flow.read_paused or (self._in_headers and self._answering()):
                self._waits_since = now
            timeout = options.body_timeout_seconds
            if self._in_headers:
                timeout = options.header_timeout_seconds
            if now - self._waits_since > timeout:
                self._refuse(TOO_SLOW)

    @property
    def _current(self) -> RequestResponseCycle:
        assert self._running is not None
        return self._running

    def _count(self, size: int, too_large: Malformed) -> None:
        self._parsed = True
        self._header_bytes += size
        if self._header_bytes > self.options.max_header_bytes:
            self._error = too_large
            raise ValueError(too_large.reason)  # The parser raises HttpParserError for it.

    def _note_idle(self) -> None:
        between = self._in_headers and not self._header_bytes and not self._answering()
        if between and not self.transport.is_closing():
            self.state.connections.idle(self)

    def _answering(self) -> bool:
        """Whether a response is due or being sent."""
        cycle: Any = self.cycle  # None before the first request.
        return cycle is not None and not cycle.response_complete

    def _refuse(self, error: Malformed) -> None:
        """Answers and closes, since the start of the next request is unknown."""
        self._waits_since = 0.0
        if self.transport.is_closing():
            return
        if self._answering():
            if self._in_headers or self.pipeline:
                # A pipelined request is malformed. Those before it still get their responses.
                self.flow.pause_reading()
                last = self.pipeline[0][0] if self.pipeline else self.cycle
                last.keep_alive = False
                return
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if not self._answering() or not self.cycle.response_started:
            self.transport.write(error.response(self.options))
            self.state.observer.unreadable(error.status)
        self._linger()

    def _close(self) -> None:
        """Closes after a response, which the client may get before it has sent the whole body."""
        if self._in_headers:
            self.transport.close()
        else:
            self._waits_since = 0.0
            self._linger()

    def _linger(self) -> None:
        # Closing now could reset the connection, and the client would lose the response.
        if self.transport.can_write_eof():  # TLS cannot close one direction.
            self.transport.write_eof()
        self._lingers_since = time.monotonic()


def bounded_protocol(options: GatewayOptions, state: ServerState) -> type[BoundedProtocol]:
    attributes: dict[str, Any] = {"options": options, "state": state}
    return type("GatewayProtocol", (BoundedProtocol,), attributes)
