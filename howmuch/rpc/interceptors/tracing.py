"""A span for each call, behind the caller's where it names one; what the call writes down goes on from it."""

from typing import Any

import grpc
from opentelemetry.context import attach, detach
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context

from howmuch.origin import set_traceparent
from howmuch.rpc.call import current_call
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor
from howmuch.rpc.interceptors.ending import ending_of
from howmuch.rpc.methods import Method
from howmuch.telemetry.tracing import ROOT, begin_span, traceparent_of

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
"""Codes that are the server's fault; with others it did what it should (OpenTelemetry's table)."""


class TracingInterceptor(MethodInterceptor):
    """Around the access log, so that its line has the ids. Names by OpenTelemetry's conventions for RPC."""

    def __init__(self, methods: dict[str, Method], tracer: Tracer) -> None:
        super().__init__(methods)
        self._tracer = tracer

    def wrap(self, method: Method, behavior: Behavior) -> Behavior:
        """Around everything."""
        service, _, name = method.path[1:].partition("/")
        attributes = {"rpc.system": "grpc", "rpc.service": service, "rpc.method": name}
        title = f"{service}/{name}"
        tracer = self._tracer

        def begun(context: grpc.ServicerContext) -> Span:
            before = _traceparent_in(context)
            return begin_span(tracer, title, before, SpanKind.SERVER, attributes)

        def traced(request: Any, context: grpc.ServicerContext) -> Any:
            span = begun(context)
            token = attach(set_span_in_context(span, ROOT))
            set_traceparent(traceparent_of(span))
            try:
                return behavior(request, context)
            finally:
                detach(token)
                call = current_call()
                _end(span, call.request_id, call.code)

        def traced_stream(request: Any, context: grpc.ServicerContext, send: Any) -> Any:
            span = begun(context)
            token = attach(set_span_in_context(span, ROOT))
            try:
                return behavior(request, context, send)
            finally:
                detach(token)
                request_id = current_call().request_id
                # It goes on when the behaviour has returned, and ends in another thread.
                if not context.add_callback(lambda: _end(span, request_id, ending_of(context))):
                    _end(span, request_id, ending_of(context))

        return traced_stream if method.streams else traced


def _traceparent_in(context: grpc.ServicerContext) -> str | bytes | None:
    for key, value in context.invocation_metadata():
        if key == "traceparent":
            return value
    return None


def _end(span: Span, request_id: str, code: grpc.StatusCode) -> None:
    if span.is_recording():
        span.set_attribute("rpc.grpc.status_code", code.value[0])
        span.set_attribute("howmuch.request_id", request_id)
        if code in _FAULTS:
            span.set_status(Status(StatusCode.ERROR, code.name))
    span.end()
