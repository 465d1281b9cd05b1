"""HTTPS: accepts connections, each with the certificate that is in the files then, and shakes hands."""

import asyncio
import socket
import ssl
from collections.abc import Callable, Sized

import structlog

from howmuch.gateway.options import GatewayOptions
from howmuch.tls import TlsFiles, Watched, server_context

log = structlog.get_logger()

_RETRY_SECONDS = 1.0
"""The pause after a connection could not be accepted: most often, the process has too many files open."""
_FAREWELL_SECONDS = 1.0
"""How long a client gets to answer that a connection ends."""

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


class HttpsListener:
    """Connections until their handshake is done: from then on `connections` has them, and they are uvicorn's.

    listener: a bound socket. protocol: makes what reads and writes a connection.
    """

    def __init__(
        self,
        listener: socket.socket,
        contexts: Contexts,
        protocol: Callable[[], asyncio.Protocol],
        connections: Sized,
        options: GatewayOptions,
    ) -> None:
        self._listener = listener
        self._contexts = contexts
        self._protocol = protocol
        self._connections = connections
        self._options = options
        self._handshakes: set[asyncio.Task[None]] = set()

    def listen(self, backlog: int) -> None:
        """From now on clients may connect."""
        self._listener.setblocking(False)
        self._listener.listen(backlog)

    async def accept(self) -> None:
        """Runs until it is cancelled, which breaks off the handshakes under way."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                try:
                    connection, _ = await loop.sock_accept(self._listener)
                except OSError as error:
                    log.warning("connection not accepted", reason=error.strerror)
                    await asyncio.sleep(_RETRY_SECONDS)
                    continue
                self._begin(connection)
        finally:
            for task in self._handshakes:
                task.cancel()
            await asyncio.gather(*self._handshakes, return_exceptions=True)

    def _begin(self, connection: socket.socket) -> None:
        if len(self._handshakes) + len(self._connections) >= self._options.max_connections:
            connection.close()
            return
        self._contexts.renew()
        task = asyncio.create_task(self._shake_hands(connection))
        self._handshakes.add(task)
        task.add_done_callback(self._handshakes.discard)

    async def _shake_hands(self, connection: socket.socket) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await asyncio.get_running_loop().connect_accepted_socket(
                self._protocol,
                connection,
                ssl=self._contexts.current,
                ssl_handshake_timeout=self._options.header_timeout_seconds,
                ssl_shutdown_timeout=_FAREWELL_SECONDS,
            )
        except OSError as error:
            log.debug("handshake failed", reason=str(error))
