"""Response messages as bodies: JSON, one field of it, or raw bytes."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from google.api.httpbody_pb2 import HttpBody
from google.protobuf.descriptor import FieldDescriptor

from howmuch.gateway.codec import Codec
from howmuch.gateway.descriptors import HTTP_BODY, enum_of, is_map, message_of
from howmuch.gateway.json_element_cache import JsonElementCache, list_field, list_printer
from howmuch.gateway.routes import Route

JSON_TYPE = b"application/json"


@dataclass(frozen=True, slots=True)
class Reply:
    """A body. etag: of the resource; event_id: of an item of a stream. Empty means none."""

    content_type: bytes
    body: bytes
    etag: str = ""
    event_id: str = ""


Print = Callable[[bytes], Reply]


class Printer(NamedTuple):
    """Prints the responses of a route. raw: whether they are google.api.HttpBody."""

    print: Print
    raw: bool = False


def printer(route: Route, codec: Codec, elements: JsonElementCache | None) -> Printer:
    message = route.method.output_type
    if message.full_name == HTTP_BODY:
        return Printer(_raw, raw=True)
    if not route.response_body:
        whole = _whole(codec, message.full_name)
        listed = list_field(message)
        if (
            elements is None
            or listed is None
            or codec.emits_defaults
            or "etag" in message.fields_by_name
        ):
            return Printer(whole)
        to_json = list_printer(codec, listed, lambda wire: whole(wire).body, elements)
        return Printer(lambda wire: Reply(JSON_TYPE, to_json(wire)))
    field = message.fields_by_name[route.response_body]
    kind = message_of(field)
    if kind is not None and not field.is_repeated:
        inner = codec.submessage(message.full_name, field.name)
        if kind.full_name == HTTP_BODY:
            return Printer(lambda wire: _raw(inner(wire) or b""), raw=True)
        return Printer(_submessage(codec, kind.full_name, inner))
    return Printer(_field(codec, message.full_name, field))


def json_reply(value: Any) -> Reply:
    """A JSON value as the body."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Reply(JSON_TYPE, text.encode())


def _whole(codec: Codec, name: str) -> Print:
    to_json = codec.to_json(name)

    def print_(wire: bytes) -> Reply:
        printed = to_json(wire)
        return Reply(JSON_TYPE, printed.json.encode(), printed.etag)

    return print_


def _submessage(codec: Codec, name: str, inner: Callable[[bytes], bytes | None]) -> Print:
    whole = _whole(codec, name)

    def print_(wire: bytes) -> Reply:
        part = inner(wire)
        return Reply(JSON_TYPE, b"null") if part is None else whole(part)

    return print_


def _field(codec: Codec, name: str, field: FieldDescriptor) -> Print:
    """A scalar, list or map; the message's JSON leaves it out at its default."""
    to_value = codec.to_value(name)
    default = _default(field)

    def print_(wire: bytes) -> Reply:
        return json_reply(to_value(wire).get(field.json_name, default))

    return print_


def _default(field: FieldDescriptor) -> Any:
    if is_map(field):
        return {}
    if field.is_repeated:
        return []
    kind = enum_of(field)
    if kind is not None:
        return kind.values_by_number[field.default_value].name
    if field.cpp_type in (FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64):
        return str(field.default_value)
    return "" if isinstance(field.default_value, bytes) else field.default_value


def _raw(wire: bytes) -> Reply:
    body = HttpBody.FromString(wire)
    content_type = body.content_type
    if not (content_type.isascii() and content_type.isprintable()):
        raise ValueError("the content type is not printable ASCII")
    return Reply(content_type.encode() or b"application/octet-stream", body.data)
