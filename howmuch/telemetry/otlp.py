"""Sends spans to an OpenTelemetry collector by OTLP over gRPC.

This module is imported only if a collector is configured. Spans wait in a bounded queue, and a thread of its
own sends them. If the collector does not answer, they are dropped, and a rate-limited log line says so.
"""

import logging
import os
import threading
import time
from collections.abc import Mapping

import structlog
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, Status, StatusCode, TraceFlags
from opentelemetry.util.types import AnyValue

from howmuch.telemetry.spans import Span
from howmuch.telemetry.tracer import SpanIds, Tracer, parse_traceparent

log = structlog.get_logger()

EXPORT_TIMEOUT_SECONDS = 10.0
SCHEDULE_SECONDS = 2.0
"""Between two batches of spans."""
LAST_SECONDS = 0.5
"""How long a stop waits for a batch that it has given up."""
LONGEST_FLUSH_SECONDS = 3.0
"""The longest that a stop waits for the last spans."""
WARNING_INTERVAL_SECONDS = 60.0
"""At most one log line in this time says that spans are lost."""

_UNSET = Status(StatusCode.UNSET)


class Tracing:
    """The spans of one process.

    endpoint: http://HOST:PORT, or https:// for TLS. sample_ratio: as of Tracer.
    """

    def __init__(
        self, endpoint: str, *, sample_ratio: float, service_name: str, service_version: str
    ) -> None:
        # The exporter logs all that gRPC's core would write to standard error.
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")
        logger = logging.getLogger("opentelemetry")
        logger.handlers = [_RateLimitedHandler()]
        logger.propagate = False
        self._exporter = OTLPSpanExporter(endpoint=endpoint, timeout=EXPORT_TIMEOUT_SECONDS)
        named = {"service.name": service_name, "service.version": service_version}
        self._resource = _Resource(Resource.create(named).attributes)
        self._scope = InstrumentationScope("howmuch", service_version)
        self._processor = BatchSpanProcessor(
            self._exporter, schedule_delay_millis=SCHEDULE_SECONDS * 1000
        )
        self.tracer = Tracer(self, sample_ratio)

    def record(self, span: Span, ended_ns: int) -> None:
        """Implements howmuch.telemetry.spans.Recorder."""
        parent = None
        if span.parent_id is not None:
            ids = SpanIds(span.trace_id, span.parent_id, span.flags)
            parent = _context(ids, is_remote=span.parent_is_remote)
        links = [parse_traceparent(each) for each in span.links]
        self._processor.on_end(
            ReadableSpan(
                span.name,
                _context(SpanIds(span.trace_id, span.span_id, span.flags), is_remote=False),
                parent,
                self._resource,
                span.attributes,
                links=[Link(_context(ids, is_remote=True)) for ids in links if ids is not None],
                kind=span.kind,
                status=_UNSET
                if span.error is None
                else Status(StatusCode.ERROR, span.error or None),
                start_time=span.started_ns,
                end_time=ended_ns,
                instrumentation_scope=self._scope,
            )
        )

    def close(self, deadline: float) -> None:
        """Sends the last spans by `deadline` (time.monotonic()); later ones are lost."""
        left = min(LONGEST_FLUSH_SECONDS, deadline - time.monotonic())
        # `shutdown` may wait half a minute for its thread, which waits for the collector.
        closing = threading.Thread(target=self._processor.shutdown, daemon=True)
        closing.start()
        closing.join(max(0.1, left))
        if closing.is_alive():
            self._exporter.shutdown()
            closing.join(LAST_SECONDS)


def _context(ids: SpanIds, *, is_remote: bool) -> SpanContext:
    flags = TraceFlags(ids.flags)
    return SpanContext(ids.trace_id, ids.span_id, is_remote=is_remote, trace_flags=flags)


class _Resource(Resource):
    """Caches its hash, which the exporter needs for each span and the SDK computes by way of JSON."""

    def __init__(self, attributes: Mapping[str, AnyValue]) -> None:
        super().__init__(attributes)
        self._hash = super().__hash__()

    def __hash__(self) -> int:
        return self._hash


class _RateLimitedHandler(logging.Handler):
    """Logs the SDK's warnings, at most one line in WARNING_INTERVAL_SECONDS."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._next = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + WARNING_INTERVAL_SECONDS
            log.warning("traces are lost", reason=record.getMessage())
