"""Begins spans, behind those that W3C's traceparent names."""

import random
import re
from collections.abc import Sequence

from opentelemetry.trace import SpanKind, TraceFlags

from howmuch.telemetry.spans import Attributes, Recorder, Span, TraceContext

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_NONE: Attributes = {}


class Tracer:
    """Begins spans, and decides which of the traces that begin here are recorded.

    sample_ratio: how many of them, 0 to 1. Traces that come in are recorded where whoever began them said so.
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
        """A span behind the one that is named; of a new trace where none is.

        Of a trace that nobody records there is nothing to make: what it comes from is also what goes on.
        """
        before = parsed(traceparent) if traceparent else None
        if before is None:
            if random.random() >= self._sample_ratio:  # noqa: S311 - nothing secret
                # It has ids all the same, for the log and for who comes next.
                return TraceContext(
                    _written(
                        random.getrandbits(128), random.getrandbits(64), TraceFlags.RANDOM_TRACE_ID
                    )
                )
            trace_id, parent_id = random.getrandbits(128), None
            flags = TraceFlags.SAMPLED | TraceFlags.RANDOM_TRACE_ID
        else:
            trace_id, parent_id, flags = before
            if not flags & TraceFlags.SAMPLED:
                return TraceContext(_written(trace_id, parent_id, flags))
        span = Span(
            self._recorder,
            name,
            kind,
            attributes,
            links,
            trace_id=trace_id,
            span_id=random.getrandbits(64),
            parent_id=parent_id,
            parent_is_remote=True,
            flags=flags,
        )
        return TraceContext(_written(trace_id, span.span_id, flags), span)

    def begin_within(self, parent: Span, name: str, kind: SpanKind, attributes: Attributes) -> Span:
        """A span behind another one of this process."""
        return Span(
            self._recorder,
            name,
            kind,
            attributes,
            trace_id=parent.trace_id,
            span_id=random.getrandbits(64),
            parent_id=parent.span_id,
            parent_is_remote=False,
            flags=parent.flags,
        )


def _written(trace_id: int, span_id: int, flags: int) -> str:
    return f"00-{trace_id:032x}-{span_id:016x}-{flags:02x}"


def parsed(traceparent: str | bytes) -> tuple[int, int, int] | None:
    """Trace, span and flags of a W3C traceparent; None where it is none."""
    if not isinstance(traceparent, str) or not (found := _TRACEPARENT.fullmatch(traceparent)):
        return None
    version, trace, span, flags, more = found.groups()
    if version == "ff" or (version == "00" and more):
        return None  # Only versions to come may say more.
    trace_id, span_id = int(trace, 16), int(span, 16)
    if not trace_id or not span_id:
        return None
    # What other flags may mean in times to come cannot be said on.
    return trace_id, span_id, int(flags, 16) & (TraceFlags.SAMPLED | TraceFlags.RANDOM_TRACE_ID)
