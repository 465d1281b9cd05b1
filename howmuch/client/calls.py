"""Calls to a howmuch server, with errors on one line."""

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
    """The stubs of the three services on one connection."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.users = UserServiceStub(channel)
        self.events = EventServiceStub(channel)
        self.expenses = ExpenseServiceStub(channel)


@contextmanager
def connect(address: str, tls: TlsFiles | None = None) -> Iterator[Server]:
    """Open the services of the server at HOST:PORT, and close them afterwards.

    tls: None means no encryption. A grpc.RpcError that leaves the block, or an invalid file, becomes a
    CallError.
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
    """A caller with a session token, or without one for public methods. metadata: of each call."""

    def __init__(self, token: str = "") -> None:
        session = (("authorization", f"Bearer {token}"),) if token else ()
        # The words of the command line are English.
        self.metadata = (*session, ("accept-language", "en"))

    def read(
        self,
        method: "grpc.UnaryUnaryMultiCallable[Request, Answer]",
        request: Request,
        timeout_seconds: float = CALL_TIMEOUT_SECONDS,
    ) -> Answer:
        """Make a call that changes nothing. Raises grpc.RpcError."""
        return method(request, timeout=timeout_seconds, metadata=self.metadata)

    def write(
        self, method: "grpc.UnaryUnaryMultiCallable[Request, Answer]", request: Request
    ) -> Answer:
        """Make a call that writes, with a new idempotency key. Raises grpc.RpcError."""
        metadata = (*self.metadata, ("idempotency-key", str(uuid.uuid4())))
        return method(request, timeout=CALL_TIMEOUT_SECONDS, metadata=metadata)
