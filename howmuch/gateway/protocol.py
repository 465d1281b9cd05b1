"""uvicorn's HTTP/1.1 protocol with the bounds that it leaves to a proxy: nobody stands in front of it here.

Headers are bounded in size and time, bodies and answers in time, connections in number; what is not HTTP is
refused in JSON, as all errors are; and the application learns at once that a client has gone.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any

from google.rpc import code_pb2
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from howmuch.gateway.options import GatewayOptions
from howmuch.gateway.status import refusal

SWEEP_SECONDS = 0.5
"""How often connections are looked at for what takes too long."""

_REASONS = {400: b"Bad Request", 408: b"Request Timeout", 431: b"Request Header Fields Too Large"}


class ServerState:
    """What all connections of a server know. draining: each answer says that its connection ends."""

    draining = False


class BoundedProtocol(HttpToolsProtocol):
    """One connection. Subclasses, one for each server, set the two attributes."""

    options: GatewayOptions
    state: ServerState

    on_gone: Callable[[], object] | None = None
    _header_bytes = 0
    _in_headers = True
    _since = 0.0
    """Since when the client owes the rest of its request; 0.0: it owes nothing."""
    _paused_since = 0.0
    """Since when the client has not read what was written; 0.0: it reads."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Takes the connection, or closes it where there are too many."""
        super().connection_made(_Coalescing(transport, self.loop))  # type: ignore[arg-type]
        self._since = time.monotonic()
        if len(self.connections) > self.options.max_connections:
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tells whoever works for this client."""
        super().connection_lost(exc)
        if self.on_gone is not None:
            self.on_gone()

    def data_received(self, data: bytes) -> None:
        """Counts what belongs to headers before it is parsed."""
        if self._in_headers:
            self._header_bytes += len(data)
            # What comes in one piece with the headers may be body: it is let through up to its own bound.
            if self._header_bytes > self.options.max_header_bytes + len(data):
                self._refuse(431, "HEADERS_TOO_LARGE", "The headers of the request are too large.")
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        """A new request: its clock starts."""
        super().on_message_begin()
        self.scope["extensions"] = {"gateway.connection": {"self": self}}
        self._since = time.monotonic()

    def on_url(self, url: bytes) -> None:
        """A piece of the request's target."""
        super().on_url(url)
        if len(self.url) > self.options.max_header_bytes:
            raise ValueError("the target is too long")

    def on_headers_complete(self) -> None:
        """Starts the application."""
        self._in_headers = False
        if sum(len(n) + len(v) for n, v in self.headers) > self.options.max_header_bytes:
            raise ValueError("the headers are too large")
        super().on_headers_complete()
        if self.state.draining:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """The client has sent all of its request."""
        super().on_message_complete()
        self._since = 0.0
        self._in_headers = True
        self._header_bytes = 0

    def pause_writing(self) -> None:
        """The client does not read as fast as it is answered."""
        super().pause_writing()
        self._paused_since = time.monotonic()

    def resume_writing(self) -> None:
        """It has caught up."""
        super().resume_writing()
        self._paused_since = 0.0

    def send_400_response(self, msg: str) -> None:
        """What the parser does not take for HTTP/1.1."""
        self._refuse(400, "REQUEST_NOT_HTTP", "This is not a valid HTTP/1.1 request.")

    def abort(self) -> None:
        """Breaks the connection, so that the client sees that the answer is not complete."""
        if self.transport is not None:
            # What was written before the failure still goes out.
            self.transport.close()
        self.cycle.disconnected = True

    def sweep(self, now: float) -> None:
        """Ends what takes too long."""
        options = self.options
        if self._paused_since and now - self._paused_since > options.write_timeout_seconds:
            self.transport.abort()
        elif self._since:
            seconds = (
                options.header_timeout_seconds if self._in_headers else options.body_timeout_seconds
            )
            if now - self._since > seconds:
                self._refuse(408, "REQUEST_TOO_SLOW", "The request did not arrive in time.")

    def _refuse(self, status: int, reason: str, message: str) -> None:
        self._since = 0.0
        if self.transport.is_closing():
            return
        cycle: Any = self.cycle  # None before the first request.
        if cycle is None or cycle.response_complete or not cycle.response_started:
            body = refusal(code_pb2.INVALID_ARGUMENT, reason, message, http_status=status).to_json()
            head = b"HTTP/1.1 %d %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
            head += b"cache-control: no-store\r\nconnection: close\r\n\r\n"
            self.transport.write(head % (status, _REASONS[status], len(body)) + body)
        self.transport.close()


class _Coalescing:
    """A transport that sends what is written in one turn of the event loop as one piece.

    Head and body of an answer are written one after the other, and each system call costs more than all
    else that is done for a small answer.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._pending: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Sends at the end of this turn."""
        if not self._pending:
            self._loop.call_soon(self._flush)
        self._pending.append(data)

    def close(self) -> None:
        """Closes once all that was written has been sent."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._pending:
            data = b"".join(self._pending)
            self._pending.clear()
            self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


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
