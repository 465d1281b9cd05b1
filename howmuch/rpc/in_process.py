"""The service's side of calls by the gateway in this process: same handlers, interceptors and places as
gRPC's.

The way through gRPC's channel, a socket and gRPC's server takes longer than most calls do. Only methods with
one request and one response are called like this; streams take the socket.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextvars import Context
from typing import Any, NoReturn, Protocol

import grpc
import structlog
from google.rpc import code_pb2

from howmuch.runtime.in_process import CallResult, Metadata, StartCall

log = structlog.get_logger()

Handler = Any
"""A grpc.RpcMethodHandler."""


class Interceptor(Protocol):
    """An interceptor, as far as it matters here; see howmuch.rpc.interceptors.base."""

    def around(self, path: str, handler: Handler) -> Handler:
        """The handler of a method with the interceptor around it."""


class _Ended(Exception):
    """The handler has ended its call with a status."""


class InProcessContext(grpc.ServicerContext):
    """The context that a handler sees. seconds: until the deadline."""

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
        """Whether the caller still waits for the result."""
        return not self._left and self.time_remaining() > 0

    def time_remaining(self) -> float:
        """Seconds."""
        return max(0.0, self._ends_at - time.monotonic())

    def cancel(self) -> bool:
        """The caller no longer waits for the result."""
        self._left = True
        return True

    def add_callback(self, callback: Callable[[], None]) -> bool:
        """False: only streams use callbacks."""
        return False

    def invocation_metadata(self) -> Metadata:
        """The gateway's metadata."""
        return self._metadata

    def peer(self) -> str:
        """Trusted like the private socket: the gateway names the client."""
        return "unix:"

    def peer_identities(self) -> None:
        """None means that the peer has no certificate."""

    def peer_identity_key(self) -> None:
        """None means that the peer has no certificate."""

    def auth_context(self) -> Mapping[str, Any]:
        """Empty means that the peer has no certificate."""
        return {}

    def send_initial_metadata(self, initial_metadata: Any) -> None:
        """Kept for the result."""
        self._initial = tuple(initial_metadata)

    def set_trailing_metadata(self, trailing_metadata: Any) -> None:
        """Kept for the result."""
        self._trailing = tuple(trailing_metadata)

    def abort(self, code: grpc.StatusCode, details: str) -> NoReturn:
        """Ends the call with a status."""
        self._code, self._details = code, details
        raise _Ended

    def abort_with_status(self, status: grpc.Status) -> NoReturn:
        """Ends the call with a status."""
        self.set_trailing_metadata(status.trailing_metadata)
        self.abort(status.code, status.details)

    def set_code(self, code: grpc.StatusCode) -> None:
        """Sets the code of the status."""
        self._code = code

    def set_details(self, details: str) -> None:
        """Sets the message of the status."""
        self._details = details

    def set_line(self, **line: object) -> None:
        """Sets the call's part of the gateway's log line."""
        self._line = line

    def result(self, wire: bytes = b"") -> CallResult:
        """The result for the gateway."""
        number: int = self._code.value[0]
        metadata = self._initial, self._trailing
        return CallResult(wire, number, self._details, *metadata, line=self._line)


class Handlers:
    """Collects handlers from generated code, in the place of a gRPC server."""

    def __init__(self) -> None:
        self._by_path: dict[str, Handler] = {}

    def add_generic_rpc_handlers(self, generic_rpc_handlers: object) -> None:
        """Ignored: the same handlers are also registered by name."""

    def add_registered_method_handlers(
        self, service_name: str, method_handlers: Mapping[str, Handler]
    ) -> None:
        """Keeps the handlers of a service. method_handlers: by method name."""
        for name, handler in method_handlers.items():
            self._by_path[f"/{service_name}/{name}"] = handler

    def behind(self, interceptors: Sequence[Interceptor]) -> dict[str, Handler]:
        """Path to handler inside the interceptors, the first of which is outermost."""
        handlers = dict(self._by_path)
        for interceptor in reversed(interceptors):
            for path, handler in handlers.items():
                handlers[path] = interceptor.around(path, handler)
        return handlers


class InProcessServer:
    """An `InProcessService`. handlers: by path, interceptors included. threads: of these calls alone."""

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        threads: Executor,
        max_request_bytes: int,
    ) -> None:
        self._handlers = handlers
        self._threads = threads
        self._most = max_request_bytes

    def method(self, path: str) -> StartCall | None:
        """Starts calls of a method. None for a stream, and for an unknown method."""
        handler = self._handlers.get(path)
        if handler is None or handler.request_streaming or handler.response_streaming:
            return None

        def start(
            request: bytes, metadata: Metadata, seconds: float, tell: Callable[[CallResult], None]
        ) -> Callable[[], object]:
            context = InProcessContext(metadata, seconds)
            if len(request) > self._most:
                too_large = f"SERVER: Received message larger than max ({len(request)})"
                tell(CallResult(code=code_pb2.RESOURCE_EXHAUSTED, message=too_large))
                return context.cancel
            try:
                # A call is in context variables, so each one runs in a context of its own.
                self._threads.submit(Context().run, _serve, handler, request, context, tell)
            except RuntimeError:
                tell(CallResult(code=code_pb2.UNAVAILABLE, message="Socket closed"))
            return context.cancel

        return start


def _serve(
    handler: Handler, request: bytes, context: InProcessContext, tell: Callable[[CallResult], None]
) -> None:
    if not context.is_active():
        return
    try:
        response = handler.unary_unary(request, context)
        result = context.result(handler.response_serializer(response))
    except _Ended:
        result = context.result()
    except Exception:
        # A fault of the interceptors: they answer for every exception of a method.
        log.exception("direct call failed")
        result = CallResult(code=code_pb2.INTERNAL, message="Something went wrong on our side.")
    tell(result)
