"""The services behind one connection, which says who calls and repeats what was cut off."""

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

# A server that was away is looked for again after 0.1 s, and every 2 s at last, and has 5 s to answer ("min",
# in gRPC's words); gRPC's own values are 1 s, 2 minutes and 20 s. A stream on which nothing comes for hours
# has to notice that its connection is dead.
_OPTIONS: list[tuple[str, str | int]] = [
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 5000),
    ("grpc.max_reconnect_backoff_ms", 2000),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
]


class Howmuch:
    """A server, as somebody calls it. users, events, expenses: the generated stubs of its services.

    Every write that brings no idempotency key gets one of its own, which all its repetitions share. Calls
    raise grpc.RpcError, which `failure` reads. May be shared by threads.
    """

    def __init__(self, channel: grpc.Channel, token: str = "") -> None:
        self._channel = channel
        channel = grpc.intercept_channel(channel, CallMetadata(token))
        self.users = UserServiceStub(channel)
        self.events = EventServiceStub(channel)
        self.expenses = ExpenseServiceStub(channel)

    def with_token(self, token: str) -> "Howmuch":
        """The same connection for whom the session is that LogIn answered with this token."""
        return Howmuch(self._channel, token)

    def close(self) -> None:
        """Ends the connection, and with it every call that is under way."""
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
    """A server, which is looked for at the first call.

    target: HOST:PORT, or several servers as gRPC names them, `ipv4:10.0.0.1:50051,10.0.0.2:50051`. token: of
    a session; empty: nobody, who may sign up and log in. tls: such as grpc.ssl_channel_credentials(); None:
    not encrypted. through_proxy: a proxy for HTTP/2 stands between, which itself knows which servers serve.
    options: more channel arguments of gRPC, which go before those set here.
    """
    given = [*options, *_OPTIONS, ("grpc.service_config", _service_config(through_proxy))]
    if tls is None:
        return Howmuch(grpc.insecure_channel(target, given), token)
    return Howmuch(grpc.secure_channel(target, tls, given), token)


def idempotency_key(key: str) -> tuple[tuple[str, str], ...]:
    """The `metadata` of a write that is done once however often it is sent, for 24 hours.

    key: 1 to 255 visible ASCII characters, of your own making, a new one for each thing that is done. Needed
    only where a program that was started again has to send the same write; see `Howmuch`.
    """
    return (("idempotency-key", key),)


def _service_config(through_proxy: bool) -> str:
    config = json.loads((files("howmuch_client") / "retry_policy.json").read_text())
    if through_proxy:
        # What one server says of its health would be taken for all that are behind the proxy.
        del config["healthCheckConfig"]
    return json.dumps(config)
