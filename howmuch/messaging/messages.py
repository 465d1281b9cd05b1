"""The rows of the outbox as protobuf messages.

The part of a routing key before the first dot names the message: `event.expense.created` is a
ChangeRecorded, `account.reset` an AccountMailRequested, `mail.send` a DeliveryDue.

Rows of other versions stay readable: unknown fields are ignored, and a number may be a text. A row that this
version cannot read becomes a message with UNREADABLE_KEY. Its body keeps the row as it was, so that a later
version can read it.
"""

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple, cast

from google.api import field_behavior_pb2
from google.protobuf.json_format import ParseDict, ParseError
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


class _Row(NamedTuple):
    """The columns of the outbox that name a message."""

    routing_key: str
    payload: Mapping[str, Any]


def from_payload(
    message_id: str,
    routing_key: str,
    payload: Mapping[str, Any],
    attempts: int = 0,
    origin: Mapping[str, Any] | None = None,
) -> Message:
    """The message of a row of the outbox. An unreadable row gets UNREADABLE_KEY, and is given up later."""
    caused_by = from_json(origin)
    row = _unwrapped(_Row(routing_key, payload))
    try:
        body = _checked(_read(row)).SerializeToString()
    except ValueError:
        return Message(
            message_id, UNREADABLE_KEY, json.dumps(row._asdict()).encode(), attempts, caused_by
        )
    return Message(message_id, row.routing_key, body, attempts, caused_by)


def to_payload(message: Message) -> dict[str, Any]:
    """The inverse of `from_payload`. Numbers stay numbers, which the versions before this one require."""
    try:
        if message.routing_key == UNREADABLE_KEY:
            return _row_in(message.body)._asdict()
        return {field.name: value for field, value in parse(message).ListFields()}
    except ValueError:
        return {"unreadable": message.body.decode(errors="replace")}


def read_again(message: Message) -> Message:
    """A message that an earlier version could not read, if this one can; other messages as they are."""
    if message.routing_key != UNREADABLE_KEY:
        return message
    try:
        row = _row_in(message.body)
    except ValueError:
        return message
    read = from_payload(message.id, row.routing_key, row.payload)
    return replace(message, routing_key=read.routing_key, body=read.body)


def parse(message: Message) -> Body:
    """The body of a message. Raises ValueError if it cannot be read."""
    try:
        return _checked(_kind(message.routing_key).FromString(message.body))
    except DecodeError as error:
        raise ValueError(f"the body is no {schema_name(message.routing_key)}: {error}") from None


def schema_name(routing_key: str) -> str:
    """The full name of the protobuf message that belongs to this key."""
    return str(_kind(routing_key).DESCRIPTOR.full_name)


def _kind(routing_key: str) -> type[Body]:
    kind = _BODIES.get(routing_key.partition(".")[0])
    if kind is None:
        raise ValueError(f"no message goes by the routing key {routing_key!r}")
    return kind


def _read(row: _Row) -> Body:
    """The body that a row describes. Raises ValueError."""
    body = _kind(row.routing_key)()
    try:
        ParseDict(cast("dict[str, Any]", row.payload), body, ignore_unknown_fields=True)
    except (ParseError, TypeError, AttributeError) as error:
        raise ValueError(f"the row is no {schema_name(row.routing_key)}: {error}") from None
    return body


def _checked(body: Body) -> Body:
    """The same body. Raises ValueError if a required field is empty."""
    for name in _required(cast(Hashable, type(body))):
        if not getattr(body, name):
            raise ValueError(f"the field {name!r} of {body.DESCRIPTOR.full_name} is empty")
    return body


@cache
def _required(kind: Any) -> Sequence[str]:
    return [
        field.name
        for field in kind.DESCRIPTOR.fields
        if field_behavior_pb2.REQUIRED
        in field.GetOptions().Extensions[field_behavior_pb2.field_behavior]
    ]


def _unwrapped(row: _Row) -> _Row:
    """The row that an unreadable message was made of, however often it was made unreadable."""
    while row.routing_key == UNREADABLE_KEY:
        try:
            row = _inner_row(row.payload)
        except ValueError:
            break
    return row


def _inner_row(payload: Any) -> _Row:
    """The row in the payload of an unreadable message. Earlier versions stored its body as a text."""
    match payload:
        case {"unreadable": str(text)}:
            return _row_in(text.encode())
    return _row_of(payload)


def _row_in(body: bytes) -> _Row:
    """The row in the body of an unreadable message. Raises ValueError."""
    return _row_of(json.loads(body))


def _row_of(document: Any) -> _Row:
    """The row of its JSON document. Raises ValueError."""
    match document:
        case {"routing_key": str(routing_key), "payload": payload}:
            return _Row(routing_key, payload)
    raise ValueError("this is no row of the outbox")
