"""Spans of messages that are handled, and of mails that are sent."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from opentelemetry.trace import SpanKind

from howmuch.messaging.broker import Handler
from howmuch.messaging.messages import Message
from howmuch.telemetry.origin import Origin
from howmuch.telemetry.spans import TraceContext, enter, leave
from howmuch.telemetry.tracer import Tracer


class MailTracing:
    """See howmuch.messaging.observer.MailObserver. Names by OpenTelemetry's conventions.

    system: `rabbitmq`, or `howmuch` for the outbox itself.
    """

    def __init__(self, tracer: Tracer, system: str) -> None:
        self._tracer = tracer
        self._system = system

    def handling(self, queue: str, handler: Handler) -> Handler:
        """A span for each message, behind the one that wrote it; what it leads to goes on from there.

        Messages are handled several at a time by the same statements, which are in the trace of the first
        one that is recorded.
        """

        def traced(messages: Sequence[Message]) -> Sequence[Exception | None]:
            places = [self._begun(queue, message, len(messages)) for message in messages]
            going_on = [
                replace(message, origin=replace(message.origin, traceparent=place.traceparent))
                for message, place in zip(messages, places, strict=True)
            ]
            token = enter(next((place for place in places if place.span), places[0]))
            errors: Sequence[Exception | None] = []
            try:
                errors = handler(going_on)
                return errors
            except Exception as error:
                errors = [error] * len(messages)
                raise
            finally:
                leave(token)
                for place, failed in zip(places, errors, strict=False):
                    _end(place, failed)

        return traced

    def _begun(self, queue: str, message: Message, count: int) -> TraceContext:
        return self._tracer.begin(
            f"process {queue}",
            message.origin.traceparent,
            SpanKind.CONSUMER,
            {
                "messaging.system": self._system,
                "messaging.operation.type": "process",
                "messaging.operation.name": "process",
                "messaging.destination.name": queue,
                "messaging.message.id": message.id,
                "messaging.rabbitmq.destination.routing_key": message.routing_key,
                "messaging.batch.message_count": count,
                "howmuch.request_id": message.origin.request_id,
            },
        )

    @contextmanager
    def sending(
        self, kind: str, mail: str, origin: Origin, origins: Sequence[Origin]
    ) -> Iterator[None]:
        """A span behind that of the message, with links to those of all changes in the mail."""
        place = self._tracer.begin(
            "send mail",
            origin.traceparent,
            SpanKind.CLIENT,
            {"howmuch.mail.kind": kind, "howmuch.delivery_id": mail},
            [each.traceparent for each in origins],
        )
        try:
            yield
        except Exception as error:
            _end(place, error)
            raise
        _end(place, None)


def _end(place: TraceContext, error: Exception | None) -> None:
    if (span := place.span) is None:
        return
    if error is not None:
        span.fail(error)
    span.end()
