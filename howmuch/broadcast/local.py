"""The broadcast within one process, and the base of those between processes."""

from collections.abc import Callable
from typing import Literal

Topic = Literal["event", "user"]
"""event: an event was written; the value is its id, or empty for any event. user: sessions of an account
ended; the value is its id."""

Handler = Callable[[str], None]


class Broadcast:
    """Sends within this process; subclasses also to others. No method raises or waits for the network."""

    def __init__(self) -> None:
        self._handlers: dict[str, list[Handler]] = {}
        self._gap_handlers: list[Callable[[], None]] = []

    @property
    def heard(self) -> bool:
        """Whether this process receives the messages of all others now. False: others may exist."""
        return False

    def on(self, topic: Topic, handler: Handler) -> None:
        """Calls `handler` with the value of each message of this topic."""
        self._handlers.setdefault(topic, []).append(handler)

    def on_gap(self, handler: Callable[[], None]) -> None:
        """Calls `handler` when messages may have been missed, or may be from now on."""
        self._gap_handlers.append(handler)

    def tell(self, topic: Topic, value: str) -> None:
        """Sends a message to every process, this one included."""
        self._take(topic, value)

    def _take(self, topic: str, value: str) -> None:
        for handler in self._handlers.get(topic, ()):
            handler(value)

    def _gap(self) -> None:
        for handler in self._gap_handlers:
            handler()
