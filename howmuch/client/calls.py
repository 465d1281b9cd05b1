"""Calls to a howmuch server, and their errors as one line."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar, cast

import grpc
from google.protobuf.message import Message

from howmuch.v1.event_service_pb2_grpc import EventServiceStub
from howmuch.v1.expense_service_pb2_grpc import ExpenseServiceStub
from howmuch.v1.user_service_pb2_grpc import UserServiceStub

CALL_TIMEOUT_SECONDS = 30.0

Request = TypeVar("Request", bound=Message)
Answer = TypeVar("Answer", bound=Message)


class CallError(Exception):
    """A call failed. The text is one line: the server's message, or that there is no server."""


class Server:
    """The three services behind one connection, which `connect` opens and closes."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.users = UserServiceStub(channel)
        self.events = EventServiceStub(channel)
        self.expenses = ExpenseServiceStub(channel)


@contextmanager
def connect(address: str) -> Iterator[Server]:
    """The services of the server at HOST:PORT, not encrypted.

    An error of gRPC that leaves the block becomes a CallError.
    """
    with grpc.insecure_channel(address) as channel:
        try:
            yield Server(channel)
        except grpc.RpcError as error:
            raise CallError(_explain(address, error)) from error


class Caller:
    """Whoever calls: a user by their session token, or nobody by none."""

    def __init__(self, token: str = "") -> None:
        self._metadata = (("authorization", f"Bearer {token}"),) if token else ()

    def read(
        self, method: "grpc.UnaryUnaryMultiCallable[Request, Answer]", request: Request
    ) -> Answer:
        """One call that changes nothing. Raises grpc.RpcError."""
        return method(request, timeout=CALL_TIMEOUT_SECONDS, metadata=self._metadata)

    def write(
        self, method: "grpc.UnaryUnaryMultiCallable[Request, Answer]", request: Request
    ) -> Answer:
        """One call that writes, under an idempotency key of its own. Raises grpc.RpcError."""
        metadata = (*self._metadata, ("idempotency-key", str(uuid.uuid4())))
        return method(request, timeout=CALL_TIMEOUT_SECONDS, metadata=metadata)


def _explain(address: str, error: grpc.RpcError) -> str:
    # An error of a call is also that call, which its class does not say.
    call = cast("grpc.Call", error)
    details = " ".join((call.details() or "").split())
    if call.code() is grpc.StatusCode.UNAVAILABLE:
        return f"{address} does not answer; is `howmuch run` running there? ({details})"
    return f"{address} answered {call.code().name}: {details}"
