"""Calls to a howmuch server, and their errors as one line."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import grpc
from google.protobuf.message import Message

from howmuch.client.channel import open_channel
from howmuch.client.client_errors import CallError
from howmuch.client.explain import explain
from howmuch.runtime.certificates import TlsFiles
from howmuch.v1.event_service_pb2_grpc import EventServiceStub
from howmuch.v1.expense_service_pb2_grpc import ExpenseServiceStub
from howmuch.v1.user_service_pb2_grpc import UserServiceStub

CALL_TIMEOUT_SECONDS = 30.0

Request = TypeVar("Request", bound=Message)
Answer = TypeVar("Answer", bound=Message)


class Server:
    """The three services behind one connection, which `connect` opens and closes."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.users = UserServiceStub(channel)
        self.events = EventServiceStub(channel)
        self.expenses = ExpenseServiceStub(channel)


@contextmanager
def connect(address: str, tls: TlsFiles | None = None) -> Iterator[Server]:
    """The services of the server at HOST:PORT. tls: None: not encrypted.

    An error of gRPC that leaves the block, or a file that cannot be used, becomes a CallError.
    """
    try:
        channel = open_channel(address, tls)
    except ValueError as error:
        raise CallError(str(error)) from error
    with channel:
        try:
            yield Server(channel)
        except grpc.RpcError as error:
            raise CallError(explain(address, error)) from error


class Caller:
    """Whoever calls: a user by their session token, or nobody by none. metadata: what says so in a call."""

    def __init__(self, token: str = "") -> None:
        self.metadata = (("authorization", f"Bearer {token}"),) if token else ()

    def read(
        self,
        method: "grpc.UnaryUnaryMultiCallable[Request, Answer]",
        request: Request,
        timeout_seconds: float = CALL_TIMEOUT_SECONDS,
    ) -> Answer:
        """One call that changes nothing. Raises grpc.RpcError."""
        return method(request, timeout=timeout_seconds, metadata=self.metadata)

    def write(
        self, method: "grpc.UnaryUnaryMultiCallable[Request, Answer]", request: Request
    ) -> Answer:
        """One call that writes, under an idempotency key of its own. Raises grpc.RpcError."""
        metadata = (*self.metadata, ("idempotency-key", str(uuid.uuid4())))
        return method(request, timeout=CALL_TIMEOUT_SECONDS, metadata=metadata)
