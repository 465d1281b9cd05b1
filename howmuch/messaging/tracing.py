"""Spans of messages that are handled, and of mails that are sent."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from opentelemetry.context import attach, detach
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context

from howmuch.messaging.broker import Handler
from howmuch.messaging.messages import Message
from howmuch.origin import Origin
from howmuch.telemetry.tracing import ROOT, begin_span, links_to, traceparent_of


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
            spans = [self._span(queue, message, len(messages)) for message in messages]
            going_on = [
                replace(message, origin=replace(message.origin, traceparent=traceparent_of(span)))
                for message, span in zip(messages, spans, strict=True)
            ]
            first = next((span for span in spans if span.is_recording()), spans[0])
            token = attach(set_span_in_context(first, ROOT))
            errors: Sequence[Exception | None] = []
            try:
                errors = handler(going_on)
                return errors
            except Exception as error:
                errors = [error] * len(messages)
                raise
            finally:
                detach(token)
                for span, failed in zip(spans, errors, strict=False):
                    _end(span, failed)

        return traced

    def _span(self, queue: str, message: Message, count: int) -> Span:
        return begin_span(
            self._tracer,
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
        span = begin_span(
            self._tracer,
            "send mail",
            origin.traceparent,
            SpanKind.CLIENT,
            {"howmuch.mail.kind": kind, "howmuch.delivery_id": mail},
            links_to([each.traceparent for each in origins]),
        )
        try:
            yield
        except Exception as error:
            _end(span, error)
            raise
        _end(span, None)


def _end(span: Span, error: Exception | None) -> None:
    if error is not None:
        # Its text may quote addresses; that it is this kind of error is enough.
        kind = type(error).__name__
        span.set_attribute("error.type", kind)
        span.set_status(Status(StatusCode.ERROR, kind))
    span.end()
