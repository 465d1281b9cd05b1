"""Accepts connections and, with HTTPS, does the TLS handshake with the current certificate."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Any

import structlog

from howmuch.gateway.options import GatewayOptions
from howmuch.runtime.certificates import TlsFiles, Watched, server_context
from howmuch.runtime.shared_socket import Share

log = structlog.get_logger()

BACKLOG = 2048
_RETRY_SECONDS = 1.0
"""Pause after a failed accept, usually because of too many open files."""
_TLS_SHUTDOWN_SECONDS = 1.0
"""How long a client may take to answer the end of a TLS connection."""
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

    contexts: None means plain HTTP. protocol: creates the protocol of a connection. share: the counters of
    the processes that accept from the same socket; None means this process alone.
    """

    def __init__(
        self,
        bound: socket.socket,
        contexts: Contexts | None,
        protocol: Callable[[], asyncio.Protocol],
        options: GatewayOptions,
        share: Share | None,
    ) -> None:
        self._socket = bound
        self._contexts = contexts
        self._protocol = protocol
        self._options = options
        self._share = share
        self._connecting: set[asyncio.Task[None]] = set()
        self._connections = 0

    def listen(self) -> None:
        self._socket.setblocking(False)
        self._socket.listen(BACKLOG)

    async def accept(self) -> None:
        """Runs until cancelled, which also cancels handshakes in progress."""
        self._count(0)
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

    def ended(self) -> None:
        """Counts a connection that closed."""
        self._count(-1)

    def _count(self, change: int) -> None:
        self._connections += change
        if self._share is not None:
            self._share.count(self._connections)

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
                connection, _ = self._socket.accept()
            except BlockingIOError:
                return
            self._start(connection)
            if self._share is not None:
                return

    def _start(self, connection: socket.socket) -> None:
        if self._connections >= self._options.max_connections:
            connection.close()
            return
        if self._contexts is not None:
            self._contexts.renew()
        self._count(1)
        task = asyncio.create_task(self._connect(connection))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _connect(self, connection: socket.socket) -> None:
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
            await loop.connect_accepted_socket(self._protocol, connection, **tls)
        except OSError as error:
            log.debug("handshake failed", reason=str(error))
            self._count(-1)
