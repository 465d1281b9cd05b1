"""What a gateway and a service in the same process agree on, to do without gRPC between them.

`howmuch.rpc.in_process` is the service's side, `howmuch.gateway.in_process` the gateway's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

Metadata = tuple[tuple[str, str | bytes], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """How a call ended. wire: the response. code: of google.rpc.Code, 0: well. message: what that says.

    line: what the service's log would say of it, which the gateway's line says instead: method, code,
    duration_ms, request_id, user_id; empty where there is nothing to say.
    """

    wire: bytes = b""
    code: int = 0
    message: str = ""
    initial_metadata: Metadata = ()
    trailing_metadata: Metadata = ()
    line: Mapping[str, object] = field(default_factory=dict, compare=False)


Begin = Callable[[bytes, Metadata, float, Callable[[Answer], None]], Callable[[], object]]
"""Begins a call: request, metadata, seconds it may take, and what is told the answer, by any thread.

It gives what is to be called when nobody waits for the answer any more.
"""


class Direct(Protocol):
    """A service that can be called directly."""

    def method(self, path: str) -> Begin | None:
        """The method with this path; None: it can only be called over a channel."""
