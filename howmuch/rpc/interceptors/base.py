"""The base of the interceptors: a wrapper around the behaviour of each method, made once."""

from collections.abc import Callable
from typing import Any, TypeAlias, cast

import grpc

from howmuch.rpc.methods import Method

Behavior = Callable[..., Any]
"""Takes a request and a context, and in streams that wait also a callback that sends a message."""
# Generic for the type checker only.
MaybeHandler: TypeAlias = "grpc.RpcMethodHandler[Any, Any] | None"


class MethodInterceptor:
    """Wraps each method in `methods` once, not once per call."""

    def __init__(self, methods: dict[str, Method]) -> None:
        self._methods = methods

    def wrap(self, method: Method, behavior: Behavior) -> Behavior:
        """Puts this concern around the behaviour of a method."""
        raise NotImplementedError

    def around(self, path: str, handler: MaybeHandler) -> MaybeHandler:
        """Puts this concern around the handler of a method. Other methods pass untouched."""
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
            # grpcio looks for this mark of streams that give their thread back while they wait.
            behavior.experimental_non_blocking = True  # type: ignore[attr-defined]
        return make(behavior, handler.request_deserializer, handler.response_serializer)


def ending_of(context: grpc.ServicerContext) -> grpc.StatusCode:
    """The code of a call that is over: the server's, or CANCELLED or DEADLINE_EXCEEDED by the client."""
    # Untyped; None means that it was not set.
    code: grpc.StatusCode | None = context.code()  # type: ignore[attr-defined]
    if code is not None:
        return code
    remaining: float | None = context.time_remaining()
    if remaining is not None and remaining <= 0:
        return grpc.StatusCode.DEADLINE_EXCEEDED
    return grpc.StatusCode.CANCELLED
