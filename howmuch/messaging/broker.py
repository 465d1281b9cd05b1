"""The broker carries messages from the relay to their handlers: its protocol, queues and errors.

A message is delivered at least once; messages that wait together are delivered together. A message that fails
is delivered again after growing delays, and finally becomes a dead letter.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from howmuch.messaging.messages import Message

FANOUT_QUEUE = "howmuch.email.fanout"
SEND_QUEUE = "howmuch.email.send"
BINDINGS: Mapping[str, Sequence[str]] = {
    FANOUT_QUEUE: ("event.#", "account.#"),
    SEND_QUEUE: ("mail.send",),
}
"""Queue to its routing keys, in the notation of AMQP's topic exchanges."""

LARGEST_BATCHES: Mapping[str, int] = {FANOUT_QUEUE: 64, SEND_QUEUE: 16}
"""Queue to the largest number of its messages that a handler gets at a time."""

Handler = Callable[[Sequence[Message]], Sequence[Exception | None]]
"""Handles messages, and returns the error of each; None means success. If it raises, it is called for each
message alone."""


class RetryLater(Exception):
    """A handler cannot do its work now; the text says why."""


class Away(RetryLater):
    """A service that a handler needs ended the work on this message. The next one may succeed."""


class Unreachable(Away):
    """A service that a handler needs is down, so the next message would fail as well."""


class NotTried(RetryLater):
    """Nothing was tried for this message, so it does not count as an attempt."""


class GiveUp(Exception):
    """A handler can never do its work; the text says why."""


class BrokerDown(Exception):
    """The broker cannot be reached, or did not confirm; the text says why."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up. id: its name in commands."""

    id: str
    message: Message
    error: str
    dead_time: dt.datetime


class Broker(Protocol):
    """Publishes messages, and calls handlers for those that are delivered, between `start` and `stop`."""

    batch_size: int
    """How many messages to publish at once."""

    on_ready: Callable[[], None]
    """Called by a thread of the broker when it can publish again. The relay sets it."""

    def start(self, handlers: Mapping[str, Handler]) -> None:
        """Begins to call the handlers, by queue, from threads of its own. Connects in the background."""

    def publish(self, messages: Sequence[Message]) -> None:
        """Returns once all messages are safe. Raises BrokerDown; then some may have been published."""

    def stop(self, deadline: float) -> None:
        """Takes no more messages; handlers that run may finish until the deadline (time.monotonic())."""


class DeadLetters(Protocol):
    """The messages that were given up."""

    def read(self) -> list[DeadLetter]:
        """All, oldest first."""

    def retry(self, ids: Sequence[str]) -> int:
        """Delivers them again as new messages. Returns how many there were."""

    def drop(self, ids: Sequence[str]) -> int:
        """Deletes them. Returns how many there were."""


def queue_of(routing_key: str) -> str:
    """The queue that takes messages with this key."""
    return SEND_QUEUE if routing_key.startswith("mail.") else FANOUT_QUEUE
