"""Why the codec refuses a body: which part of it, and the rule that the part breaks.

The codec says yes or no to a message; asked about smaller and smaller parts, it shows which one it means.
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


def explain(codec: Codec, value: Any, message: Descriptor, at: str = "") -> Refusal:
    """The refusal of a value that the codec does not take for this message.

    at: where the value stands in the body; empty for the body itself.
    """
    if type(value) is dict and message.full_name not in OPAQUE:
        fields = {each.json_name: each for each in message.fields}
        fields |= {each.name: each for each in message.fields}
        known = [name for name in value if name in fields]
        name = _refused(
            known,
            lambda names: codec.accepts(message.full_name, {name: value[name] for name in names}),
        )
        if name is not None:
            return _explain_field(codec, value[name], fields[name], f"{at}.{name}" if at else name)
    return _wrong(at, message_rule(message.full_name), value)


def _explain_field(codec: Codec, value: Any, each: FieldDescriptor, place: str) -> Refusal:
    if is_map(each):
        return _explain_map(codec, value, each, place)
    if not each.is_repeated:
        return _explain_one(codec, value, each, place)
    if type(value) is not list:
        return _wrong(place, "a list", value)
    container = holder_of(each).full_name
    index = _refused(
        range(len(value)),
        lambda part: codec.accepts(container, {each.name: [value[index] for index in part]}),
    )
    if index is not None:
        return _explain_one(codec, value[index], each, f"{place}[{index}]")
    return _wrong(place, "a list", value)


def _explain_map(codec: Codec, value: Any, each: FieldDescriptor, place: str) -> Refusal:
    entry = message_of(each)
    assert entry is not None
    key_rule = rule_of(entry.fields_by_name["key"])
    value_field = entry.fields_by_name["value"]
    rule = f"an object that maps {key_rule} to {rule_of(value_field)}"
    if type(value) is not dict:
        return _wrong(place, rule, value)
    container = holder_of(each).full_name
    key = _refused(
        list(value),
        lambda keys: codec.accepts(container, {each.name: {key: value[key] for key in keys}}),
    )
    if key is None:
        return _wrong(place, rule, value)
    element = value[key]
    if type(element) is dict and message_of(value_field) is not None:
        return _explain_one(codec, element, value_field, f"{place}[{json.dumps(key)}]")
    return _wrong(place, rule, {key: element})


def _refused(parts: Sequence[T], accepts: Callable[[Sequence[T]], bool]) -> T | None:
    """The first of the parts that is refused, where all together are; found by halving."""
    while len(parts) > 1:
        half = parts[: len(parts) // 2]
        parts = parts[len(half) :] if accepts(half) else half
    return parts[0] if parts else None


def _explain_one(codec: Codec, value: Any, each: FieldDescriptor, place: str) -> Refusal:
    message = message_of(each)
    if message is not None:
        return explain(codec, value, message, place)
    return _wrong(place, rule_of(each), value)


def _wrong(place: str, rule: str, value: Any) -> Refusal:
    what = f"{place}: expected" if place else "The body: expected"
    return invalid(place, "FIELD_INVALID", f"{what} {rule}, not {shown(value)}.")
