"""Spans, and the trace context of the present thread or task.

This module does not import OpenTelemetry, which is loaded only if a collector is configured.
"""

import time
from collections.abc import Mapping, Sequence
from contextvars import ContextVar, Token
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from opentelemetry.trace import SpanKind

Attributes = Mapping[str, str | int]
"""Names and values by OpenTelemetry's conventions."""


class Recorder(Protocol):
    """Keeps spans that have ended."""

    def record(self, span: "Span", ended_ns: int) -> None:
        """Must not wait. ended_ns: time.time_ns()."""


@dataclass(slots=True, eq=False)
class Span:
    """A recorded piece of work, in plain values that are cheap to make within a call.

    attributes: may grow until the end. links: traceparents of its other causes. flags: of W3C's traceparent.
    error: type of the error, empty if it has no name. None means that the work did not fail.
    """

    recorder: Recorder
    name: str
    kind: "SpanKind"
    attributes: dict[str, str | int]
    links: Sequence[str] = ()
    _: KW_ONLY
    trace_id: int
    span_id: int
    parent_id: int | None
    parent_is_remote: bool
    flags: int
    error: str | None = None
    started_ns: int = field(default_factory=time.time_ns)

    def fail(self, error: Exception) -> None:
        """Records the type of the error, but not its text, which may quote addresses or values of columns."""
        self.error = self.attributes["error.type"] = type(error).__name__

    def end(self) -> None:
        """Records the span. Call it once."""
        self.recorder.record(self, time.time_ns())


class TraceContext(NamedTuple):
    """The position of the present work in a trace.

    traceparent: W3C's, with 32 digits of the trace and 16 of the span; empty means no trace. span: the span
    around the work; None means that it is not recorded.
    """

    traceparent: str = ""
    span: Span | None = None


UNTRACED = TraceContext()

_trace_context: ContextVar[TraceContext] = ContextVar("trace_context", default=UNTRACED)


def enter(context: TraceContext) -> Token[TraceContext]:
    """Sets the trace context of this thread or task. `leave` restores the one before."""
    return _trace_context.set(context)


def leave(token: Token[TraceContext]) -> None:
    """Restores the trace context from before `enter`."""
    _trace_context.reset(token)


def current_trace_context() -> TraceContext:
    return _trace_context.get()
