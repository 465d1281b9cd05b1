"""Which spans are recorded, and how what comes after them is told where it belongs."""

import re

import pytest
from opentelemetry.trace import SpanKind

from howmuch.telemetry.spans import Span, TraceContext
from howmuch.telemetry.tracer import Tracer

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


class Recorded(list[Span]):
    """Spans that have ended, in that order."""

    def record(self, span: Span, ended_ns: int) -> None:
        assert ended_ns >= span.started_ns
        self.append(span)


def begun(traceparent: str | bytes | None, ratio: float = 0.0) -> TraceContext:
    return Tracer(Recorded(), ratio).begin("work", traceparent, SpanKind.SERVER)


def test_trace_that_begins_here_is_recorded_by_the_ratio() -> None:
    """All of them, none, or about as many; each has ids of its own either way."""
    for ratio, least, most in ((0.0, 0, 0), (0.5, 300, 700), (1.0, 1000, 1000)):
        contexts = [begun(None, ratio) for _ in range(1000)]
        assert least <= sum(context.span is not None for context in contexts) <= most
        ids = set()
        for context in contexts:
            found = TRACEPARENT.fullmatch(context.traceparent)
            assert found
            # W3C's flags: recorded, and that the id is random.
            assert found[3] == ("02" if context.span is None else "03")
            ids.add((found[1], found[2]))
        assert len(ids) == 1000


@pytest.mark.parametrize("flags", ["01", "03"])
def test_recorded_trace_goes_on(flags: str) -> None:
    """Under the caller's span, whatever our own ratio; spans within are under this one."""
    recorded = Recorded()
    tracer = Tracer(recorded, 0.0)
    context = tracer.begin("work", f"00-{TRACE}-{PARENT}-{flags}", SpanKind.SERVER, {"a": 1})
    outer = context.span
    assert outer is not None
    assert context.traceparent == f"00-{TRACE}-{outer.span_id:016x}-{flags}"
    assert (outer.parent_id, outer.parent_is_remote) == (int(PARENT, 16), True)
    inner = tracer.begin_within(outer, "part", SpanKind.CLIENT, {})
    assert (inner.trace_id, inner.parent_id) == (int(TRACE, 16), outer.span_id)
    assert not inner.parent_is_remote
    inner.end()
    outer.attributes["b"] = 2
    outer.end()
    assert recorded == [inner, outer]
    assert outer.attributes == {"a": 1, "b": 2}


@pytest.mark.parametrize("flags", ["00", "02"])
def test_trace_that_nobody_records_goes_on_as_it_is(flags: str) -> None:
    """What comes after belongs under the caller's span, for there is none in between."""
    given = f"00-{TRACE}-{PARENT}-{flags}"
    assert begun(given, 1.0) == TraceContext(given)


def test_later_versions_are_read_as_far_as_they_are_known() -> None:
    """They may say more, which cannot be said on."""
    context = begun(f"01-{TRACE}-{PARENT}-09-more")
    assert context.span is not None
    assert context.traceparent == f"00-{TRACE}-{context.span.span_id:016x}-01"
    assert begun(f"01-{TRACE}-{PARENT}-08-more").traceparent == f"00-{TRACE}-{PARENT}-00"


@pytest.mark.parametrize(
    "traceparent",
    [
        None,
        "",
        "nonsense",
        b"\xff",
        f"00-{TRACE}-{PARENT}-01".encode(),
        f"00-{TRACE}-{PARENT}-01-more",
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{PARENT}-1",
        f" 00-{TRACE}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-01\n",
    ],
)
def test_what_is_no_traceparent_begins_a_trace(traceparent: str | bytes | None) -> None:
    """It is the caller's fault, and no reason to refuse the call."""
    context = begun(traceparent, 1.0)
    assert context.span is not None
    assert context.span.parent_id is None
    assert TRACE not in context.traceparent
