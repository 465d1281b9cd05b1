"""A real gRPC server with the services of the cases: it answers what a case says and keeps calls."""

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status

from tests.gateway import schema

CODES = {code.value[0]: code for code in grpc.StatusCode}
WAIT_SECONDS = 20.0
# A call without a deadline has centuries left, and not None as grpc.ServicerContext says.
NO_DEADLINE_SECONDS = 1e9


@dataclass
class Call:
    """What reached the server: a call with all its requests."""

    method: str  # `Service.Method`
    messages: list[Any]
    metadata: tuple[tuple[str, str | bytes], ...]  # in their order
    seconds_left: float | None  # None: the call has no deadline
    cancelled: bool = False  # by the client, before the answer was complete

    def values(self, name: str) -> list[str | bytes]:
        """Every value of a name in the metadata."""
        return [value for known, value in self.metadata if known == name]


def most_seconds_left(timeout: float) -> float:
    """Of a call with that timeout: gRPC rounds it up on its way, by less than one in a hundred."""
    return timeout * 1.01 + 0.1


class Backend(grpc.GenericRpcHandler):
    """Serves every method of the schema; a message that cannot be parsed fails as in any server."""

    def __init__(self, **options: int) -> None:
        """options: those of grpc.server without their prefix, like max_receive_message_length."""
        self._methods = {method.path: method for method in schema.methods().values()}
        self._changed = threading.Condition()
        self._running = 0
        self._answer: Mapping[str, Any] = {}
        self._calls: list[Call] = []
        self._threads = ThreadPoolExecutor(8)
        self._server = grpc.server(
            self._threads,
            handlers=[self],
            options=[(f"grpc.{name}", value) for name, value in options.items()],
        )
        self.port = self._server.add_insecure_port("127.0.0.1:0")

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._server.stop(grace=None).wait()
        self._threads.shutdown()

    def answer(self, answer: Mapping[str, Any]) -> None:
        """From now on this is the answer to every call, and calls are counted from here."""
        self._await_idle()
        with self._changed:
            self._answer, self._calls = answer, []

    def calls(self) -> list[Call]:
        """The calls since answer(), each of them over.

        A stream of requests that the client cancelled is none: whether all of it had come, nobody
        can tell.
        """
        self._await_idle()
        with self._changed:
            return [
                call
                for call in self._calls
                if not (call.cancelled and schema.methods()[call.method].streams_requests)
            ]

    def await_calls(self, count: int) -> None:
        """Until so many have come since answer(), over or not."""
        with self._changed:
            came = self._changed.wait_for(lambda: len(self._calls) >= count, WAIT_SECONDS)
        assert came, f"not within {WAIT_SECONDS:.0f} s: {count} calls"

    def service(self, details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[Any, Any] | None":
        """The handler of a method; None: there is no such method."""
        method = self._methods.get(details.method)
        if method is None:
            return None
        handler = {
            (False, False): grpc.unary_unary_rpc_method_handler,
            (False, True): grpc.unary_stream_rpc_method_handler,
            (True, False): grpc.stream_unary_rpc_method_handler,
            (True, True): grpc.stream_stream_rpc_method_handler,
        }[method.streams_requests, method.streams_responses]
        return handler(
            self._behaviour(method),
            request_deserializer=method.request_class.FromString,
            response_serializer=lambda message: message.SerializeToString(),
        )

    def _behaviour(self, method: schema.Method) -> Callable[[Any, grpc.ServicerContext], Any]:
        def serve(request: Any, context: grpc.ServicerContext) -> Iterator[Message]:
            running = self._begin(context)
            messages = list(request) if method.streams_requests else [request]
            answer = self._record(running, _call(method, messages, context))
            running.over.wait(answer.get("delay", 0))
            if initial := answer.get("initial_metadata"):
                context.send_initial_metadata(tuple(initial.items()))
            yield from _responses(method, answer)
            if status := answer.get("status"):
                _fail(status, context)

        def serve_one(request: Any, context: grpc.ServicerContext) -> Message:
            return list(serve(request, context))[-1]

        return serve if method.streams_responses else serve_one

    def _begin(self, context: grpc.ServicerContext) -> "_Running":
        """Counts a call until it is over."""
        running = _Running()
        with self._changed:
            self._running += 1

        def end() -> None:
            with self._changed:
                running.cancelled = _was_cancelled(context)
                if running.call is not None:
                    running.call.cancelled = running.cancelled
                running.over.set()
                self._running -= 1
                self._changed.notify_all()

        if not context.add_callback(end):
            end()
        return running

    def _record(self, running: "_Running", call: Call) -> Mapping[str, Any]:
        """Keeps a call whose requests have come; returns the answer to it."""
        with self._changed:
            running.call = call
            call.cancelled = running.cancelled
            self._calls.append(call)
            self._changed.notify_all()
            return self._answer

    def _await_idle(self) -> None:
        with self._changed:
            idle = self._changed.wait_for(lambda: self._running == 0, WAIT_SECONDS)
        assert idle, f"a call has not ended within {WAIT_SECONDS:.0f} s"


@dataclass
class _Running:
    """A call that is served."""

    over: threading.Event = field(default_factory=threading.Event)
    cancelled: bool = False
    call: Call | None = None  # None: not all its requests have come


def _call(method: schema.Method, messages: list[Message], context: grpc.ServicerContext) -> Call:
    metadata = tuple((name, value) for name, value in context.invocation_metadata())
    left = context.time_remaining()
    seconds_left = None if left > NO_DEADLINE_SECONDS else left
    return Call(method.name, messages, metadata, seconds_left)


def _responses(method: schema.Method, answer: Mapping[str, Any]) -> list[Message]:
    """One response, or those of a stream; where the case says nothing, one empty message."""
    values = answer.get("responses", [answer.get("response", {})])
    return [schema.message(method.response_class, value) for value in values]


def _was_cancelled(context: grpc.ServicerContext) -> bool:
    """How a call that is over ended; it tells only who wants to send something more."""
    try:
        context.send_initial_metadata(())
    except grpc.RpcError:
        return True
    except ValueError:
        return False
    return False


def _fail(status: Mapping[str, Any], context: grpc.ServicerContext) -> None:
    if "details" in status:
        rich = schema.message(Status, status)
        context.set_trailing_metadata((("grpc-status-details-bin", rich.SerializeToString()),))
    context.abort(CODES[status["code"]], status.get("message", ""))


@contextmanager
def running_backend(**options: int) -> Iterator[Backend]:
    """A backend in a block."""
    backend = Backend(**options)
    backend.start()
    try:
        yield backend
    finally:
        backend.stop()
