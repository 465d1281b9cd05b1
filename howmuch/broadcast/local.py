"""Broadcast between processes: the protocol, and the one of a single process."""

from collections.abc import Callable
from typing import Literal, Protocol

Topic = Literal["event", "user"]
"""event: one was written to; its id, or empty for some event. user: sessions of an account ended; its id."""

Handler = Callable[[str], None]


class Broadcast(Protocol):
    """Tells every process, this one included. No method raises or waits for the network."""

    @property
    def heard(self) -> bool:
        """Whether what other processes say is heard here, now."""

    def on(self, topic: Topic, handler: Handler) -> None:
        """Calls `handler` with the value of each signal of this topic."""

    def on_gap(self, handler: Callable[[], None]) -> None:
        """Calls `handler` where messages may have been missed, or may be from now on."""

    def tell(self, topic: Topic, value: str) -> None:
        """Sends a signal."""


class LocalBroadcast:
    """Of one process that knows of no other."""

    def __init__(self) -> None:
        self._handlers: dict[str, list[Handler]] = {}
        self._gap_handlers: list[Callable[[], None]] = []

    @property
    def heard(self) -> bool:
        """Never: there may be processes that it does not know of."""
        return False

    def on(self, topic: Topic, handler: Handler) -> None:
        """See Broadcast."""
        self._handlers.setdefault(topic, []).append(handler)

    def on_gap(self, handler: Callable[[], None]) -> None:
        """See Broadcast."""
        self._gap_handlers.append(handler)

    def tell(self, topic: Topic, value: str) -> None:
        """See Broadcast."""
        self._take(topic, value)

    def _take(self, topic: str, value: str) -> None:
        for handler in self._handlers.get(topic, ()):
            handler(value)

    def _gap(self) -> None:
        for handler in self._gap_handlers:
            handler()
