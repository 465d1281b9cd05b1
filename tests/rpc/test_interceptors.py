"""The edge in isolation: one interceptor around a servicer made by hand."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from structlog.testing import capture_logs

from howmuch import errors
from howmuch.rpc.call import current_call
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor
from howmuch.rpc.interceptors.deadline import DeadlineInterceptor
from howmuch.rpc.interceptors.rate_limit import RateLimitInterceptor, RateLimits
from howmuch.rpc.interceptors.session import SessionInterceptor
from howmuch.rpc.status import CODES
from howmuch.rpc.throttle import Throttle
from howmuch.usecases.sessions import credentials_wrong
from howmuch.v1 import event_pb2, user_service_pb2
from tests.rpc.edge import GET_EVENT, LOG_IN, METHODS, Seen, answer, invoke, raising


def error_classes(base: type[errors.HowmuchError] = errors.HowmuchError) -> Iterator[type]:
    for kind in base.__subclasses__():
        yield kind
        yield from error_classes(kind)


EXAMPLES: dict[type[errors.HowmuchError], tuple[errors.HowmuchError, set[str]]] = {
    errors.InvalidArgument: (errors.invalid("name", "R", "It is odd."), {"BadRequest"}),
    errors.Unauthenticated: (errors.Unauthenticated("R", "M."), set()),
    errors.PermissionDenied: (errors.PermissionDenied("R", "M."), set()),
    errors.NotFound: (errors.NotFound("event", "evt_1"), {"ResourceInfo"}),
    errors.AlreadyExists: (errors.AlreadyExists("R", "M."), set()),
    errors.FailedPrecondition: (errors.FailedPrecondition("R", "M."), {"PreconditionFailure"}),
    errors.Aborted: (errors.Aborted("R", "M."), set()),
    errors.ResourceExhausted: (
        errors.ResourceExhausted("R", "M.", retry_after_seconds=1.5),
        {"RetryInfo"},
    ),
    errors.DeadlineExceeded: (errors.DeadlineExceeded("R", "M."), set()),
    errors.Cancelled: (errors.Cancelled("R", "M."), set()),
    errors.Unavailable: (errors.Unavailable("R", "M."), set()),
}


def test_every_error_has_a_code() -> None:
    """A class of errors that the table does not name fails here."""
    assert set(CODES) == set(error_classes()) == set(EXAMPLES)
    assert len(set(CODES.values())) == len(CODES)


@pytest.mark.parametrize("kind", EXAMPLES, ids=lambda kind: kind.__name__)
def test_error_is_told_with_code_and_details(kind: type[errors.HowmuchError]) -> None:
    """Code by class; reason, request id and what else the class has as details."""
    error, details = EXAMPLES[kind]
    seen = invoke(GET_EVENT, raising(error), metadata=(("x-request-id", "r-1"),))
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).upper()
    assert (seen.code.name, seen.text) == (name, error.message)
    found = seen.details
    assert set(found) == {"ErrorInfo", "RequestInfo"} | details
    info = found["ErrorInfo"]
    assert (info.reason, info.domain, dict(info.metadata)) == (
        error.reason,
        "howmuch",
        error.metadata,
    )
    assert found["RequestInfo"].request_id == seen.trailing["x-request-id"] == "r-1"


def test_details_carry_what_programs_need() -> None:
    """Field, resource, precondition, and when to try again."""

    def details(error: errors.HowmuchError) -> dict[str, Any]:
        return invoke(GET_EVENT, raising(error)).details

    violation = details(errors.invalid("a.b[1]", "R", "It is odd."))["BadRequest"].field_violations
    assert [(v.field, v.description, v.reason) for v in violation] == [
        ("a.b[1]", "It is odd.", "R")
    ]
    resource = details(errors.NotFound("event", "evt_1"))["ResourceInfo"]
    assert (resource.resource_type, resource.resource_name) == ("event", "evt_1")
    failed = details(errors.FailedPrecondition("R", "M."))["PreconditionFailure"].violations
    assert [(v.type, v.description) for v in failed] == [("R", "M.")]
    retry = details(EXAMPLES[errors.ResourceExhausted][0])["RetryInfo"].retry_delay
    assert retry.ToMilliseconds() == 1500
    never = errors.ResourceExhausted("R", "M.", retry_after_seconds=None)
    assert "RetryInfo" not in details(never)


def test_fault_is_told_as_internal_and_logged_once() -> None:
    """The caller gets a fixed text and an id to quote; the log gets the traceback under that id."""
    with capture_logs() as lines:
        seen = invoke(GET_EVENT, raising(ZeroDivisionError("secret of the inside")))
    request_id = seen.trailing["x-request-id"]
    assert seen.code is grpc.StatusCode.INTERNAL
    assert seen.text == f"Something went wrong on our side. Quote {request_id} when you report it."
    assert set(seen.details) == {"ErrorInfo", "RequestInfo"}
    faults = [line for line in lines if line["event"] == "call failed"]
    assert faults == [
        {
            "event": "call failed",
            "exc_info": True,
            "log_level": "error",
            "method": GET_EVENT,
            "request_id": request_id,
        }
    ]
    assert [line["code"] for line in lines if line["event"] == "rpc"] == ["INTERNAL"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("r-1", True), ("~" * 128, True), ("a" * 129, False), ("a b", False), ("", False)],
)
def test_request_id_is_taken_or_made(given: str, kept: bool) -> None:
    """A short id of visible characters is taken over; any other is replaced."""
    seen = invoke(GET_EVENT, answer, metadata=(("x-request-id", given),))
    request_id = seen.trailing["x-request-id"]
    assert (request_id == given) is kept
    assert kept or re.fullmatch(r"[0-9a-f]{32}", request_id)


def test_access_log_has_one_line_a_call() -> None:
    """Method, code, duration, request id, user; nothing of the request."""
    with capture_logs() as lines:
        seen = invoke(GET_EVENT, answer)
    assert (seen.code, seen.answer.name) == (grpc.StatusCode.OK, "Lisbon")
    [line] = lines
    assert line.pop("duration_ms") >= 0
    assert line == {
        "event": "rpc",
        "log_level": "info",
        "method": GET_EVENT,
        "code": "OK",
        "request_id": seen.trailing["x-request-id"],
        "user_id": None,
    }


def deadlines() -> DeadlineInterceptor:
    return DeadlineInterceptor(METHODS, default_seconds=30.0, longest_seconds=100.0)


@pytest.mark.parametrize(
    ("timeout", "least", "most"), [(None, 30.0, 30.0), (1000.0, 100.0, 100.0), (50.0, 40.0, 50.0)]
)
def test_deadline_bounds_the_call(timeout: float | None, least: float, most: float) -> None:
    """Without a deadline the default counts; a longer one than the longest is cut."""
    seconds = []

    def behavior(_request: Any, _context: Any) -> event_pb2.Event:
        seconds.append(current_call().timeout_seconds)
        return event_pb2.Event()

    assert invoke(GET_EVENT, behavior, deadlines(), timeout=timeout).code is grpc.StatusCode.OK
    assert least <= seconds[0] <= most


def test_expired_call_is_not_begun() -> None:
    """Nothing is done for a caller whose deadline has passed already."""
    begun = []
    seen = invoke(GET_EVENT, lambda *_: begun.append(1), expired(), deadlines())
    assert seen.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert seen.text == "The deadline passed before the call could begin; nothing was written."
    assert not begun


def expired() -> MethodInterceptor:
    """Whatever the caller sees of the time: it is over."""

    class Expired(MethodInterceptor):
        def wrap(self, method: Any, behavior: Behavior) -> Behavior:
            def late(request: Any, context: Any) -> Any:
                context.time_remaining = lambda: 0.0
                return behavior(request, context)

            return late

    return Expired(METHODS)


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer  ", "Basic abc", "abc"])
def test_no_token_is_turned_away_before_anything_else(value: str) -> None:
    """Without a bearer token the behaviour is not called; public methods need none."""
    headers, session = (("authorization", value),), SessionInterceptor(METHODS)
    seen = invoke(GET_EVENT, raising(ZeroDivisionError()), session, metadata=headers)
    assert (seen.code.name, seen.details["ErrorInfo"].reason) == (
        "UNAUTHENTICATED",
        "SESSION_REQUIRED",
    )
    request = user_service_pb2.LogInRequest()
    passed = invoke(LOG_IN, log_in, session, request=request, metadata=headers)
    assert passed.code is grpc.StatusCode.OK


def log_in(_request: Any, _context: Any) -> user_service_pb2.LogInResponse:
    return user_service_pb2.LogInResponse()


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the clock that windows are counted by."""

    def set_to(seconds: float) -> None:
        monkeypatch.setattr("time.time", lambda: seconds)

    return set_to


def refuse(_request: object, _context: object) -> None:
    """Whoever logs in does so with a wrong password."""
    raise credentials_wrong()


def test_rate_limit_counts_in_a_moving_window(now: Callable[[float], None]) -> None:
    """An account may fail so often; the next is told when; others are free; a window later it goes on."""
    limits = RateLimits(log_in_by_peer="100 per minute", log_in_by_account="2 per minute")
    limiter = RateLimitInterceptor(METHODS, limits, Throttle())

    def attempt(email: str) -> Seen:
        request = user_service_pb2.LogInRequest(email=email)
        return invoke(LOG_IN, refuse, limiter, request=request)

    start = 1_000_000_000.0
    for seconds, email, code in (
        (0, "ana@example.com", "UNAUTHENTICATED"),
        (30, " ANA@example.com ", "UNAUTHENTICATED"),
        (59, "ana@example.com", "RESOURCE_EXHAUSTED"),
        (59, "bo@example.com", "UNAUTHENTICATED"),
        (61, "ana@example.com", "UNAUTHENTICATED"),
    ):
        now(start + seconds)
        assert attempt(email).code.name == code, (seconds, email)
    now(start + 62)
    seen = attempt("ana@example.com")
    assert seen.code.name == "RESOURCE_EXHAUSTED"
    assert seen.details["ErrorInfo"].reason == "TOO_MANY_REQUESTS"
    assert seen.details["RetryInfo"].retry_delay.ToMilliseconds() >= 1000


def test_new_rate_limits_hold_from_the_next_call_on() -> None:
    """For methods that have been called before; what was counted for a limit that stays still counts."""
    limiter = RateLimitInterceptor(METHODS, RateLimits(log_in_by_account="1 per hour"), Throttle())

    def attempt(email: str) -> str:
        request = user_service_pb2.LogInRequest(email=email)
        return invoke(LOG_IN, refuse, limiter, request=request).code.name

    assert [attempt("ana@example.com") for _ in range(2)] == [
        "UNAUTHENTICATED",
        "RESOURCE_EXHAUSTED",
    ]
    limiter.set_limits(RateLimits(log_in_by_account="1 per hour", reset_by_account="1 per day"))
    assert attempt("ana@example.com") == "RESOURCE_EXHAUSTED"
    limiter.set_limits(RateLimits(log_in_by_account="2 per hour"))
    assert [attempt("ana@example.com") for _ in range(3)] == [
        "UNAUTHENTICATED",
        "UNAUTHENTICATED",
        "RESOURCE_EXHAUSTED",
    ]
