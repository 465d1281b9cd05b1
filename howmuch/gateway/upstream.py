"""The gRPC service behind the gateway: one HTTP/2 channel, bytes in and bytes out."""

import asyncio
import contextlib
import json
import re
from collections.abc import Callable
from typing import Any

import grpc
import grpc.aio
from google.rpc import code_pb2

from howmuch.gateway.in_process import direct_method
from howmuch.gateway.options import GatewayOptions
from howmuch.gateway.routes import Route
from howmuch.runtime.certificates import CHECK_SECONDS, TlsFiles, Watched, read_pems
from howmuch.runtime.grpc_channel import RECONNECT_OPTIONS
from howmuch.runtime.in_process import Direct

# gRPC's core writes addresses and system calls into the statuses that it makes itself.
_OF_THE_CORE = re.compile(
    r"ipv[46]:|unix:|failed to connect|connection attempt|connections to all backends|name resolution"
    r"|DNS resolution|Socket closed|tcp |GOAWAY|RST_STREAM|stream removed|recvmsg|sendmsg|Endpoint"
    r"|handshak|keepalive|Connection (?:reset|refused)|Broken pipe|OS Error|HTTP proxy",
    re.IGNORECASE,
)
_CUT_OFF = re.compile(r"Received RST_STREAM|Stream removed|Received http2 header", re.IGNORECASE)
_TOO_LARGE = re.compile(r"\b(CLIENT|SERVER): Received message larger than max")


_CONNECT_SECONDS = 10.0
"""How long calls stay with the old certificate while a connection with the new one is made."""

Credentials = Watched[grpc.ChannelCredentials]


def watched_credentials(files: TlsFiles) -> Credentials:
    """Credentials that follow the files. ValueError, in one line, for files that cannot be used."""
    return Watched(files, "http.upstream_tls", channel_credentials)


def channel_credentials(files: TlsFiles) -> grpc.ChannelCredentials:
    """What a client needs. ValueError, in one line, for files that cannot be used."""
    pems = read_pems(files)
    return grpc.ssl_channel_credentials(pems.ca, pems.key, pems.certificate)


def name_options(server_name: str) -> list[tuple[str, str]]:
    """What has a channel expect this name in the certificate; none: that of its address."""
    return [("grpc.ssl_target_name_override", server_name)] if server_name else []


def service_config(options: GatewayOptions) -> str:
    """A name with several addresses has its calls spread over them."""
    config: dict[str, object] = {"loadBalancingConfig": [{"round_robin": {}}]}
    if options.watch_health:
        # Servers that are about to stop say so before they do, and get no more calls.
        config["healthCheckConfig"] = {"serviceName": ""}
    return json.dumps(config)


class Upstream:
    """address: HOST:PORT, or unix:PATH. Made in the event loop that uses it.

    credentials: None: not encrypted. gRPC takes them once, so that new ones mean a new channel. direct: the
    same service, where it is in this process; None: it is not.
    """

    def __init__(
        self,
        address: str,
        options: GatewayOptions,
        credentials: Credentials | None = None,
        direct: Direct | None = None,
    ) -> None:
        self._direct = direct
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
            ("grpc.service_config", service_config(self._options)),
            ("grpc.keepalive_time_ms", 60_000),
            ("grpc.keepalive_timeout_ms", 20_000),
            # Who retries is the client's to decide: it knows whether that is safe.
            ("grpc.enable_retries", 0),
            ("grpc.enable_http_proxy", 0),
        ]
        if self._credentials is None:
            return grpc.aio.insecure_channel(self._address, options=options)
        options += name_options(self._options.upstream_server_name)
        return grpc.aio.secure_channel(self._address, self._credentials.current, options=options)

    async def _renew(self, credentials: Credentials) -> None:
        """Changes over to a new channel when there are new files; calls under way stay with the old one."""
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
        """What calls the method of a route."""
        begin = self._direct.method(route.grpc_path) if self._direct is not None else None
        if begin is not None:
            return direct_method(begin, self._options.max_response_bytes)
        if self._credentials is None:
            return _method_of(self._channel, route)
        channel = self._channel
        method = _method_of(channel, route)

        def newest(*arguments: Any, **named: Any) -> Any:
            nonlocal channel, method
            if channel is not self._channel:
                channel = self._channel
                method = _method_of(channel, route)
            return method(*arguments, **named)

        return newest

    def is_ready(self) -> bool:
        """Whether the connection stands; asks for one where it does not."""
        state = self._channel.get_state(try_to_connect=True)
        return bool(state == grpc.ChannelConnectivity.READY)

    async def close(self) -> None:
        """Ends what is still under way."""
        for task in (self._renewing, *self._ending):
            if task is not None:
                task.cancel()
        await self._channel.close()


def _method_of(channel: grpc.aio.Channel, route: Route) -> Callable[..., Any]:
    kinds: dict[tuple[bool, bool], Callable[[str], Any]] = {
        (False, False): channel.unary_unary,
        (False, True): channel.unary_stream,
        (True, False): channel.stream_unary,
        (True, True): channel.stream_stream,
    }
    method = route.method
    made: Callable[..., Any] = kinds[method.client_streaming, method.server_streaming](
        route.grpc_path
    )
    return made


def is_about_headers(error: grpc.aio.AioRpcError) -> bool:
    """Whether the call failed for more metadata than gRPC takes: about 8 KiB in all."""
    return "received metadata size exceeds" in (error.details() or "")


def public_status(error: grpc.aio.AioRpcError) -> tuple[int, str]:
    """Code and message of a failed call, without what only concerns those who run the gateway."""
    code: int = error.code().value[0]
    message = error.details() or ""
    if code == code_pb2.RESOURCE_EXHAUSTED and (found := _TOO_LARGE.search(message)):
        if found[1] == "CLIENT":
            return code_pb2.INTERNAL, "The answer of the service is too large to be passed on."
        return code, "The request is larger than the service accepts."
    if code == code_pb2.DEADLINE_EXCEEDED:
        own = "deadline exceeded" in message.lower()
        return code, "The service did not answer in time." if own else message
    of_the_core = _OF_THE_CORE if code == code_pb2.UNAVAILABLE else _CUT_OFF
    if of_the_core.search(message):
        return code_pb2.UNAVAILABLE, "The service is not available. Try again in a moment."
    return code, message
