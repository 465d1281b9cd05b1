"""The request that caused a change or a message, stored with it so that its effects can be traced back."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from howmuch.telemetry.spans import current_trace_context


@dataclass(frozen=True, slots=True)
class Origin:
    """request_id: of the call. traceparent: W3C's, of the parent span. Empty means none."""

    request_id: str = ""
    traceparent: str = ""

    def to_json(self) -> dict[str, str] | None:
        """The value for a column; None means that both are empty."""
        named = {"request_id": self.request_id, "traceparent": self.traceparent}
        return {name: value for name, value in named.items() if value} or None


NOWHERE = Origin()
"""The origin of work that no request caused."""


def from_json(value: Mapping[str, Any] | None) -> Origin:
    """The inverse of `Origin.to_json`. Ignores invalid values: nothing depends on them."""
    known = value if isinstance(value, Mapping) else {}
    return Origin(str(known.get("request_id", "")), str(known.get("traceparent", "")))


_request_id: ContextVar[str] = ContextVar("request_id", default="")


def set_request_id(request_id: str) -> None:
    _request_id.set(request_id)


def current_origin() -> Origin:
    return Origin(_request_id.get(), current_trace_context().traceparent)
