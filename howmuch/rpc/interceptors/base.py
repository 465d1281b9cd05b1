"""How an interceptor of ours is written: as a wrapper around the behaviour of one method, made once."""

from collections.abc import Callable
from typing import Any, TypeAlias, cast

import grpc

from howmuch.rpc.methods import Method

# A behaviour takes a request and a context, and in streams that wait also a callback to send with.
Behavior = Callable[..., Any]
# Generic for the type checker only.
MaybeHandler: TypeAlias = "grpc.RpcMethodHandler[Any, Any] | None"


class MethodInterceptor(grpc.ServerInterceptor):
    """Wraps every method in `methods` once, not once a call; any other passes untouched."""

    def __init__(self, methods: dict[str, Method]) -> None:
        self._methods = methods
        self._wrapped: dict[str, MaybeHandler] = {}

    def wrap(self, method: Method, behavior: Behavior) -> Behavior:
        """The behaviour with this concern around it."""
        raise NotImplementedError

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], MaybeHandler],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> MaybeHandler:
        """What grpcio asks for at each call."""
        path = handler_call_details.method
        wrapped = self._wrapped.get(path)
        return wrapped or self.around(path, continuation(handler_call_details))

    def around(self, path: str, handler: MaybeHandler) -> MaybeHandler:
        """The handler of a method with this concern around it; from then on, it is the one of that method."""
        method = self._methods.get(path)
        if handler is None or method is None:
            return handler
        make, inner = (
            (grpc.unary_stream_rpc_method_handler, handler.unary_stream)
            if handler.response_streaming
            else (grpc.unary_unary_rpc_method_handler, handler.unary_unary)
        )
        behavior = self.wrap(method, cast(Behavior, inner))
        if behavior is not inner and handler.response_streaming:
            # Streams that wait give their thread back: grpcio looks for this mark on what it calls.
            behavior.experimental_non_blocking = True  # type: ignore[attr-defined]
        wrapped = make(behavior, handler.request_deserializer, handler.response_serializer)
        self._wrapped[path] = wrapped
        return wrapped


def ending_of(context: grpc.ServicerContext) -> grpc.StatusCode:
    """The code, once the call is over: the server's, or what the client's going away means."""
    # Typed not at all, it is None where nobody has set one.
    code: grpc.StatusCode | None = context.code()  # type: ignore[attr-defined]
    if code is not None:
        return code
    remaining: float | None = context.time_remaining()
    if remaining is not None and remaining <= 0:
        return grpc.StatusCode.DEADLINE_EXCEEDED
    return grpc.StatusCode.CANCELLED
