"""A span for each call, a child of the caller's if it sends one; outbox messages continue the trace."""

from typing import Any

import grpc
from opentelemetry.trace import SpanKind

from howmuch.rpc.call import current_call
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor, ending_of
from howmuch.rpc.methods import Method
from howmuch.telemetry.spans import Span, TraceContext, enter, leave
from howmuch.telemetry.tracer import Tracer

_FAULTS = frozenset(
    {
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DATA_LOSS,
    }
)
"""Codes that are errors of the server, by OpenTelemetry's table."""


class TracingInterceptor(MethodInterceptor):
    """Around the access log, so that its line has the ids. Names are OpenTelemetry's for RPC."""

    def __init__(self, methods: dict[str, Method], tracer: Tracer) -> None:
        super().__init__(methods)
        self._tracer = tracer

    def wrap(self, method: Method, behavior: Behavior) -> Behavior:
        """Outermost, to cover everything."""
        service, _, name = method.path[1:].partition("/")
        attributes = {"rpc.system": "grpc", "rpc.service": service, "rpc.method": name}
        title = f"{service}/{name}"
        tracer = self._tracer

        def begun(context: grpc.ServicerContext) -> TraceContext:
            before = _traceparent_in(context)
            return tracer.begin(title, before, SpanKind.SERVER, attributes)

        def traced(request: Any, context: grpc.ServicerContext) -> Any:
            trace_context = begun(context)
            token = enter(trace_context)
            try:
                return behavior(request, context)
            finally:
                leave(token)
                if trace_context.span is not None:
                    call = current_call()
                    _end(trace_context.span, call.request_id, call.code)

        def traced_stream(request: Any, context: grpc.ServicerContext, send: Any) -> Any:
            trace_context = begun(context)
            token = enter(trace_context)
            try:
                return behavior(request, context, send)
            finally:
                leave(token)
                if trace_context.span is not None:
                    _end_with_stream(trace_context.span, current_call().request_id, context)

        return traced_stream if method.streams else traced


def _traceparent_in(context: grpc.ServicerContext) -> str | bytes | None:
    for key, value in context.invocation_metadata():
        if key == "traceparent":
            return value
    return None


def _end_with_stream(span: Span, request_id: str, context: grpc.ServicerContext) -> None:
    """A stream goes on after the behaviour has returned, and ends in another thread."""
    if not context.add_callback(lambda: _end(span, request_id, ending_of(context))):
        _end(span, request_id, ending_of(context))


def _end(span: Span, request_id: str, code: grpc.StatusCode) -> None:
    span.attributes["rpc.grpc.status_code"] = code.value[0]
    span.attributes["howmuch.request_id"] = request_id
    if code in _FAULTS:
        span.error = code.name
    span.end()
