"""The rows of the outbox as protobuf messages.

The part of a routing key before the first dot names the message: `event.expense.created` is a
ChangeRecorded, `account.reset` an AccountMailRequested, `mail.send` a DeliveryDue.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError

from howmuch.telemetry.origin import NOWHERE, Origin, from_json
from howmuch.v1 import message_pb2

Body = message_pb2.ChangeRecorded | message_pb2.AccountMailRequested | message_pb2.DeliveryDue

UNREADABLE_KEY = "event.unreadable"
"""Routing key for a row of the outbox that this version cannot turn into a message."""

CONTENT_TYPE = "application/x-protobuf"
_BODIES: Mapping[str, type[Body]] = {
    "event": message_pb2.ChangeRecorded,
    "account": message_pb2.AccountMailRequested,
    "mail": message_pb2.DeliveryDue,
}


@dataclass(frozen=True, slots=True)
class Message:
    """id: unique in the database. attempts: how many failed before. origin: the request that caused it."""

    id: str
    routing_key: str
    body: bytes
    attempts: int = 0
    origin: Origin = NOWHERE


def from_payload(
    message_id: str,
    routing_key: str,
    payload: Mapping[str, Any],
    attempts: int = 0,
    origin: Mapping[str, Any] | None = None,
) -> Message:
    """The message of a row of the outbox. An unreadable row gets UNREADABLE_KEY, and is given up later."""
    caused_by = from_json(origin)
    try:
        body = _kind(routing_key)(**payload).SerializeToString()
    except (ValueError, TypeError):
        row = {"routing_key": routing_key, "payload": payload}
        return Message(message_id, UNREADABLE_KEY, json.dumps(row).encode(), attempts, caused_by)
    return Message(message_id, routing_key, body, attempts, caused_by)


def parse(message: Message) -> Body:
    """The body of a message. Raises ValueError if it cannot be read."""
    try:
        return _kind(message.routing_key).FromString(message.body)
    except DecodeError as error:
        raise ValueError(f"the body is no {schema_name(message.routing_key)}: {error}") from None


def to_payload(message: Message) -> dict[str, Any]:
    """The inverse of `from_payload`."""
    try:
        return MessageToDict(parse(message), preserving_proto_field_name=True)
    except ValueError:
        return {"unreadable": message.body.decode(errors="replace")}


def schema_name(routing_key: str) -> str:
    """The full name of the protobuf message that belongs to this key."""
    return str(_kind(routing_key).DESCRIPTOR.full_name)


def _kind(routing_key: str) -> type[Body]:
    kind = _BODIES.get(routing_key.partition(".")[0])
    if kind is None:
        raise ValueError(f"no message goes by the routing key {routing_key!r}")
    return kind
