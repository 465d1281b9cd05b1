"""Begins spans as children of those that W3C's traceparent names."""

import random
import re
from collections.abc import Sequence
from typing import NamedTuple

from opentelemetry.trace import SpanKind, TraceFlags

from howmuch.telemetry.spans import Attributes, Recorder, Span, TraceContext

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_NONE: Attributes = {}


class SpanIds(NamedTuple):
    """The fields of a W3C traceparent."""

    trace_id: int
    span_id: int
    flags: int


class Tracer:
    """Begins spans, and decides which of the traces that begin here are recorded.

    sample_ratio: the share of these traces, 0 to 1. For traces that come in, their sampled flag decides.
    """

    def __init__(self, recorder: Recorder, sample_ratio: float) -> None:
        self._recorder = recorder
        self._sample_ratio = sample_ratio

    def begin(
        self,
        name: str,
        traceparent: str | bytes | None,
        kind: SpanKind,
        attributes: Attributes = _NONE,
        links: Sequence[str] = (),
    ) -> TraceContext:
        """A child of the span that traceparent names, or the first span of a new trace.

        If the trace is not recorded, no span is made, and an incoming traceparent is passed on.
        """
        parent = parse_traceparent(traceparent) if traceparent else None
        if parent is None:
            trace_id, parent_id = random.getrandbits(128), None
            flags = TraceFlags.RANDOM_TRACE_ID
            if random.random() >= self._sample_ratio:  # noqa: S311 - nothing secret
                # The ids serve the log and the services that are called.
                return TraceContext(_format(SpanIds(trace_id, random.getrandbits(64), flags)))
            flags |= TraceFlags.SAMPLED
        else:
            trace_id, parent_id, flags = parent
            if not flags & TraceFlags.SAMPLED:
                return TraceContext(_format(parent))
        span = Span(
            self._recorder,
            name,
            kind,
            dict(attributes),
            links,
            trace_id=trace_id,
            span_id=random.getrandbits(64),
            parent_id=parent_id,
            parent_is_remote=True,
            flags=flags,
        )
        return TraceContext(_format(SpanIds(trace_id, span.span_id, flags)), span)

    def begin_within(self, parent: Span, name: str, kind: SpanKind, attributes: Attributes) -> Span:
        """A child of another span of this process."""
        return Span(
            self._recorder,
            name,
            kind,
            dict(attributes),
            trace_id=parent.trace_id,
            span_id=random.getrandbits(64),
            parent_id=parent.span_id,
            parent_is_remote=False,
            flags=parent.flags,
        )


def _format(ids: SpanIds) -> str:
    return f"00-{ids.trace_id:032x}-{ids.span_id:016x}-{ids.flags:02x}"


def parse_traceparent(traceparent: str | bytes) -> SpanIds | None:
    """The ids in a W3C traceparent. None means that it is invalid."""
    if not isinstance(traceparent, str) or not (found := _TRACEPARENT.fullmatch(traceparent)):
        return None
    version, trace, span, flags, more = found.groups()
    if version == "ff" or (version == "00" and more):
        return None  # Only later versions may have more fields.
    trace_id, span_id = int(trace, 16), int(span, 16)
    if not trace_id or not span_id:
        return None
    # Unknown flags must not be passed on.
    known = TraceFlags.SAMPLED | TraceFlags.RANDOM_TRACE_ID
    return SpanIds(trace_id, span_id, int(flags, 16) & known)
