"""Messages handled: done, to be tried again, or given up. The same for every broker."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from howmuch.errors import HowmuchError
from howmuch.messaging import message_metrics
from howmuch.messaging.broker import GiveUp, Handler, RetryLater, queue_of
from howmuch.messaging.messages import Message

log = structlog.get_logger()

_LONGEST_ERROR = 500


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """delays_seconds: before the second try, the third and so on; the last one stays. attempts: in all."""

    delays_seconds: Sequence[int]
    attempts: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """delay_seconds: until the next try; None: none. error: why there is one, or why it is dead."""

    delay_seconds: int | None = None
    error: str = ""


DONE = Verdict()


def handle(handler: Handler, messages: Sequence[Message], policy: RetryPolicy) -> list[Verdict]:
    """Calls the handler, and says what is to become of each message."""
    try:
        errors = handler(messages)
    except Exception as error:  # noqa: BLE001 - one of them may be to blame, and the others not
        if len(messages) > 1:
            return [handle(handler, [message], policy)[0] for message in messages]
        errors = [error]
    return [
        DONE if error is None else _judge(message, error, policy)
        for message, error in zip(messages, errors, strict=True)
    ]


def _judge(message: Message, error: Exception, policy: RetryPolicy) -> Verdict:
    if isinstance(error, GiveUp | ValueError):
        return _dead(message, error)
    if not isinstance(error, RetryLater | HowmuchError):
        # A fault of ours may be gone after the next deployment: the message is not lost meanwhile.
        log.error(
            "handler failed",
            routing_key=message.routing_key,
            message_id=message.id,
            exc_info=error,
        )
    return _failed(message, error, policy)


def _failed(message: Message, error: Exception, policy: RetryPolicy) -> Verdict:
    tries = message.attempts + 1
    if tries >= policy.attempts:
        return _dead(message, error)
    delays = policy.delays_seconds
    delay = delays[min(tries, len(delays)) - 1]
    message_metrics.RETRIES.labels(queue_of(message.routing_key)).inc()
    log.warning(
        "message is tried again",
        routing_key=message.routing_key,
        message_id=message.id,
        attempts=tries,
        delay_seconds=delay,
        reason=_text(error),
    )
    return Verdict(delay, _text(error))


def _dead(message: Message, error: Exception) -> Verdict:
    message_metrics.DEAD_LETTERS.labels(queue_of(message.routing_key)).inc()
    log.error(
        "message is given up",
        routing_key=message.routing_key,
        message_id=message.id,
        attempts=message.attempts + 1,
        reason=_text(error),
    )
    return Verdict(None, _text(error) or "unknown")


def _text(error: Exception) -> str:
    text = error.message if isinstance(error, HowmuchError) else str(error)
    return (" ".join(text.split()) or type(error).__name__)[:_LONGEST_ERROR]
