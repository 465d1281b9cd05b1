"""Serves calls of the gateway in this process: by the same handlers, interceptors and threads as gRPC's.

What is left out is the way through gRPC's channel, a socket and gRPC's server, which takes longer than most
calls do themselves. Only methods with one request and one response are called so; streams take the socket.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextvars import Context
from typing import Any, NoReturn

import grpc
import structlog
from google.rpc import code_pb2

from howmuch.rpc.interceptors.base import MethodInterceptor
from howmuch.runtime.in_process import Answer, Begin, Metadata

log = structlog.get_logger()

Handler = Any
"""A grpc.RpcMethodHandler."""


class _Ended(Exception):
    """The handler has ended its call with a status."""


class DirectContext(grpc.ServicerContext):
    """What a handler sees of a direct call. seconds: that the call may take, from now on."""

    def __init__(self, metadata: Metadata, seconds: float) -> None:
        self._metadata = metadata
        self._ends_at = time.monotonic() + seconds
        self._left = False
        self._code = grpc.StatusCode.OK
        self._details = ""
        self._initial: Metadata = ()
        self._trailing: Metadata = ()
        self._line: Mapping[str, object] = {}

    def is_active(self) -> bool:
        """Whether somebody still waits for the answer."""
        return not self._left and self.time_remaining() > 0

    def time_remaining(self) -> float:
        """Seconds."""
        return max(0.0, self._ends_at - time.monotonic())

    def cancel(self) -> bool:
        """Nobody waits any more."""
        self._left = True
        return True

    def add_callback(self, callback: Callable[[], None]) -> bool:
        """Refused: only streams have something to do when they end."""
        return False

    def invocation_metadata(self) -> Metadata:
        """What the gateway sends along."""
        return self._metadata

    def peer(self) -> str:
        """As over the private socket: whom the gateway of this process speaks for is believed."""
        return "unix:"

    def peer_identities(self) -> None:
        """None: there is no certificate."""

    def peer_identity_key(self) -> None:
        """None: there is no certificate."""

    def auth_context(self) -> Mapping[str, Any]:
        """Empty: there is no certificate."""
        return {}

    def send_initial_metadata(self, initial_metadata: Any) -> None:
        """Comes with the answer, as everything does."""
        self._initial = tuple(initial_metadata)

    def set_trailing_metadata(self, trailing_metadata: Any) -> None:
        """What goes with the answer."""
        self._trailing = tuple(trailing_metadata)

    def abort(self, code: grpc.StatusCode, details: str) -> NoReturn:
        """Ends the call."""
        self._code, self._details = code, details
        raise _Ended

    def abort_with_status(self, status: grpc.Status) -> NoReturn:
        """Ends the call."""
        self.set_trailing_metadata(status.trailing_metadata)
        self.abort(status.code, status.details)

    def set_code(self, code: grpc.StatusCode) -> None:
        """How the call will end."""
        self._code = code

    def set_details(self, details: str) -> None:
        """What the status will say."""
        self._details = details

    def set_line(self, **line: object) -> None:
        """What the log is to say of this call."""
        self._line = line

    def answer(self, wire: bytes = b"") -> Answer:
        """What the caller is told."""
        number: int = self._code.value[0]
        metadata = self._initial, self._trailing
        return Answer(wire, number, self._details, *metadata, line=self._line)


class Handlers:
    """Takes handlers as a gRPC server does from generated code, and only keeps them."""

    def __init__(self) -> None:
        self._by_path: dict[str, Handler] = {}

    def add_generic_rpc_handlers(self, generic_rpc_handlers: object) -> None:
        """Does nothing: the same ones come by their names as well."""

    def add_registered_method_handlers(
        self, service_name: str, method_handlers: Mapping[str, Handler]
    ) -> None:
        """Those of a service, by the names of its methods."""
        for name, handler in method_handlers.items():
            self._by_path[f"/{service_name}/{name}"] = handler

    def behind(self, interceptors: Sequence[MethodInterceptor]) -> dict[str, Handler]:
        """Path to handler with the interceptors around it, the first of them outermost."""
        handlers = dict(self._by_path)
        for interceptor in reversed(interceptors):
            for path, handler in handlers.items():
                handlers[path] = interceptor.around(path, handler)
        return handlers


class DirectServer:
    """handlers: path to what gRPC would call, interceptors included. threads: those that serve gRPC, too."""

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        threads: Executor,
        max_request_bytes: int,
    ) -> None:
        self._handlers = handlers
        self._threads = threads
        self._most = max_request_bytes

    def method(self, path: str) -> Begin | None:
        """What begins calls of a method; None for a stream, and for what there is not."""
        handler = self._handlers.get(path)
        if handler is None or handler.request_streaming or handler.response_streaming:
            return None

        def begin(
            request: bytes, metadata: Metadata, seconds: float, tell: Callable[[Answer], None]
        ) -> Callable[[], object]:
            context = DirectContext(metadata, seconds)
            if len(request) > self._most:
                too_large = f"SERVER: Received message larger than max ({len(request)})"
                tell(Answer(code=code_pb2.RESOURCE_EXHAUSTED, message=too_large))
                return context.cancel
            try:
                # What is known of a call is in context variables: each has a context of its own.
                self._threads.submit(Context().run, _serve, handler, request, context, tell)
            except RuntimeError:
                tell(Answer(code=code_pb2.UNAVAILABLE, message="Socket closed"))
            return context.cancel

        return begin


def _serve(
    handler: Handler, request: bytes, context: DirectContext, tell: Callable[[Answer], None]
) -> None:
    if not context.is_active():
        return
    try:
        response = handler.unary_unary(handler.request_deserializer(request), context)
        answer = context.answer(handler.response_serializer(response))
    except _Ended:
        answer = context.answer()
    except Exception:
        # The interceptors answer whatever a method raises. This is a fault of theirs.
        log.exception("direct call failed")
        answer = Answer(code=code_pb2.INTERNAL, message="Something went wrong on our side.")
    tell(answer)
