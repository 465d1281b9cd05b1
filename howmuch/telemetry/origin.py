"""Which request a thing comes from: written down with it, so that what follows can be traced back."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from howmuch.telemetry.spans import current_trace_context


@dataclass(frozen=True, slots=True)
class Origin:
    """request_id: of the call; empty: nobody's. traceparent: W3C's, of the span before; empty: none."""

    request_id: str = ""
    traceparent: str = ""

    def to_json(self) -> dict[str, str] | None:
        """For a column; None where there is nothing to say."""
        named = {"request_id": self.request_id, "traceparent": self.traceparent}
        return {name: value for name, value in named.items() if value} or None


NOWHERE = Origin()
"""Of what no request has caused."""


def from_json(value: Mapping[str, Any] | None) -> Origin:
    """The inverse of `Origin.to_json`. What cannot be understood is left out: nothing depends on it."""
    known = value if isinstance(value, Mapping) else {}
    return Origin(str(known.get("request_id", "")), str(known.get("traceparent", "")))


_request_id: ContextVar[str] = ContextVar("request_id", default="")


def set_request_id(request_id: str) -> None:
    """Says for which request this thread works from now on."""
    _request_id.set(request_id)


def current_origin() -> Origin:
    """Of what this thread does now."""
    return Origin(_request_id.get(), current_trace_context().traceparent)
