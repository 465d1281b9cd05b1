"""The gRPC service behind the gateway: one HTTP/2 channel, bytes in and bytes out."""

import re
from typing import Any

import grpc
import grpc.aio
from google.rpc import code_pb2

from howmuch.gateway.options import GatewayOptions
from howmuch.gateway.routes import Route

# gRPC's core writes addresses and system calls into the statuses that it makes itself.
_OF_THE_CORE = re.compile(
    r"ipv[46]:|unix:|failed to connect|connection attempt|connections to all backends|name resolution"
    r"|DNS resolution|Socket closed|tcp |GOAWAY|RST_STREAM|stream removed|recvmsg|sendmsg|Endpoint"
    r"|handshak|keepalive|Connection (?:reset|refused)|Broken pipe|OS Error|HTTP proxy",
    re.IGNORECASE,
)
_CUT_OFF = re.compile(r"Received RST_STREAM|Stream removed|Received http2 header", re.IGNORECASE)
_TOO_LARGE = re.compile(r"\b(CLIENT|SERVER): Received message larger than max")


class Upstream:
    """address: HOST:PORT, or unix:PATH. Made in the event loop that uses it."""

    def __init__(self, address: str, options: GatewayOptions) -> None:
        self._channel = grpc.aio.insecure_channel(
            address,
            options=[
                ("grpc.max_receive_message_length", options.max_response_bytes),
                ("grpc.max_send_message_length", -1),
                # One that comes back is found within two seconds.
                ("grpc.initial_reconnect_backoff_ms", 100),
                ("grpc.min_reconnect_backoff_ms", 100),
                ("grpc.max_reconnect_backoff_ms", 2000),
                # A name with several addresses has its calls spread over them.
                ("grpc.service_config", '{"loadBalancingConfig":[{"round_robin":{}}]}'),
                ("grpc.keepalive_time_ms", 60_000),
                ("grpc.keepalive_timeout_ms", 20_000),
                # Who retries is the client's to decide: it knows whether that is safe.
                ("grpc.enable_retries", 0),
                ("grpc.enable_http_proxy", 0),
            ],
        )

    def method(self, route: Route) -> Any:
        """What calls the method of a route."""
        kinds = {
            (False, False): self._channel.unary_unary,
            (False, True): self._channel.unary_stream,
            (True, False): self._channel.stream_unary,
            (True, True): self._channel.stream_stream,
        }
        method = route.method
        return kinds[method.client_streaming, method.server_streaming](route.grpc_path)

    def is_ready(self) -> bool:
        """Whether the connection stands; asks for one where it does not."""
        state = self._channel.get_state(try_to_connect=True)
        return bool(state == grpc.ChannelConnectivity.READY)

    async def close(self) -> None:
        """Ends what is still under way."""
        await self._channel.close()


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
