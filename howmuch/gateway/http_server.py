"""The HTTP server of the application: uvicorn in a thread."""

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Iterable
from typing import Any, cast

import uvicorn
import uvloop

from howmuch.gateway.application import Application
from howmuch.gateway.connections import Connections
from howmuch.gateway.descriptors import Descriptors
from howmuch.gateway.listener import Listener, watched_contexts
from howmuch.gateway.observer import Observer
from howmuch.gateway.options import GatewayOptions
from howmuch.gateway.protocol import bounded_protocol
from howmuch.gateway.routes import RouteTable
from howmuch.gateway.server_state import ServerState
from howmuch.runtime.in_process import InProcessService
from howmuch.runtime.networks import parse_networks
from howmuch.runtime.shared_socket import Share, bound_socket

_CANCELLED_SECONDS = 0.5
"""How long requests that the end of the grace period cancels may take to send an error."""
_LAME_DUCK_SECONDS = 1.0
"""How long a shutdown keeps accepting; all responses then carry `Connection: close`."""
_SWEEP_SECONDS = 0.25
"""How often connections are checked for timeouts."""


class GatewayServer:
    """A gateway. descriptor_set: a serialized FileDescriptorSet. upstream: HOST:PORT or unix:PATH.

    services: full names to serve; empty means all with HTTP rules. in_process: the upstream in this process;
    None means it runs elsewhere. share: the socket that several processes accept from; None means this one
    alone. Raises ValueError for invalid descriptors, templates, rules or certificates.
    """

    def __init__(
        self,
        descriptor_set: bytes,
        upstream: str,
        options: GatewayOptions,
        services: tuple[str, ...] = (),
        observer: Observer | None = None,
        in_process: InProcessService | None = None,
        share: Share | None = None,
    ) -> None:
        descriptors = Descriptors(descriptor_set, services)
        table = RouteTable.from_descriptors(descriptors)
        self._application = Application(descriptors, table, upstream, options, observer, in_process)
        self._options = options
        self._share = share
        self._contexts = watched_contexts(options.tls) if options.tls else None
        connections = Connections(options, parse_networks(options.trusted_proxies))
        self._state = ServerState(observer, connections)
        self._socket: socket.socket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._deadline = 0.0
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gateway", daemon=True)

    @property
    def port(self) -> int:
        """The listening port, once started."""
        assert self._socket is not None
        port: int = self._socket.getsockname()[1]
        return port

    def start(self) -> None:
        """Returns once it accepts requests. Raises OSError if it cannot bind the address."""
        share = self._share
        self._socket = share.socket if share is not None else bound_socket(self._options.listen)
        self._thread.start()
        self._ready.wait()

    def stop(self, grace_seconds: float) -> None:
        """Shuts down gracefully: requests in progress get up to `grace_seconds`."""
        self._deadline = time.monotonic() + grace_seconds
        if self._loop is not None and self._stopping is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(grace_seconds + 1.0)

    def _run(self) -> None:
        try:
            uvloop.run(self._serve())
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        assert self._socket is not None
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        await self._application.open()
        # The application logs all errors and never raises them to uvicorn.
        logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
        config = uvicorn.Config(
            self._application,
            http=bounded_protocol(self._options, self._state),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=int(self._options.keep_alive_seconds),
        )
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        listener = self._listener(server, config)
        listener.listen()
        accepting = asyncio.create_task(listener.accept())
        tasks = [
            asyncio.create_task(_renew_date(server)),
            asyncio.create_task(_sweep(server.server_state.connections)),
        ]
        self._ready.set()
        await self._stopping.wait()
        await self._shut_down(server, config, accepting)
        for task in tasks:
            task.cancel()
        await self._application.close()

    def _listener(self, server: uvicorn.Server, config: uvicorn.Config) -> Listener:
        """Replaces uvicorn's, which bounds no connections and shares no socket."""
        assert self._socket is not None

        def protocol(network: str) -> asyncio.Protocol:
            made: Any = config.http_protocol_class(  # type: ignore[call-arg]
                config=config, server_state=server.server_state, app_state=server.lifespan.state
            )
            made.network = network
            return cast("asyncio.Protocol", made)

        server.servers = []
        listener = Listener(
            self._socket,
            self._contexts,
            protocol,
            self._options,
            self._state.connections,
            self._share,
        )
        self._state.connection_lost = listener.ended
        return listener

    async def _shut_down(
        self, server: uvicorn.Server, config: uvicorn.Config, accepting: asyncio.Task[None]
    ) -> None:
        # Tell load balancers and clients first: closing at once would break requests that are on their way.
        self._application.draining = self._state.draining = True
        left = self._deadline - time.monotonic()
        await asyncio.sleep(max(0.0, min(_LAME_DUCK_SECONDS, left / 4)))
        accepting.cancel()
        await asyncio.wait([accepting])
        # The rest of the grace is for calls with one answer.
        ending = asyncio.create_task(self._application.end_streams())
        config.timeout_graceful_shutdown = max(1, int(self._deadline - time.monotonic()))
        await server.shutdown(sockets=[self._socket] if self._socket else None)
        ending.cancel()
        if server.server_state.tasks:
            await asyncio.wait(server.server_state.tasks, timeout=_CANCELLED_SECONDS)
        for connection in list(server.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)


async def _renew_date(server: uvicorn.Server) -> None:
    """Keeps the Date header current."""
    while True:
        await server.on_tick(0)
        await asyncio.sleep(1.0)


async def _sweep(connections: Iterable[Any]) -> None:
    """Enforces the timeouts of all connections, until cancelled."""
    while True:
        await asyncio.sleep(_SWEEP_SECONDS)
        now = time.monotonic()
        for connection in list(connections):
            connection.sweep(now)
