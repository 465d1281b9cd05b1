"""Where in a trace this thread, or task, works, and what is recorded of it.

Nothing here knows OpenTelemetry, which is imported only where a collector is set (howmuch.telemetry).
"""

import time
from collections.abc import Mapping, Sequence
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from opentelemetry.trace import SpanKind

Attributes = Mapping[str, str | int]
"""Names and values as OpenTelemetry's conventions have them."""


class Recorder(Protocol):
    """What keeps spans that have ended."""

    def record(self, span: "Span", ended_ns: int) -> None:
        """Must not wait. ended_ns: time.time_ns()."""


class Span:
    """A piece of work that is recorded: plain values, for it is made within a call.

    attributes: may be added to until the end. links: W3C's traceparents of what else has led to it. flags:
    W3C's. error: what kind of error it failed with, empty where that has no name; None: it did not fail.
    """

    __slots__ = (
        "_recorder",
        "attributes",
        "error",
        "flags",
        "kind",
        "links",
        "name",
        "parent_id",
        "parent_is_remote",
        "span_id",
        "started_ns",
        "trace_id",
    )

    def __init__(
        self,
        recorder: Recorder,
        name: str,
        kind: "SpanKind",
        attributes: Attributes,
        links: Sequence[str] = (),
        *,
        trace_id: int,
        span_id: int,
        parent_id: int | None,
        parent_is_remote: bool,
        flags: int,
    ) -> None:
        self._recorder = recorder
        self.name = name
        self.kind = kind
        self.attributes = dict(attributes)
        self.links = links
        self.trace_id = trace_id
        self.span_id = span_id
        self.parent_id = parent_id
        self.parent_is_remote = parent_is_remote
        self.flags = flags
        self.error: str | None = None
        self.started_ns = time.time_ns()

    def fail(self, error: Exception) -> None:
        """Says what kind of error it was. Its text may quote addresses, or values of columns."""
        self.error = self.attributes["error.type"] = type(error).__name__

    def end(self) -> None:
        """It is done. Call it once."""
        self._recorder.record(self, time.time_ns())


class TraceContext(NamedTuple):
    """Where in a trace something happens.

    traceparent: W3C's, with 32 digits of the trace and 16 of the span; empty: in none. span: in which it
    happens; None: nobody records it.
    """

    traceparent: str = ""
    span: Span | None = None


UNTRACED = TraceContext()

_place: ContextVar[TraceContext] = ContextVar("place", default=UNTRACED)


def enter(place: TraceContext) -> Token[TraceContext]:
    """Says where this thread, or task, works from now on. `leave` takes it back."""
    return _place.set(place)


def leave(token: Token[TraceContext]) -> None:
    """Back to where it was before `enter`."""
    _place.reset(token)


def current_trace_context() -> TraceContext:
    """Where this thread, or task, works."""
    return _place.get()
