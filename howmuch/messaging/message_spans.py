"""Spans of messages that are handled, and of mails that are sent."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from opentelemetry.trace import SpanKind

from howmuch.messaging.broker import Handler
from howmuch.messaging.messages import Message
from howmuch.messaging.observer import MailObserver
from howmuch.telemetry.origin import Origin
from howmuch.telemetry.spans import TraceContext, enter, leave
from howmuch.telemetry.tracer import Tracer


class MailTracing(MailObserver):
    """Makes spans, whose names follow OpenTelemetry's conventions.

    system: `rabbitmq`, or `howmuch` for the outbox itself.
    """

    def __init__(self, tracer: Tracer, system: str) -> None:
        self._tracer = tracer
        self._system = system

    def handling(self, queue: str, handler: Handler) -> Handler:
        """Gives each message a span, the child of the span that wrote it and the parent of its effects.

        The same statements handle several messages. They belong to the first trace that is recorded.
        """

        def traced(messages: Sequence[Message]) -> Sequence[Exception | None]:
            contexts = [self._begin(queue, message, len(messages)) for message in messages]
            continued = [
                replace(message, origin=replace(message.origin, traceparent=context.traceparent))
                for message, context in zip(messages, contexts, strict=True)
            ]
            token = enter(next((context for context in contexts if context.span), contexts[0]))
            errors: Sequence[Exception | None] = []
            try:
                errors = handler(continued)
                return errors
            except Exception as error:
                errors = [error] * len(messages)
                raise
            finally:
                leave(token)
                for context, error_of_message in zip(contexts, errors, strict=False):
                    _end(context, error_of_message)

        return traced

    def _begin(self, queue: str, message: Message, count: int) -> TraceContext:
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
        """A child of the message's span, with links to the spans of all changes in the mail."""
        context = self._tracer.begin(
            "send mail",
            origin.traceparent,
            SpanKind.CLIENT,
            {"howmuch.mail.kind": kind, "howmuch.delivery_id": mail},
            [each.traceparent for each in origins],
        )
        try:
            yield
        except Exception as error:
            _end(context, error)
            raise
        _end(context, None)


def _end(context: TraceContext, error: Exception | None) -> None:
    if (span := context.span) is None:
        return
    if error is not None:
        span.fail(error)
    span.end()
