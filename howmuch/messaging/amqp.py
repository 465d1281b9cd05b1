"""Messages as AMQP 0-9-1 carries them."""

import datetime as dt
import time
from typing import Any

from pika import BasicProperties, DeliveryMode

from howmuch.messaging.messages import CONTENT_TYPE, Message, read_again, schema_name
from howmuch.runtime.one_line import one_line
from howmuch.telemetry.origin import Origin

DEAD_LETTERS_KEPT_DAYS = 30

_ROUTING_KEY = "routing-key"
_ATTEMPTS = "attempts"
_ERROR = "error"
_QUEUE = "queue"
_REQUEST_ID = "x-request-id"
_TRACEPARENT = "traceparent"


def make_properties(
    message: Message, *, queue: str = "", error: str = "", dead: bool = False
) -> BasicProperties:
    """The properties of a message. queue, error: where and why it failed; empty for a new message."""
    headers: dict[str, Any] = {_ROUTING_KEY: message.routing_key, _ATTEMPTS: message.attempts}
    if message.origin.request_id:
        headers[_REQUEST_ID] = message.origin.request_id
    if message.origin.traceparent:
        headers[_TRACEPARENT] = message.origin.traceparent
    if queue:
        headers |= {_QUEUE: queue, _ERROR: error}
    try:
        schema = schema_name(message.routing_key)
    except ValueError:
        schema = ""
    # A dead letter may have an address in it. RabbitMQ deletes it after this time, in milliseconds.
    expiration = str(DEAD_LETTERS_KEPT_DAYS * 86_400_000) if dead else None
    return BasicProperties(
        expiration=expiration,
        content_type=CONTENT_TYPE,
        delivery_mode=DeliveryMode.Persistent,
        message_id=message.id,
        type=schema,
        app_id="howmuch",
        timestamp=int(time.time()),
        headers=headers,
    )


def message_of(routing_key: str, properties: BasicProperties, body: bytes) -> Message:
    """A delivered message. routing_key: of the delivery, used if the headers have none."""
    headers = properties.headers or {}
    attempts = headers.get(_ATTEMPTS, 0)
    return read_again(
        Message(
            id=properties.message_id or "",
            routing_key=str(headers.get(_ROUTING_KEY, routing_key)),
            body=body,
            attempts=attempts if isinstance(attempts, int) else 0,
            origin=Origin(str(headers.get(_REQUEST_ID, "")), str(headers.get(_TRACEPARENT, ""))),
        )
    )


def error_of(properties: BasicProperties) -> str:
    return str((properties.headers or {}).get(_ERROR, ""))


def time_of(properties: BasicProperties) -> dt.datetime:
    return dt.datetime.fromtimestamp(properties.timestamp or 0, dt.UTC)


def reason_of(error: Exception) -> str:
    """An error in one line. Errors of pika may have a repr but no text."""
    return one_line(error) if str(error) else " ".join(repr(error).split())
