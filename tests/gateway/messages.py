"""Whether two messages, or two JSON documents, mean the same."""

import json
from typing import Any

from google.protobuf import text_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

HTTP_BODY = "google.api.HttpBody"


def described(message: Message) -> str:
    """Everything in a message as text, equal for equal messages.

    NaN equals NaN, unset differs from set to a default where the schema can tell, fields that the
    schema does not know count, and the paths of a FieldMask are a set.
    """
    copy = type(message)()
    copy.CopyFrom(message)
    _sort_masks(copy)
    return text_format.MessageToString(copy, as_one_line=True, print_unknown_fields=True)


def _sort_masks(message: Any) -> None:
    if message.DESCRIPTOR.full_name == "google.protobuf.FieldMask":
        message.paths.sort()
        return
    for field, value in message.ListFields():
        if field.type != FieldDescriptor.TYPE_MESSAGE:
            continue
        if field.message_type.GetOptions().map_entry:
            if field.message_type.fields_by_name["value"].message_type is not None:
                for key in value:
                    _sort_masks(value[key])
        elif isinstance(value, Message):
            _sort_masks(value)
        else:
            for item in value:
                _sort_masks(item)


def joined(messages: list[Any]) -> list[Any]:
    """A stream that carries an HttpBody as one message: where it was cut means nothing.

    The other fields may come with every piece or with the first alone. Other streams stay as they
    are.
    """
    if len(messages) < 2 or http_body_of(messages[0]) is None:
        return messages
    whole = type(messages[0])()
    for message in messages:
        whole.MergeFrom(message)
    http_body_of(whole).data = b"".join(http_body_of(piece).data for piece in messages)
    return [whole]


def http_body_of(message: Message) -> Any:
    """The HttpBody that a message is or has; None: it neither is nor has one."""
    if message.DESCRIPTOR.full_name == HTTP_BODY:
        return message
    for field in message.DESCRIPTOR.fields:
        if field.message_type is not None and field.message_type.full_name == HTTP_BODY:
            return getattr(message, field.name)
    return None


def parsed_json(text: bytes | str) -> Any:
    """A document of RFC 8259; ValueError: it is none, NaN is in it, or a name is there twice."""
    if isinstance(text, bytes):
        text = text.decode()
    return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_object)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError(f"a name is there twice: {[name for name, _ in pairs]}")
    return made


def same_json(expected: Any, found: Any, *, subset: bool = False) -> bool:
    """subset: objects of `found` may have further members. True is not 1."""
    if isinstance(expected, dict) and isinstance(found, dict):
        names_agree = expected.keys() <= found.keys() if subset else expected.keys() == found.keys()
        return names_agree and all(
            same_json(value, found[name], subset=subset) for name, value in expected.items()
        )
    if isinstance(expected, list) and isinstance(found, list):
        return len(expected) == len(found) and all(
            same_json(*both, subset=subset) for both in zip(expected, found, strict=True)
        )
    return isinstance(expected, bool) == isinstance(found, bool) and expected == found
