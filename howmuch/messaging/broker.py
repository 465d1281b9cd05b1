"""What carries messages from the relay to their handlers, whatever program does it.

Messages come at least once, and several at a time where several wait. What a handler could not do comes
again, later and later, until it is given up and put with the dead letters.
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
"""Queue to the routing keys that it takes, in the notation of AMQP's topic exchanges."""

LARGEST_BATCHES: Mapping[str, int] = {FANOUT_QUEUE: 64, SEND_QUEUE: 16}
"""Queue to how many of its messages a handler is given at a time, at most."""

Handler = Callable[[Sequence[Message]], Sequence[Exception | None]]
"""Handles messages, each on its own: why it failed, or None. If it raises, they are handled one by one."""


class RetryLater(Exception):
    """A handler cannot do its work now; the text says why."""


class Away(RetryLater):
    """What a handler needs does not answer: there is no use in trying the next message now."""


class GiveUp(Exception):
    """A handler can never do its work, however often it is tried; the text says why."""


class BrokerDown(Exception):
    """The broker cannot be reached, or did not confirm; the text says which and why."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up. id: to name it by. error: why."""

    id: str
    message: Message
    error: str
    dead_time: dt.datetime


class Broker(Protocol):
    """Between `start` and `stop` messages can be published, and handlers are called for those that come."""

    batch_size: int
    """How many messages to publish at once."""

    def start(self, handlers: Mapping[str, Handler]) -> None:
        """Begins to call the handlers, by queue, from threads of its own. Connects in the background."""

    def publish(self, messages: Sequence[Message]) -> None:
        """Returns once none of them can be lost. Raises BrokerDown; then some may have been published."""

    def stop(self, deadline: float) -> None:
        """Takes no more messages; what is being handled gets until the deadline (time.monotonic())."""


class DeadLetters(Protocol):
    """The messages that were given up."""

    def read(self) -> list[DeadLetter]:
        """All, oldest first."""

    def retry(self, ids: Sequence[str]) -> int:
        """Has them handled again, as if they were new; how many there were."""

    def drop(self, ids: Sequence[str]) -> int:
        """Deletes them; how many there were."""


def queue_of(routing_key: str) -> str:
    """The queue that takes messages with this key."""
    return SEND_QUEUE if routing_key.startswith("mail.") else FANOUT_QUEUE
