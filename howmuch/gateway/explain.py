"""Finds the field of a body that the codec rejects, and the rule that it breaks.

The codec only accepts or rejects a whole message, so parts of the body are tried in a binary search.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from howmuch.gateway.codec import Codec
from howmuch.gateway.descriptors import OPAQUE, holder_of, is_map, message_of
from howmuch.gateway.json_text import shown
from howmuch.gateway.status import Refusal, invalid
from howmuch.gateway.wire import message_rule, rule_of

T = TypeVar("T")


def explain(codec: Codec, value: Any, message: Descriptor, path: str = "") -> Refusal:
    """The error for a value that the codec rejects. path: of the value; empty means the body itself."""
    if type(value) is dict and message.full_name not in OPAQUE:
        fields = {each.json_name: each for each in message.fields}
        fields |= {each.name: each for each in message.fields}
        known = [name for name in value if name in fields]
        name = _refused(
            known,
            lambda names: codec.accepts(message.full_name, {name: value[name] for name in names}),
        )
        if name is not None:
            return _explain_field(
                codec, value[name], fields[name], f"{path}.{name}" if path else name
            )
    return _wrong(path, message_rule(message.full_name), value)


def _explain_field(codec: Codec, value: Any, each: FieldDescriptor, path: str) -> Refusal:
    if is_map(each):
        return _explain_map(codec, value, each, path)
    if not each.is_repeated:
        return _explain_one(codec, value, each, path)
    if type(value) is not list:
        return _wrong(path, "a list", value)
    return explain_elements(codec, value, each, path)


def explain_elements(
    codec: Codec, value: list[Any], each: FieldDescriptor, path: str, start: int = 0
) -> Refusal:
    """The error for elements of a list that the codec rejects. path: of the list. start: of the first."""
    container = holder_of(each).full_name
    index = _refused(
        range(len(value)),
        lambda part: codec.accepts(container, {each.name: [value[index] for index in part]}),
    )
    if index is not None:
        return _explain_one(codec, value[index], each, f"{path}[{start + index}]")
    return _wrong(path, "a list", value)


def _explain_map(codec: Codec, value: Any, each: FieldDescriptor, path: str) -> Refusal:
    entry = message_of(each)
    assert entry is not None
    key_rule = rule_of(entry.fields_by_name["key"])
    value_field = entry.fields_by_name["value"]
    rule = f"an object that maps {key_rule} to {rule_of(value_field)}"
    if type(value) is not dict:
        return _wrong(path, rule, value)
    container = holder_of(each).full_name
    key = _refused(
        list(value),
        lambda keys: codec.accepts(container, {each.name: {key: value[key] for key in keys}}),
    )
    if key is None:
        return _wrong(path, rule, value)
    element = value[key]
    if type(element) is dict and message_of(value_field) is not None:
        return _explain_one(codec, element, value_field, f"{path}[{json.dumps(key)}]")
    return _wrong(path, rule, {key: element})


def _refused(parts: Sequence[T], accepts: Callable[[Sequence[T]], bool]) -> T | None:
    """The first rejected part of parts that are rejected together."""
    while len(parts) > 1:
        half = parts[: len(parts) // 2]
        parts = parts[len(half) :] if accepts(half) else half
    return parts[0] if parts else None


def _explain_one(codec: Codec, value: Any, each: FieldDescriptor, path: str) -> Refusal:
    message = message_of(each)
    if message is not None:
        return explain(codec, value, message, path)
    return _wrong(path, rule_of(each), value)


def _wrong(path: str, rule: str, value: Any) -> Refusal:
    said = f"{path or 'The body'}: expected {rule}, not {shown(value)}."
    return invalid(path, "FIELD_INVALID", said)
