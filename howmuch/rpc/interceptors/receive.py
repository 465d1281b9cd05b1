"""Waits for the message of a call, then for a place to work, and decodes the message within its bounds."""

from collections.abc import Iterator
from time import perf_counter
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from howmuch.errors import Cancelled, DeadlineExceeded, invalid
from howmuch.rpc.call import Call, current_call
from howmuch.rpc.intake.bounds import MOST_VALUES, check_bounds
from howmuch.rpc.intake.calls import CallIntake
from howmuch.rpc.intake.places import LARGE_REQUEST_BYTES, LargeRequests
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor
from howmuch.rpc.interceptors.deadline import seconds_left
from howmuch.rpc.methods import Method
from howmuch.storage.database import Database
from howmuch.usecases.access import authenticate

CHECKED_REQUEST_BYTES = 16 * 1024
"""The session of a larger request is checked before it is decoded. That takes a statement of its own."""

MOST_PUBLIC_VALUES = 1000
"""Fields and elements of a request that needs no session; those that are valid have a few."""


class ReceiveInterceptor(MethodInterceptor):
    """Outside of it a request is an iterator over messages as bytes, or the bytes of the message.

    longest_seconds: that a call may wait for its place.
    """

    def __init__(
        self,
        methods: dict[str, Method],
        database: Database,
        intake: CallIntake,
        *,
        longest_seconds: float,
    ) -> None:
        super().__init__(methods)
        self._database = database
        self._waiting = intake.waiting
        self._places = intake.places
        self._request_wait_seconds = intake.patience.request_wait_seconds
        self._large = LargeRequests()
        self._longest = longest_seconds

    def wrap(self, method: Method, behavior: Behavior) -> Behavior:
        """Inside of the interceptors that need no message: a call without credentials is not waited for."""

        def received(
            incoming: bytes | Iterator[bytes], context: grpc.ServicerContext, *send: Any
        ) -> Any:
            call = current_call()
            wire = (
                incoming if isinstance(incoming, bytes) else self._receive(call, incoming, context)
            )
            size = len(wire)
            large = size > LARGE_REQUEST_BYTES
            if large:
                self._large.take(size)
            try:
                seconds = seconds_left(context, self._longest)
                call.waits.place = self._places.take(seconds)
                try:
                    if not context.is_active():
                        raise _left()
                    return behavior(self._decoded(call, wire), context, *send)
                finally:
                    self._places.give()
            finally:
                if large:
                    self._large.give(size)

        return received

    def _receive(
        self, call: Call, incoming: Iterator[bytes], context: grpc.ServicerContext
    ) -> bytes:
        started = perf_counter()
        waiting = self._waiting.add(context, call.transport, call.peer)
        try:
            return next(incoming)
        except (StopIteration, grpc.RpcError) as error:
            if waiting.ended:
                raise DeadlineExceeded(
                    "REQUEST_NOT_RECEIVED",
                    f"The request did not arrive within {self._request_wait_seconds:g} seconds, or too many"
                    " calls of this client wait for theirs; nothing was written.",
                ) from error
            raise _left() from error
        finally:
            self._waiting.remove(waiting)
            call.waits.request = perf_counter() - started

    def _decoded(self, call: Call, wire: bytes) -> Any:
        method = call.method
        if len(wire) > CHECKED_REQUEST_BYTES:
            if not method.public:
                with self._database.read() as connection:
                    authenticate(connection, call.token_hash, call.now)
            most = MOST_PUBLIC_VALUES if method.public else MOST_VALUES
            check_bounds(wire, method.request, most_values=most)
        try:
            return method.request.FromString(wire)
        except DecodeError as error:
            raise invalid(
                "request",
                "REQUEST_MALFORMED",
                f"The {len(wire)} bytes are no {method.request.DESCRIPTOR.full_name}, or nested too deeply.",
            ) from error


def _left() -> Cancelled:
    return Cancelled(
        "CALLER_LEFT", "The caller left before the call could begin; nothing was written."
    )
