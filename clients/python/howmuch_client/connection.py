"""The services of a server over one connection, with the session token and with retries."""

import json
from collections.abc import Sequence
from importlib.resources import files
from types import TracebackType
from typing import Self

import grpc

from howmuch.v1.event_service_pb2_grpc import EventServiceStub
from howmuch.v1.expense_service_pb2_grpc import ExpenseServiceStub
from howmuch.v1.user_service_pb2_grpc import UserServiceStub
from howmuch_client.metadata import CallMetadata

# Backoff of reconnects: 0.1 s at first, at most 2 s; an attempt has 5 s (gRPC's "min"). The defaults of gRPC
# are 1 s, 2 minutes and 20 s. A server that does not answer a ping is left after 4.5 s. The metadata of a
# response, with the details of an error, has at most 64 KiB; by default gRPC refuses some beyond 8 KiB.
_OPTIONS: list[tuple[str, str | int]] = [
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 5000),
    ("grpc.max_reconnect_backoff_ms", 2000),
    ("grpc.keepalive_time_ms", 2000),
    ("grpc.keepalive_timeout_ms", 2500),
    ("grpc.http2.ping_timeout_ms", 2500),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.max_metadata_size", 64 * 1024),
    ("grpc.absolute_max_metadata_size", 64 * 1024),
]


class Howmuch:
    """A connection to a server. users, events, expenses: the generated stubs of its services.

    Every write without an idempotency key gets a new one, which all its retries share. Calls raise
    grpc.RpcError, which `failure` reads. Threads may share it.
    """

    def __init__(self, channel: grpc.Channel, token: str = "") -> None:
        self._channel = channel
        channel = grpc.intercept_channel(channel, CallMetadata(token))
        self.users = UserServiceStub(channel)
        self.events = EventServiceStub(channel)
        self.expenses = ExpenseServiceStub(channel)

    def with_token(self, token: str) -> "Howmuch":
        """The same connection, with the session of another token from LogIn."""
        return Howmuch(self._channel, token)

    def close(self) -> None:
        """Closes the connection, which ends every call in flight."""
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def connect(
    target: str,
    token: str = "",
    *,
    tls: grpc.ChannelCredentials | None = None,
    through_proxy: bool = False,
    options: Sequence[tuple[str, str | int]] = (),
) -> Howmuch:
    """A connection to a server, opened at the first call.

    target: HOST:PORT, or several servers in gRPC's syntax, `ipv4:10.0.0.1:50051,10.0.0.2:50051`. token: of
    the session. Empty means no session, which is enough for SignUp and LogIn. tls: such as
    grpc.ssl_channel_credentials(). None means no encryption. through_proxy: whether an HTTP/2 proxy with its
    own health checks is in between. options: more channel arguments of gRPC, which override those set here.
    """
    given = [*options, *_OPTIONS, ("grpc.service_config", _service_config(through_proxy))]
    if tls is None:
        return Howmuch(grpc.insecure_channel(target, given), token)
    return Howmuch(grpc.secure_channel(target, tls, given), token)


def idempotency_key(key: str) -> tuple[tuple[str, str], ...]:
    """The `metadata` of a write that runs once, even if it is sent several times within seven days.

    key: 1 to 255 visible ASCII characters, a new one for each operation. Needed only if a restarted program
    must send the same write again; see `Howmuch`.
    """
    return (("idempotency-key", key),)


def _service_config(through_proxy: bool) -> str:
    config = json.loads((files("howmuch_client") / "retry_policy.json").read_text())
    if through_proxy:
        # Otherwise the health of one server would count for all servers behind the proxy.
        del config["healthCheckConfig"]
    return json.dumps(config)
