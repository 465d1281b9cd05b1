"""Interceptors around one behaviour, without a server."""

import threading
from dataclasses import dataclass
from typing import Any

import grpc
import grpc_testing
from google.rpc import error_details_pb2, status_pb2

from howmuch.rpc.interceptors.access_log import AccessLogInterceptor
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor
from howmuch.rpc.interceptors.error_status import ErrorsInterceptor
from howmuch.rpc.methods import SERVICES, describe
from howmuch.v1 import event_pb2, event_service_pb2

METHODS = describe()
GET_EVENT = "/howmuch.v1.EventService/GetEvent"
LOG_IN = "/howmuch.v1.UserService/LogIn"


class Context:
    """The testing context, which knows no peer and forgets what an abort says besides its text."""

    def __init__(self, context: grpc.ServicerContext) -> None:
        self._context = context
        self.trailing: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def peer(self) -> str:
        return "ipv4:127.0.0.1:5"

    def set_trailing_metadata(self, metadata: Any) -> None:
        self.trailing = dict(metadata)


@dataclass
class Seen:
    """How a call ended."""

    answer: Any
    code: grpc.StatusCode
    text: str
    trailing: dict[str, Any]

    @property
    def details(self) -> dict[str, Any]:
        """Name to message of what the status carries for programs."""
        status = status_pb2.Status.FromString(self.trailing["grpc-status-details-bin"])
        assert (status.code, status.message) == (self.code.value[0], self.text)
        found = {}
        for packed in status.details:
            name = packed.TypeName().rpartition(".")[2]
            found[name] = getattr(error_details_pb2, name)()
            packed.Unpack(found[name])
        return found


def invoke(
    path: str,
    behavior: Behavior,
    *inner: MethodInterceptor,
    request: Any = None,
    metadata: tuple[tuple[str, str], ...] = (),
    timeout: float | None = 5.0,
) -> Seen:
    """Calls `behavior` inside `inner`, in an access log and the table of errors."""
    method = METHODS[path]
    for interceptor in reversed(
        [AccessLogInterceptor(METHODS), ErrorsInterceptor(METHODS), *inner]
    ):
        behavior = interceptor.wrap(method, behavior)
    contexts: list[Context] = []
    done = threading.Event()

    def serve(_self: object, request: Any, context: grpc.ServicerContext) -> Any:
        contexts.append(Context(context))
        try:
            return behavior(request, contexts[-1])
        finally:
            done.set()

    service_name, _, name = path[1:].partition("/")
    service = next(service for service in SERVICES if service.full_name == service_name)
    servicer = type("Servicer", (), {name: serve})()
    server = grpc_testing.server_from_dictionary(
        {service: servicer}, grpc_testing.strict_real_time()
    )
    given = event_service_pb2.GetEventRequest() if request is None else request
    rpc = server.invoke_unary_unary(service.methods_by_name[name], metadata, given, timeout)
    answer, _, code, text = rpc.termination()
    # The client knows the end of a call before the line about it is written.
    assert done.wait(10)
    return Seen(answer, code, text, contexts[0].trailing)


def answer(_request: Any, _context: Any) -> event_pb2.Event:
    return event_pb2.Event(name="Lisbon")


def raising(error: Exception) -> Behavior:
    def behavior(_request: Any, _context: Any) -> Any:
        raise error

    return behavior
