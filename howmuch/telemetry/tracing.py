"""Traces: spans that are sent to an OpenTelemetry collector (OTLP over gRPC), and W3C's traceparent.

Nothing here is imported where no collector is set. Spans wait in a bounded queue and are sent by a thread
of their own; where the collector does not answer they are dropped, and a line says so now and then.
"""

import logging
import os
import re
import threading
import time
from collections.abc import Sequence

import structlog
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    TraceFlags,
    Tracer,
    set_span_in_context,
)
from opentelemetry.util.types import Attributes

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

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_NOT_SAMPLED = TraceFlags(TraceFlags.DEFAULT)
ROOT = Context()
"""Of what nothing has caused."""


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
        self._provider = TracerProvider(
            resource=Resource.create(named),
            sampler=ParentBased(TraceIdRatioBased(sample_ratio)),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(self._exporter, schedule_delay_millis=SCHEDULE_SECONDS * 1000)
        )
        self.tracer: Tracer = self._provider.get_tracer("howmuch", service_version)

    def close(self, deadline: float) -> None:
        """Sends what is left, by `deadline` (time.monotonic()); what cannot be sent by then is lost."""
        left = min(LONGEST_FLUSH_SECONDS, deadline - time.monotonic())
        # It waits for its thread for half a minute, and that one for the collector.
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(max(0.1, left))
        if closing.is_alive():
            self._exporter.shutdown()
            closing.join(LAST_SECONDS)


def begin_span(
    tracer: Tracer,
    name: str,
    traceparent: str | bytes | None,
    kind: SpanKind,
    attributes: Attributes = None,
    links: Sequence[Link] = (),
) -> Span:
    """A span behind the one that is named; of a new trace where none is.

    Of a trace that nobody records there is nothing to make: what it comes from is also what goes on from it.
    """
    remote = span_context(traceparent)
    if remote is None:
        return tracer.start_span(name, ROOT, kind, attributes, links)
    before = NonRecordingSpan(remote)
    if not remote.trace_flags.sampled:
        return before
    return tracer.start_span(name, set_span_in_context(before, ROOT), kind, attributes, links)


def span_context(traceparent: str | bytes | None) -> SpanContext | None:
    """What a W3C traceparent names; None where it is none."""
    if not isinstance(traceparent, str) or not (found := _TRACEPARENT.fullmatch(traceparent)):
        return None
    if traceparent.startswith("00") and found.end(3) != len(traceparent):
        return None  # Only versions to come may say more.
    flags = _SAMPLED if int(found[3], 16) & TraceFlags.SAMPLED else _NOT_SAMPLED
    context = SpanContext(int(found[1], 16), int(found[2], 16), is_remote=True, trace_flags=flags)
    return context if context.is_valid and not traceparent.startswith("ff") else None


def traceparent_of(span: Span) -> str:
    """What names a span to others, as W3C writes it."""
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def links_to(traceparents: Sequence[str]) -> list[Link]:
    """Links to spans; what is none is left out."""
    contexts = map(span_context, traceparents)
    return [Link(context) for context in contexts if context is not None]


def add_trace_ids(
    _logger: object, _method: str, line: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """A structlog processor: the trace and span in which a line is written."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        line["trace_id"] = f"{context.trace_id:032x}"
        line["span_id"] = f"{context.span_id:016x}"
    return line


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
