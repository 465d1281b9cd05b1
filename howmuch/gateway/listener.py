"""Accepts connections; with HTTPS, each with the certificate that is in the files then, and shakes hands."""

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
"""The pause after a connection could not be accepted: most often, the process has too many files open."""
_FAREWELL_SECONDS = 1.0
"""How long a client gets to answer that a connection ends."""
_AFTER_YOU_SECONDS = 0.002
"""How long a process leaves a connection to one that has fewer, which may be busy, or hang."""

Contexts = Watched[ssl.SSLContext]


def watched_contexts(files: TlsFiles) -> Contexts:
    """Contexts that follow the files. ValueError, in one line, for files that cannot be used.

    Each change makes a new one. One that lived on would keep what it once learned: a CA that is gone from
    its file, and a certificate whose successor has a key of another kind.
    """
    return Watched(files, "http.tls", _context)


def _context(files: TlsFiles) -> ssl.SSLContext:
    context = server_context(files)
    context.set_alpn_protocols(["http/1.1"])
    return context


class Listener:
    """Connections until they are made, with HTTPS by a handshake: from then on they are the protocol's.

    bound: a socket. contexts: None: HTTP. protocol: makes what reads and writes a connection. share: where
    other processes accept from the same socket.
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
        self._beginning: set[asyncio.Task[None]] = set()
        self._connections = 0

    def listen(self) -> None:
        """From now on clients may connect."""
        self._socket.setblocking(False)
        self._socket.listen(BACKLOG)

    async def accept(self) -> None:
        """Runs until it is cancelled, which breaks off the handshakes under way."""
        self._count(0)
        try:
            while True:
                await self._until_one_waits()
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
                for task in self._beginning:
                    task.cancel()
            await asyncio.gather(*self._beginning, return_exceptions=True)

    def ended(self) -> None:
        """There is one connection less."""
        self._count(-1)

    def _count(self, more: int) -> None:
        """Tells the other processes how many there are, too."""
        self._connections += more
        if self._share is not None:
            self._share.count(self._connections)

    async def _until_one_waits(self) -> None:
        """Until there is a connection to accept, and it is this process's turn."""
        loop = asyncio.get_running_loop()
        waits = loop.create_future()
        loop.add_reader(self._socket, _set, waits)
        try:
            await waits
        finally:
            loop.remove_reader(self._socket)
        if self._share is not None and not self._share.goes_first():
            await asyncio.sleep(_AFTER_YOU_SECONDS)

    def _accept(self) -> None:
        """What waits: one connection, so that other processes get theirs; all, where there are none."""
        while True:
            try:
                connection, _ = self._socket.accept()
            except BlockingIOError:
                return
            self._begin(connection)
            if self._share is not None:
                return

    def _begin(self, connection: socket.socket) -> None:
        if self._connections >= self._options.max_connections:
            connection.close()
            return
        if self._contexts is not None:
            self._contexts.renew()
        self._count(1)
        task = asyncio.create_task(self._make(connection))
        self._beginning.add(task)
        task.add_done_callback(self._beginning.discard)

    async def _make(self, connection: socket.socket) -> None:
        tls: dict[str, Any] = {}
        if self._contexts is not None:
            tls = {
                "ssl": self._contexts.current,
                "ssl_handshake_timeout": self._options.header_timeout_seconds,
                "ssl_shutdown_timeout": _FAREWELL_SECONDS,
            }
        try:
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            loop = asyncio.get_running_loop()
            await loop.connect_accepted_socket(self._protocol, connection, **tls)
        except OSError as error:
            log.debug("handshake failed", reason=str(error))
            self._count(-1)


def _set(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
