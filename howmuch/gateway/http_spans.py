"""A span for each request that becomes a call; the upstream goes on from it."""

from typing import Any
from weakref import WeakKeyDictionary

from opentelemetry.trace import SpanKind

from howmuch.gateway.observer import Request
from howmuch.telemetry.spans import UNTRACED, Span, enter
from howmuch.telemetry.tracer import Tracer


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
        enter(UNTRACED)

    def routed(self, request: Request, grpc_path: str) -> None:
        """Begins the span, behind the client's where it names one. The task of the request ends with it."""
        name = f"{request.method} {request.route}"
        place = self._tracer.begin(name, request.given_traceparent, SpanKind.SERVER)
        enter(place)
        request.traceparent = place.traceparent
        if (span := place.span) is not None:
            span.attributes |= {
                "http.request.method": request.method,
                "http.route": request.route,
                "howmuch.request_id": request.request_id,
            }
            self._spans[request] = span

    def ended(self, request: Request, seconds: float) -> None:
        """Ends the span."""
        span = self._spans.pop(request, None)
        if span is None:
            return
        span.attributes["http.response.status_code"] = request.status
        if request.status >= 500:
            span.attributes["error.type"] = str(request.status)
            span.error = ""
        span.end()
