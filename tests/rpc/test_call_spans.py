"""The span of a call: behind the caller's, with the code that the call ended with."""

from contextlib import suppress
from types import SimpleNamespace
from typing import Any, NoReturn

import grpc
import pytest

from howmuch import errors
from howmuch.rpc.interceptors import access_log
from howmuch.rpc.interceptors.access_log import AccessLogInterceptor
from howmuch.rpc.interceptors.base import Behavior
from howmuch.rpc.interceptors.call_spans import TracingInterceptor
from howmuch.rpc.interceptors.error_status import ErrorsInterceptor
from howmuch.telemetry.spans import Span
from howmuch.telemetry.tracer import Tracer
from tests.rpc.edge import GET_EVENT, METHODS, answer, raising

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Recorded(list[Span]):
    def record(self, span: Span, ended_ns: int) -> None:
        self.append(span)


class Aborted(Exception):
    """How grpcio ends a call that is aborted."""


class Context:
    """What interceptors ask of a call's context."""

    def __init__(self, *metadata: tuple[str, str]) -> None:
        self._metadata = metadata

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        return self._metadata

    def peer(self) -> str:
        return "ipv4:192.0.2.1:5"

    def set_trailing_metadata(self, metadata: object) -> None:
        pass

    def abort(self, code: object, details: str) -> NoReturn:
        raise Aborted(details)


def span_of(behavior: Behavior, *metadata: tuple[str, str], ratio: float = 1.0) -> list[Span]:
    """The spans of one call; none where it is not recorded."""
    recorded = Recorded()
    interceptors = [
        ErrorsInterceptor(METHODS),
        AccessLogInterceptor(METHODS),
        TracingInterceptor(METHODS, Tracer(recorded, ratio)),
    ]
    for interceptor in interceptors:
        behavior = interceptor.wrap(METHODS[GET_EVENT], behavior)
    context: Any = Context(*metadata)
    with suppress(Aborted):
        behavior(None, context)
    return recorded


def test_span_of_a_call_has_names_and_ids() -> None:
    """By OpenTelemetry's conventions for RPC, and with the request id."""
    [span] = span_of(answer, ("x-request-id", "r-1"))
    assert span.name == "howmuch.v1.EventService/GetEvent"
    assert span.attributes == {
        "rpc.system": "grpc",
        "rpc.service": "howmuch.v1.EventService",
        "rpc.method": "GetEvent",
        "rpc.grpc.status_code": 0,
        "howmuch.request_id": "r-1",
    }
    assert (span.parent_id, span.error) == (None, None)


def test_span_of_a_call_is_behind_the_span_of_its_caller() -> None:
    """The trace goes on, recorded as the caller has it, whatever this server's own ratio is."""
    [span] = span_of(answer, ("traceparent", f"00-{TRACE}-{PARENT}-01"), ratio=0.0)
    assert (span.trace_id, span.parent_id) == (int(TRACE, 16), int(PARENT, 16))
    assert span.parent_is_remote
    assert span_of(answer, ("traceparent", f"00-{TRACE}-{PARENT}-00")) == []


@pytest.mark.parametrize(
    ("error", "code", "fault"),
    [
        (errors.NotFound("event", "evt_1"), 5, None),
        (errors.PermissionDenied("ROLE_TOO_SMALL", "no"), 7, None),
        (errors.Unavailable("DATABASE_DOWN", "no"), 14, "UNAVAILABLE"),
        (errors.DeadlineExceeded("DEADLINE_EXCEEDED", "no"), 4, "DEADLINE_EXCEEDED"),
        (ZeroDivisionError(), 13, "INTERNAL"),
    ],
)
def test_only_faults_of_the_server_are_errors(
    error: Exception, code: int, fault: str | None
) -> None:
    """A caller who asks for what there is not gets an answer; the span says its code."""
    [span] = span_of(raising(error))
    assert span.attributes["rpc.grpc.status_code"] == code
    assert span.error == fault


def test_duration_in_the_log_is_in_milliseconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """To the microsecond."""
    lines: list[dict[str, object]] = []
    clock = iter([100.0, 100.2504567])
    monkeypatch.setattr(access_log, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    monkeypatch.setattr(access_log, "_log", lambda **line: lines.append(line))
    span_of(answer)
    [line] = lines
    assert line["duration_ms"] == 250.457
    assert line["code"] == grpc.StatusCode.OK.name
