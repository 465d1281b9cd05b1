"""The handlers that gRPC's server gets: each receives its messages itself.

grpcio gives a call its thread when its headers come, and that thread waits for the message. So all methods
are registered as streams of requests: their behaviour starts at once, and its wait is counted, bounded and
ended. On the wire nothing differs.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc

from howmuch.rpc.call import current_call
from howmuch.rpc.intake.waiting import WaitingCalls

Handler = Any
"""A grpc.RpcMethodHandler."""


def register(server: grpc.Server, handlers: Mapping[str, Handler]) -> None:
    """Adds handlers to a server that has not started. handlers: by path."""
    services: dict[str, dict[str, Handler]] = {}
    for path, handler in handlers.items():
        service, _, name = path[1:].partition("/")
        services.setdefault(service, {})[name] = handler
    for service, methods in services.items():
        server.add_registered_method_handlers(service, methods)


def method_handler(handler: Handler, unanswered: WaitingCalls) -> Handler:
    """For a handler that iterates over its messages. unanswered: calls whose answer is not sent yet."""
    serialize = handler.response_serializer
    if handler.response_streaming:
        return grpc.stream_stream_rpc_method_handler(handler.unary_stream, None, serialize)
    behavior = handler.unary_unary

    def answered(incoming: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
        wire: bytes = serialize(behavior(incoming, context))
        call = current_call()
        _count_until_sent(unanswered, context, call.transport, call.peer, wire)
        return wire

    return grpc.stream_unary_rpc_method_handler(answered, None, None)


def _count_until_sent(
    unanswered: WaitingCalls,
    context: grpc.ServicerContext,
    connection: str,
    address: str,
    wire: bytes,
) -> None:
    """Counts an answer until gRPC has sent it: a client that takes none would fill the memory with them."""
    waiting = unanswered.add(context, connection, address, len(wire))
    if not context.add_callback(lambda: unanswered.remove(waiting)):
        unanswered.remove(waiting)


def standard_handler(
    handler: Handler, waiting: WaitingCalls, unanswered: WaitingCalls, threads: ThreadPoolExecutor
) -> Handler:
    """For a handler of grpcio's own services, which has its threads for itself.

    waiting: for a message, or until a message of a stream is sent. unanswered: as in `method_handler`.
    """

    def messages(incoming: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[Any]:
        peer = context.peer()
        while True:
            with waiting.held(context, peer, peer):
                wire = next(incoming, None)
            if wire is None:
                return
            yield handler.request_deserializer(wire)

    behavior: Callable[..., Any]
    if handler.request_streaming:
        behavior = _conversation(handler, waiting, messages)
        make = grpc.stream_stream_rpc_method_handler
    elif handler.response_streaming:
        behavior = _subscription(handler, waiting, messages)
        make = grpc.stream_stream_rpc_method_handler
    else:
        behavior = _answer(handler, messages, unanswered)
        make = grpc.stream_unary_rpc_method_handler
    behavior.experimental_thread_pool = threads  # type: ignore[attr-defined]
    serialize = handler.response_serializer if handler.response_streaming else None
    return make(behavior, None, serialize)


Messages = Callable[[Iterator[bytes], grpc.ServicerContext], Iterator[Any]]


def _answer(handler: Handler, messages: Messages, unanswered: WaitingCalls) -> Callable[..., Any]:
    def answer(incoming: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
        request = next(messages(incoming, context), None)
        if request is None:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, "The call needs a request.")
        wire: bytes = handler.response_serializer(handler.unary_unary(request, context))
        peer = context.peer()
        _count_until_sent(unanswered, context, peer, peer, wire)
        return wire

    return answer


def _subscription(
    handler: Handler, waiting: WaitingCalls, messages: Messages
) -> Callable[..., Any]:
    """A stream of answers that holds no thread between them."""

    def subscribe(
        incoming: Iterator[bytes], context: grpc.ServicerContext, send: Callable[[Any], None]
    ) -> None:
        peer = context.peer()

        def watched(message: Any) -> None:
            with waiting.held(context, peer, peer):
                send(message)

        for request in messages(incoming, context):
            handler.unary_stream(request, context, watched)
            return

    subscribe.experimental_non_blocking = True  # type: ignore[attr-defined]
    return subscribe


def _conversation(
    handler: Handler, waiting: WaitingCalls, messages: Messages
) -> Callable[..., Any]:
    """A stream both ways, which holds a thread: its whole time counts as waiting."""

    def converse(incoming: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[Any]:
        peer = context.peer()
        with waiting.held(context, peer, peer):
            yield from handler.stream_stream(messages(incoming, context), context)

    return converse
