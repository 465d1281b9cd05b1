"""What watches the gateway at work: counts, traces. The gateway runs the same without any."""

from collections.abc import Sequence
from typing import Protocol


class Request(Protocol):
    """What an observer may know of a request. Of what a client has sent, only the ids are here.

    route: the template that matched, such as `/v1/events/{id}`, or the path of a page of the gateway itself;
    empty: there is nothing at this path. status: of the answer; CLIENT_GONE where there was nobody to answer.
    """

    method: str
    route: str
    status: int
    request_id: str
    given_traceparent: str
    """W3C's, as the client sent it; empty: it sent none."""
    traceparent: str
    """W3C's, for the upstream; empty: what the client sent goes on."""


CLIENT_GONE = 499
"""What is noted as the status of a request whose client has gone away before there was an answer."""


class Observer(Protocol):
    """Everything is called in the gateway's event loop, and must not wait."""

    def connected(self) -> None:
        """A connection was opened."""

    def disconnected(self) -> None:
        """A connection was closed."""

    def unreadable(self, status: int) -> None:
        """What came was no request that HTTP knows; it was answered with this status."""

    def began(self, request: Request) -> None:
        """A request came in."""

    def routed(self, request: Request, grpc_path: str) -> None:
        """It will be a call of the upstream. grpc_path: such as `/package.Service/Method`."""

    def ended(self, request: Request, seconds: float) -> None:
        """It was answered, or never will be. Called once for each that began."""


class Observers:
    """Several observers as one, in their order; at the end in reverse."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = observers
        self._reversed = observers[::-1]

    def connected(self) -> None:
        """See Observer."""
        for each in self._observers:
            each.connected()

    def disconnected(self) -> None:
        """See Observer."""
        for each in self._observers:
            each.disconnected()

    def unreadable(self, status: int) -> None:
        """See Observer."""
        for each in self._observers:
            each.unreadable(status)

    def began(self, request: Request) -> None:
        """See Observer."""
        for each in self._observers:
            each.began(request)

    def routed(self, request: Request, grpc_path: str) -> None:
        """See Observer."""
        for each in self._observers:
            each.routed(request, grpc_path)

    def ended(self, request: Request, seconds: float) -> None:
        """See Observer."""
        for each in self._reversed:
            each.ended(request, seconds)
