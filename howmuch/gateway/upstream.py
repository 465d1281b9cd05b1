"""The gRPC service behind the gateway: one HTTP/2 channel, bytes in and bytes out."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any

import grpc
import grpc.aio

from howmuch.gateway.in_process import in_process_method
from howmuch.gateway.options import GatewayOptions
from howmuch.gateway.routes import Route
from howmuch.runtime.certificates import CHECK_SECONDS, TlsFiles, Watched, read_pems
from howmuch.runtime.grpc_channel import (
    KEEPALIVE_OPTIONS,
    METADATA_OPTIONS,
    RARE_KEEPALIVE_OPTIONS,
    RECONNECT_OPTIONS,
)
from howmuch.runtime.in_process import InProcessService

_CONNECT_SECONDS = 10.0
"""How long new calls keep using the old channel while the new one connects."""

Credentials = Watched[grpc.ChannelCredentials]


def watched_credentials(files: TlsFiles) -> Credentials:
    """Credentials that follow changes of the files. Raises ValueError (one line) for unusable files."""
    return Watched(files, "http.upstream_tls", channel_credentials)


def channel_credentials(files: TlsFiles) -> grpc.ChannelCredentials:
    """Credentials of a client. Raises ValueError (one line) for unusable files."""
    pems = read_pems(files)
    return grpc.ssl_channel_credentials(pems.ca, pems.key, pems.certificate)


def name_options(server_name: str) -> list[tuple[str, str]]:
    """Channel options that expect this name in the certificate. Empty means the host of the address."""
    return [("grpc.ssl_target_name_override", server_name)] if server_name else []


def service_config(options: GatewayOptions) -> str:
    """Spreads calls over all addresses that the host name resolves to."""
    config: dict[str, object] = {"loadBalancingConfig": [{"round_robin": {}}]}
    if options.watch_health:
        # A server that shuts down reports NOT_SERVING first, and then gets no more calls.
        config["healthCheckConfig"] = {"serviceName": ""}
    return json.dumps(config)


class Upstream:
    """The channel to the service, created in the event loop that uses it.

    address: HOST:PORT or unix:PATH. credentials: None means no TLS; changed ones need a new channel, since
    gRPC reads them once. in_process: the same service in this process; None means it runs elsewhere.
    """

    def __init__(
        self,
        address: str,
        options: GatewayOptions,
        credentials: Credentials | None = None,
        in_process: InProcessService | None = None,
    ) -> None:
        self._in_process = in_process
        self._address = address
        self._options = options
        self._credentials = credentials
        self._channel = self._open()
        self._ending: set[asyncio.Task[None]] = set()
        self._renewing = asyncio.create_task(self._renew(credentials)) if credentials else None

    def _open(self) -> grpc.aio.Channel:
        options: list[tuple[str, Any]] = [
            ("grpc.max_receive_message_length", self._options.max_response_bytes),
            ("grpc.max_send_message_length", -1),
            *RECONNECT_OPTIONS,
            *METADATA_OPTIONS,
            ("grpc.service_config", service_config(self._options)),
            *(KEEPALIVE_OPTIONS if self._options.watch_health else RARE_KEEPALIVE_OPTIONS),
            # Only the client knows whether a retry is safe.
            ("grpc.enable_retries", 0),
            ("grpc.enable_http_proxy", 0),
        ]
        if self._credentials is None:
            return grpc.aio.insecure_channel(self._address, options=options)
        options += name_options(self._options.upstream_server_name)
        return grpc.aio.secure_channel(self._address, self._credentials.current, options=options)

    async def _renew(self, credentials: Credentials) -> None:
        """Opens a new channel when the files change; calls in progress finish on the old one."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            if credentials.renew() is None:
                continue
            fresh = self._open()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(fresh.channel_ready(), _CONNECT_SECONDS)
            old, self._channel = self._channel, fresh
            ending = asyncio.create_task(old.close(self._options.max_stream_seconds))
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)

    def method(self, route: Route) -> Callable[..., Any]:
        """The function that calls the method of a route."""
        method = route.method
        request = "stream" if method.client_streaming else "unary"
        response = "stream" if method.server_streaming else "unary"
        return self._method(route.grpc_path, f"{request}_{response}")

    def unary(self, path: str) -> Callable[..., Any]:
        """The function that calls a method with one request and one response."""
        return self._method(path, "unary_unary")

    def _method(self, path: str, kind: str) -> Callable[..., Any]:
        begin = self._in_process.method(path) if self._in_process is not None else None
        if begin is not None:
            return in_process_method(begin, self._options.max_response_bytes)
        if self._credentials is None:
            return _method_of(self._channel, path, kind)
        channel = self._channel
        method = _method_of(channel, path, kind)

        def newest(*arguments: Any, **named: Any) -> Any:
            nonlocal channel, method
            if channel is not self._channel:
                channel = self._channel
                method = _method_of(channel, path, kind)
            return method(*arguments, **named)

        return newest

    def is_ready(self) -> bool:
        """Whether the channel is connected; if not, starts to connect."""
        state = self._channel.get_state(try_to_connect=True)
        return bool(state == grpc.ChannelConnectivity.READY)

    async def close(self) -> None:
        """Cancels the calls in progress."""
        for task in (self._renewing, *self._ending):
            if task is not None:
                task.cancel()
        await self._channel.close()


def _method_of(channel: grpc.aio.Channel, path: str, kind: str) -> Callable[..., Any]:
    """kind: such as `unary_stream`."""
    multicallable: Callable[..., Any] = getattr(channel, kind)(path)
    return multicallable
