"""A span for each request that becomes a call; the upstream goes on from it."""

from typing import Any
from weakref import WeakKeyDictionary

from opentelemetry.context import attach
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context

from howmuch.gateway.observer import Request
from howmuch.telemetry.tracing import ROOT, begin_span, traceparent_of


class HttpTracing:
    """See howmuch.gateway.observer.Observer. Names by OpenTelemetry's conventions for HTTP servers."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._spans: WeakKeyDictionary[Any, Span] = WeakKeyDictionary()

    def connected(self) -> None:
        """Does nothing."""

    def disconnected(self) -> None:
        """Does nothing."""

    def unreadable(self, status: int) -> None:
        """Does nothing."""

    def began(self, request: Request) -> None:
        """A request that waited behind another one has inherited its span."""
        attach(ROOT)

    def routed(self, request: Request, grpc_path: str) -> None:
        """Begins the span, behind the client's where it names one. The task of the request ends with it."""
        name = f"{request.method} {request.route}"
        span = begin_span(self._tracer, name, request.given_traceparent, SpanKind.SERVER)
        if span.is_recording():
            span.set_attributes(
                {
                    "http.request.method": request.method,
                    "http.route": request.route,
                    "howmuch.request_id": request.request_id,
                }
            )
        attach(set_span_in_context(span, ROOT))
        request.traceparent = traceparent_of(span)
        self._spans[request] = span

    def ended(self, request: Request, seconds: float) -> None:
        """Ends the span."""
        span = self._spans.pop(request, None)
        if span is None:
            return
        if span.is_recording():
            span.set_attribute("http.response.status_code", request.status)
            if request.status >= 500:
                span.set_attribute("error.type", str(request.status))
                span.set_status(Status(StatusCode.ERROR))
        span.end()
