"""Calls the handlers of messages, and decides on failures: another try, or a dead letter."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from howmuch.errors import HowmuchError
from howmuch.messaging import message_metrics
from howmuch.messaging.broker import GiveUp, Handler, NotTried, RetryLater, queue_of
from howmuch.messaging.messages import Message
from howmuch.runtime.one_line import one_line

log = structlog.get_logger()

_LONGEST_ERROR = 500


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """delays_seconds: before the second try, the third and so on; the last one repeats. attempts: in all."""

    delays_seconds: Sequence[int]
    attempts: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a message. delay_seconds: until the next try; None means no further try.

    error: the reason for the next try or the dead letter. Empty means that the message is done.
    attempts: how many this one counts as, 0 or 1.
    """

    delay_seconds: int | None = None
    error: str = ""
    attempts: int = 1


DONE = Verdict()


def handle(handler: Handler, messages: Sequence[Message], policy: RetryPolicy) -> list[Verdict]:
    """Calls the handler. If it raises for several messages, it is called for each of them alone."""
    try:
        errors = handler(messages)
    except Exception as error:  # noqa: BLE001 - one message may have caused it, and the others not
        if len(messages) > 1:
            return [handle(handler, [message], policy)[0] for message in messages]
        errors = [error]
    return [
        DONE if error is None else _judge(message, error, policy)
        for message, error in zip(messages, errors, strict=True)
    ]


def _judge(message: Message, error: Exception, policy: RetryPolicy) -> Verdict:
    queue, tries = queue_of(message.routing_key), message.attempts + 1
    reason = one_line(error)[:_LONGEST_ERROR]
    told = log.bind(routing_key=message.routing_key, message_id=message.id)
    if isinstance(error, NotTried):
        delay = policy.delays_seconds[0]
        told.info("message waits", delay_seconds=delay, reason=reason)
        return Verdict(delay, reason, attempts=0)
    hopeless = isinstance(error, GiveUp | ValueError)
    if not hopeless and not isinstance(error, RetryLater | HowmuchError):
        # The next deployment may fix a bug, so the message is kept until then.
        told.error("handler failed", exc_info=error)
    if hopeless or tries >= policy.attempts:
        message_metrics.DEAD_LETTERS.labels(queue).inc()
        told.error("message is given up", attempts=tries, reason=reason)
        return Verdict(None, reason)
    delay = policy.delays_seconds[min(tries, len(policy.delays_seconds)) - 1]
    message_metrics.RETRIES.labels(queue).inc()
    told.warning("message is tried again", attempts=tries, delay_seconds=delay, reason=reason)
    return Verdict(delay, reason)
