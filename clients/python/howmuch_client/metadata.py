"""Metadata of every call: the session token, and the idempotency key of a write."""

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import grpc
from google.protobuf.descriptor_pb2 import MethodOptions

from howmuch.v1 import event_service_pb2, expense_service_pb2, user_service_pb2

if TYPE_CHECKING:
    from grpc import _CallFuture, _CallIterator, _Metadata

Request = TypeVar("Request")
Answer = TypeVar("Answer")

WRITES = frozenset(
    f"/{service.full_name}/{method.name}"
    for file in (user_service_pb2, event_service_pb2, expense_service_pb2)
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in service.methods
    if method.GetOptions().idempotency_level != MethodOptions.NO_SIDE_EFFECTS
)
"""The paths of the methods that may change something."""


class CallMetadata(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    """Adds the token to every call and a key to every write. gRPC retries below it, so all attempts have the
    same key. token: empty means no session.
    """

    def __init__(self, token: str) -> None:
        self._session: _Metadata = (("authorization", f"Bearer {token}"),) if token else ()

    def intercept_unary_unary(
        self,
        continuation: "Callable[[grpc.ClientCallDetails, Request], _CallFuture[Answer]]",
        client_call_details: grpc.ClientCallDetails,
        request: Request,
    ) -> "_CallFuture[Answer]":
        """A call with one answer."""
        return continuation(self._completed(client_call_details), request)

    def intercept_unary_stream(
        self,
        continuation: "Callable[[grpc.ClientCallDetails, Request], _CallIterator[Answer]]",
        client_call_details: grpc.ClientCallDetails,
        request: Request,
    ) -> "_CallIterator[Answer]":
        """A call with many."""
        return continuation(self._completed(client_call_details), request)

    def _completed(self, call: grpc.ClientCallDetails) -> grpc.ClientCallDetails:
        metadata = (*(call.metadata or ()), *self._session)
        if call.method in WRITES and "idempotency-key" not in dict(metadata):
            metadata = (*metadata, ("idempotency-key", str(uuid.uuid4())))
        return _Details(call, metadata)


class _Details(grpc.ClientCallDetails):
    """A call with other metadata."""

    def __init__(self, call: grpc.ClientCallDetails, metadata: "_Metadata") -> None:
        self.method = call.method
        self.timeout = call.timeout
        self.metadata = metadata
        self.credentials = call.credentials
        self.wait_for_ready = call.wait_for_ready
        self.compression = call.compression
