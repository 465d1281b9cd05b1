"""Why the codec refuses a body: which part of it, and the rule that the part breaks.

The codec says yes or no to a message; asked about smaller and smaller parts, it shows which one it means.
"""

import json
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from howmuch.gateway.codec import Codec
from howmuch.gateway.descriptors import OPAQUE, holder_of, is_map, message_of
from howmuch.gateway.json_text import shown
from howmuch.gateway.status import Refusal, invalid
from howmuch.gateway.wire import message_rule, rule_of


def explain(codec: Codec, value: Any, message: Descriptor, at: str = "") -> Refusal:
    """The refusal of a value that the codec does not take for this message.

    at: where the value stands in the body; empty for the body itself.
    """
    if type(value) is dict and message.full_name not in OPAQUE:
        fields = {each.json_name: each for each in message.fields}
        fields |= {each.name: each for each in message.fields}
        for name, inner in value.items():
            each = fields.get(name)
            if each is not None and not codec.accepts(message.full_name, {name: inner}):
                return _explain_field(codec, inner, each, f"{at}.{name}" if at else name)
    return _wrong(at, message_rule(message.full_name), value)


def _explain_field(codec: Codec, value: Any, each: FieldDescriptor, place: str) -> Refusal:
    if is_map(each):
        return _explain_map(codec, value, each, place)
    if not each.is_repeated:
        return _explain_one(codec, value, each, place)
    if type(value) is not list:
        return _wrong(place, "a list", value)
    container = holder_of(each).full_name
    for index, element in enumerate(value):
        if not codec.accepts(container, {each.name: [element]}):
            return _explain_one(codec, element, each, f"{place}[{index}]")
    return _wrong(place, "a list", value)


def _explain_map(codec: Codec, value: Any, each: FieldDescriptor, place: str) -> Refusal:
    entry = message_of(each)
    assert entry is not None
    key_rule = rule_of(entry.fields_by_name["key"])
    value_field = entry.fields_by_name["value"]
    rule = f"an object that maps {key_rule} to {rule_of(value_field)}"
    if type(value) is not dict:
        return _wrong(place, rule, value)
    for key, element in value.items():
        if codec.accepts(holder_of(each).full_name, {each.name: {key: element}}):
            continue
        if type(element) is dict and message_of(value_field) is not None:
            return _explain_one(codec, element, value_field, f"{place}[{json.dumps(key)}]")
        return _wrong(place, rule, {key: element})
    return _wrong(place, rule, value)


def _explain_one(codec: Codec, value: Any, each: FieldDescriptor, place: str) -> Refusal:
    message = message_of(each)
    if message is not None:
        return explain(codec, value, message, place)
    return _wrong(place, rule_of(each), value)


def _wrong(place: str, rule: str, value: Any) -> Refusal:
    what = f"{place}: expected" if place else "The body: expected"
    return invalid(place, "FIELD_INVALID", f"{what} {rule}, not {shown(value)}.")
