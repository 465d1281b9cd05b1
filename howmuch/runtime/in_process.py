"""Calls between gateway and service in one process, without gRPC: the interface of both sides.

`howmuch.rpc.in_process` is the service's side, `howmuch.gateway.in_process` the gateway's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

Metadata = tuple[tuple[str, str | bytes], ...]


@dataclass(frozen=True, slots=True)
class CallResult:
    """Result of a call. wire: serialized response. code: google.rpc.Code number (0 = OK). message: of the
    status.

    line: method, code, duration_ms, request_id and user_id for the gateway's log line, which replaces the
    service's; empty if there is nothing to log.
    """

    wire: bytes = b""
    code: int = 0
    message: str = ""
    initial_metadata: Metadata = ()
    trailing_metadata: Metadata = ()
    line: Mapping[str, object] = field(default_factory=dict, compare=False)


StartCall = Callable[[bytes, Metadata, float, Callable[[CallResult], None]], Callable[[], object]]
"""Starts a call with (request, metadata, timeout_seconds, on_done). `on_done` may run on any thread.

Returns a function that cancels the call.
"""


class InProcessService(Protocol):
    """A service that can be called without a channel."""

    def method(self, path: str) -> StartCall | None:
        """The method with this path. None means that it needs a channel."""
