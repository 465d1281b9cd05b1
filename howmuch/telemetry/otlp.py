"""Traces: spans that are sent to an OpenTelemetry collector (OTLP over gRPC), and W3C's traceparent.

Nothing here is imported where no collector is set. Spans wait in a bounded queue and are sent by a thread
of their own; where the collector does not answer they are dropped, and a line says so now and then.
"""

import logging
import os
import threading
import time
from collections.abc import Mapping, Sequence

import structlog
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, Status, StatusCode, TraceFlags
from opentelemetry.util.types import AnyValue

from howmuch.telemetry.spans import Span
from howmuch.telemetry.tracer import Tracer, parsed

log = structlog.get_logger()

EXPORT_TIMEOUT_SECONDS = 10.0
SCHEDULE_SECONDS = 2.0
"""Between two batches of spans."""
LAST_SECONDS = 0.5
"""What a batch that is being sent gets to notice that it is given up."""
LONGEST_FLUSH_SECONDS = 3.0
"""What a stop gives to the last spans, where the deadline leaves so much."""
COMPLAINT_SECONDS = 60.0
"""At most one line in so many seconds says that spans are lost."""

_DONE = Status(StatusCode.UNSET)


class Tracing:
    """The spans of one process.

    endpoint: http://HOST:PORT, or https:// for TLS. sample_ratio: how many of the traces that begin here
    are recorded, 0 to 1; those that come in are recorded where whoever began them said so.
    """

    def __init__(
        self, endpoint: str, *, sample_ratio: float, service_name: str, service_version: str
    ) -> None:
        # What gRPC's core would write to standard error is logged by the exporter as well.
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")
        _complain_seldom()
        self._exporter = OTLPSpanExporter(endpoint=endpoint, timeout=EXPORT_TIMEOUT_SECONDS)
        named = {"service.name": service_name, "service.version": service_version}
        self._resource = _Resource(Resource.create(named).attributes)
        self._scope = InstrumentationScope("howmuch", service_version)
        self._processor = BatchSpanProcessor(
            self._exporter, schedule_delay_millis=SCHEDULE_SECONDS * 1000
        )
        self.tracer = Tracer(self, sample_ratio)

    def record(self, span: Span, ended_ns: int) -> None:
        """See howmuch.telemetry.spans.Recorder."""
        parent = None
        if span.parent_id is not None:
            parent = _context(
                span.trace_id, span.parent_id, span.flags, is_remote=span.parent_is_remote
            )
        self._processor.on_end(
            ReadableSpan(
                span.name,
                _context(span.trace_id, span.span_id, span.flags, is_remote=False),
                parent,
                self._resource,
                span.attributes,
                links=_links(span.links),
                kind=span.kind,
                status=_status(span.error),
                start_time=span.started_ns,
                end_time=ended_ns,
                instrumentation_scope=self._scope,
            )
        )

    def close(self, deadline: float) -> None:
        """Sends what is left, by `deadline` (time.monotonic()); what cannot be sent by then is lost."""
        left = min(LONGEST_FLUSH_SECONDS, deadline - time.monotonic())
        # It waits for its thread for half a minute, and that one for the collector.
        closing = threading.Thread(target=self._processor.shutdown, daemon=True)
        closing.start()
        closing.join(max(0.1, left))
        if closing.is_alive():
            self._exporter.shutdown()
            closing.join(LAST_SECONDS)


def _status(error: str | None) -> Status:
    return _DONE if error is None else Status(StatusCode.ERROR, error or None)


def _links(traceparents: Sequence[str]) -> list[Link]:
    """What is no traceparent is left out."""
    found = [parsed(each) for each in traceparents]
    return [Link(_context(*each, is_remote=True)) for each in found if each is not None]


def _context(trace_id: int, span_id: int, flags: int, *, is_remote: bool) -> SpanContext:
    return SpanContext(trace_id, span_id, is_remote=is_remote, trace_flags=TraceFlags(flags))


class _Resource(Resource):
    """The exporter asks for its hash at each span, which the SDK makes anew each time, by way of JSON."""

    def __init__(self, attributes: Mapping[str, AnyValue]) -> None:
        super().__init__(attributes)
        self._hash = super().__hash__()

    def __hash__(self) -> int:
        return self._hash


class _Seldom(logging.Handler):
    """Passes on what the SDK says of its troubles, one line in COMPLAINT_SECONDS."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._next = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + COMPLAINT_SECONDS
            log.warning("traces are lost", reason=record.getMessage())


def _complain_seldom() -> None:
    logger = logging.getLogger("opentelemetry")
    logger.handlers = [_Seldom()]
    logger.propagate = False
