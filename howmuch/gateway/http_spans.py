"""OpenTelemetry server spans of requests that become calls; the upstream continues the trace."""

from typing import Any
from weakref import WeakKeyDictionary

from opentelemetry.trace import SpanKind

from howmuch.gateway.observer import Observer, Request
from howmuch.telemetry.spans import UNTRACED, Span, enter
from howmuch.telemetry.tracer import Tracer


class HttpTracing(Observer):
    """Names follow OpenTelemetry's semantic conventions for HTTP servers."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._spans: WeakKeyDictionary[Any, Span] = WeakKeyDictionary()

    def began(self, request: Request) -> None:
        """Leaves the span that a pipelined request inherits from the one before it."""
        enter(UNTRACED)

    def routed(self, request: Request, grpc_path: str) -> None:
        """Starts the span, as a child of the client's if it sent one."""
        name = f"{request.method} {request.route}"
        context = self._tracer.begin(name, request.given_traceparent, SpanKind.SERVER)
        enter(context)
        request.traceparent = context.traceparent
        if (span := context.span) is not None:
            span.attributes |= {
                "http.request.method": request.method,
                "http.route": request.route,
                "howmuch.request_id": request.request_id,
            }
            self._spans[request] = span

    def ended(self, request: Request, seconds: float) -> None:
        span = self._spans.pop(request, None)
        if span is None:
            return
        span.attributes["http.response.status_code"] = request.status
        if request.status >= 500:
            span.attributes["error.type"] = str(request.status)
            span.error = ""
        span.end()
