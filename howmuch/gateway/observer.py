"""Hooks for metrics and traces. The gateway works the same without an observer."""

from collections.abc import Sequence
from typing import Protocol

CLIENT_GONE = 499
"""Status recorded for a request whose client closed the connection before the response."""


class Request(Protocol):
    """The parts of a request that an observer may use; of the client's input, only ids.

    route: the matched template, such as `/v1/events/{id}`, or the path of one of the gateway's own pages;
    empty means that nothing matched. status: of the response, or CLIENT_GONE. given_traceparent: W3C header
    from the client; empty means none. traceparent: W3C header for the upstream; empty forwards the client's.
    """

    method: str
    route: str
    status: int
    request_id: str
    given_traceparent: str
    traceparent: str


class Observer:
    """Base class of observers. Hooks run in the gateway's event loop and must not block."""

    def connected(self) -> None:
        """A client connected."""

    def disconnected(self) -> None:
        """A client's connection closed."""

    def unreadable(self, status: int) -> None:
        """A request was not valid HTTP; the response has this status."""

    def began(self, request: Request) -> None:
        """A request arrived."""

    def routed(self, request: Request, grpc_path: str) -> None:
        """A request matched a route. grpc_path: such as `/package.Service/Method`."""

    def ended(self, request: Request, seconds: float) -> None:
        """A request ended, answered or not. Runs once for each request that began."""


class Observers(Observer):
    """Runs several observers in order; `ended` in reverse order."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = observers
        self._reversed = observers[::-1]

    def connected(self) -> None:
        for each in self._observers:
            each.connected()

    def disconnected(self) -> None:
        for each in self._observers:
            each.disconnected()

    def unreadable(self, status: int) -> None:
        for each in self._observers:
            each.unreadable(status)

    def began(self, request: Request) -> None:
        for each in self._observers:
            each.began(request)

    def routed(self, request: Request, grpc_path: str) -> None:
        for each in self._observers:
            each.routed(request, grpc_path)

    def ended(self, request: Request, seconds: float) -> None:
        for each in self._reversed:
            each.ended(request, seconds)
