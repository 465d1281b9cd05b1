"""Accepts connections and, with HTTPS, does the TLS handshake with the current certificate."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog

from howmuch.gateway.connections import Connections, Room
from howmuch.gateway.malformed import TOO_MANY_CONNECTIONS, TOO_MANY_CONNECTIONS_OF_NETWORK
from howmuch.gateway.options import GatewayOptions
from howmuch.runtime.certificates import TlsFiles, Watched, server_context
from howmuch.runtime.shared_socket import Share

log = structlog.get_logger()

BACKLOG = 2048
_RETRY_SECONDS = 1.0
"""Pause after a failed accept, usually because of too many open files."""
_TLS_SHUTDOWN_SECONDS = 1.0
"""How long a client may take to answer the end of a TLS connection."""
_REFUSED_SECONDS = 1.0
_MOST_REFUSED = 64
"""How long, and how many, refused connections stay open, so that clients can read why."""
_YIELD_SECONDS = 0.002
"""Head start for processes with fewer connections, which may be busy or hang."""

Contexts = Watched[ssl.SSLContext]


def watched_contexts(files: TlsFiles) -> Contexts:
    """Contexts that follow changes of the files. Raises ValueError (one line) for unusable files.

    Each change creates a new context: a reused one keeps CAs that were removed, and the old certificate if
    the new one has another kind of key.
    """
    return Watched(files, "http.tls", _context)


def _context(files: TlsFiles) -> ssl.SSLContext:
    context = server_context(files)
    context.set_alpn_protocols(["http/1.1"])
    return context


class Listener:
    """Accepts connections and hands them to protocols.

    contexts: None means plain HTTP. protocol: creates the protocol of a connection, given its network.
    connections: their bounds. share: the counters of the processes that accept from the same socket; None
    means this process alone.
    """

    def __init__(
        self,
        bound: socket.socket,
        contexts: Contexts | None,
        protocol: Callable[[str], asyncio.Protocol],
        options: GatewayOptions,
        connections: Connections,
        share: Share | None,
    ) -> None:
        self._socket = bound
        self._contexts = contexts
        self._protocol = protocol
        self._options = options
        self._share = share
        self._connections = connections
        self._connecting: set[asyncio.Task[None]] = set()
        self._refused: set[socket.socket] = set()

    def listen(self) -> None:
        self._socket.setblocking(False)
        self._socket.listen(BACKLOG)

    async def accept(self) -> None:
        """Runs until cancelled, which also cancels handshakes in progress."""
        self._tell()
        try:
            while True:
                await self._wait_for_turn()
                try:
                    self._accept()
                except OSError as error:
                    log.warning("connection not accepted", reason=error.strerror)
                    await asyncio.sleep(_RETRY_SECONDS)
        finally:
            if self._share is not None:
                self._share.leave()
                self._share = None
            if self._contexts is not None:
                for task in self._connecting:
                    task.cancel()
            await asyncio.gather(*self._connecting, return_exceptions=True)
            for connection in tuple(self._refused):
                self._close_refused(connection)

    def ended(self, network: str) -> None:
        """Counts a connection that closed."""
        self._connections.closed(network)
        self._tell()

    def _tell(self) -> None:
        if self._share is not None:
            self._share.count(self._connections.count)

    async def _wait_for_turn(self) -> None:
        """Waits for a connection; yields to processes with fewer connections."""
        loop = asyncio.get_running_loop()
        readable = asyncio.Event()
        loop.add_reader(self._socket, readable.set)
        try:
            await readable.wait()
        finally:
            loop.remove_reader(self._socket)
        if self._share is not None and not self._share.goes_first():
            await asyncio.sleep(_YIELD_SECONDS)

    def _accept(self) -> None:
        """Accepts all waiting connections; with other processes only one, so that they get theirs."""
        while True:
            try:
                connection, address = self._socket.accept()
            except BlockingIOError:
                return
            self._start(connection, self._connections.network_of(address[0]))
            if self._share is not None:
                return

    def _start(self, connection: socket.socket, network: str) -> None:
        room = self._connections.room(network)
        if room is not Room.FREE:
            self._refuse(connection, room)
            return
        if self._contexts is not None:
            self._contexts.renew()
        self._connections.opened(network)
        self._tell()
        task = asyncio.create_task(self._connect(connection, network))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    def _refuse(self, connection: socket.socket, room: Room) -> None:
        """Says why, over plain HTTP, and closes."""
        if self._contexts is not None or len(self._refused) >= _MOST_REFUSED:
            connection.close()
            return
        of_network = room is Room.NETWORK_FULL
        error = TOO_MANY_CONNECTIONS_OF_NETWORK if of_network else TOO_MANY_CONNECTIONS
        try:
            connection.setblocking(False)
            connection.send(error.response(self._options))
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            connection.close()
            return
        # Closing now could reset the connection, and the client would lose the response.
        self._refused.add(connection)
        asyncio.get_running_loop().call_later(_REFUSED_SECONDS, self._close_refused, connection)

    def _close_refused(self, connection: socket.socket) -> None:
        self._refused.discard(connection)
        connection.close()

    async def _connect(self, connection: socket.socket, network: str) -> None:
        tls: dict[str, Any] = {}
        if self._contexts is not None:
            tls = {
                "ssl": self._contexts.current,
                "ssl_handshake_timeout": self._options.header_timeout_seconds,
                "ssl_shutdown_timeout": _TLS_SHUTDOWN_SECONDS,
            }
        try:
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            loop = asyncio.get_running_loop()
            protocol = partial(self._protocol, network)
            await loop.connect_accepted_socket(protocol, connection, **tls)
        except OSError as error:
            log.debug("handshake failed", reason=str(error))
            self.ended(network)
