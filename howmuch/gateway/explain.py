"""Finds the fields of a body that the codec rejects, and the rule that each breaks.

The codec only accepts or rejects a whole message, so parts of the body are tried in a binary search.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from howmuch.gateway.codec import Codec
from howmuch.gateway.descriptors import OPAQUE, holder_of, is_map, message_of
from howmuch.gateway.json_text import shown
from howmuch.gateway.status import Refusal, Refusals, invalid
from howmuch.gateway.wire import message_rule, rule_of

T = TypeVar("T")


def explain(codec: Codec, value: Any, message: Descriptor, path: str = "") -> Refusal:
    """The error for a value that the codec rejects. path: of the value; empty means the body itself."""
    return _together(_in_message(codec, value, message, path))


def explain_to(
    wrong: Refusals, codec: Codec, value: Any, message: Descriptor, path: str = ""
) -> None:
    """Adds the error for a value that the codec rejects. Unknown fields are in `wrong` already."""
    value = _known(value, message)
    if not wrong or not codec.accepts(message.full_name, value):
        wrong.add(explain(codec, value, message, path))


def _known(value: Any, message: Descriptor) -> Any:
    """The value without the fields that the message does not have."""
    if type(value) is not dict or message.full_name in OPAQUE:
        return value
    fields = {each.json_name: each for each in message.fields}
    fields |= {each.name: each for each in message.fields}
    return {name: _known_in(inner, fields[name]) for name, inner in value.items() if name in fields}


def _known_in(value: Any, each: FieldDescriptor) -> Any:
    kind = message_of(each)
    if kind is None:
        return value
    if is_map(each):
        inner = message_of(kind.fields_by_name["value"])
        if type(value) is not dict or inner is None:
            return value
        return {key: _known(element, inner) for key, element in value.items()}
    if each.is_repeated:
        return [_known(element, kind) for element in value] if type(value) is list else value
    return _known(value, kind)


def explain_elements_to(
    wrong: Refusals,
    codec: Codec,
    value: list[Any],
    each: FieldDescriptor,
    path: str,
    start: int,
) -> None:
    """The same for elements of a list. path: of the list. start: index of the first."""
    value = _known_in(value, each)
    if not wrong or not codec.accepts(holder_of(each).full_name, {each.name: value}):
        wrong.add(_together(_in_elements(codec, value, each, path, start)))


def _together(found: Iterator[Refusal]) -> Refusal:
    wrong = Refusals()
    for refusal in found:
        wrong.add(refusal)
        if wrong.is_full:
            break
    return wrong.together()


def _in_message(codec: Codec, value: Any, message: Descriptor, path: str) -> Iterator[Refusal]:
    """Of a rejected value; at least one refusal."""
    wrong = False
    if type(value) is dict and message.full_name not in OPAQUE:
        fields = {each.json_name: each for each in message.fields}
        fields |= {each.name: each for each in message.fields}
        known = [name for name in value if name in fields]
        for name in _refused(
            known,
            lambda names: codec.accepts(message.full_name, {name: value[name] for name in names}),
        ):
            wrong = True
            inner_path = f"{path}.{name}" if path else name
            yield from _in_field(codec, value[name], fields[name], inner_path)
    if not wrong:
        yield _wrong(path, message_rule(message.full_name), value)


def _in_field(codec: Codec, value: Any, each: FieldDescriptor, path: str) -> Iterator[Refusal]:
    if is_map(each):
        yield from _in_map(codec, value, each, path)
    elif not each.is_repeated:
        yield from _in_one(codec, value, each, path)
    elif type(value) is not list:
        yield _wrong(path, "a list", value)
    else:
        yield from _in_elements(codec, value, each, path, 0)


def _in_elements(
    codec: Codec, value: list[Any], each: FieldDescriptor, path: str, start: int
) -> Iterator[Refusal]:
    container = holder_of(each).full_name
    wrong = False
    for index in _refused(
        range(len(value)),
        lambda part: codec.accepts(container, {each.name: [value[index] for index in part]}),
    ):
        wrong = True
        yield from _in_one(codec, value[index], each, f"{path}[{start + index}]")
    if not wrong:
        yield _wrong(path, "a list", value)


def _in_map(codec: Codec, value: Any, each: FieldDescriptor, path: str) -> Iterator[Refusal]:
    entry = message_of(each)
    assert entry is not None
    key_rule = rule_of(entry.fields_by_name["key"])
    value_field = entry.fields_by_name["value"]
    rule = f"an object that maps {key_rule} to {rule_of(value_field)}"
    if type(value) is not dict:
        yield _wrong(path, rule, value)
        return
    container = holder_of(each).full_name
    wrong = False
    for key in _refused(
        list(value),
        lambda keys: codec.accepts(container, {each.name: {key: value[key] for key in keys}}),
    ):
        wrong = True
        element = value[key]
        if type(element) is dict and message_of(value_field) is not None:
            yield from _in_one(codec, element, value_field, f"{path}[{json.dumps(key)}]")
        else:
            yield _wrong(path, rule, {key: element})
    if not wrong:
        yield _wrong(path, rule, value)


def _refused(parts: Sequence[T], accepts: Callable[[Sequence[T]], bool]) -> Iterator[T]:
    """The rejected parts, in their order, of parts that are rejected together."""
    if len(parts) <= 1:
        yield from parts
        return
    half, rest = parts[: len(parts) // 2], parts[len(parts) // 2 :]
    half_is_right = accepts(half)
    if not half_is_right:
        yield from _refused(half, accepts)
    # Rejected parts have a wrong half.
    if half_is_right or not accepts(rest):
        yield from _refused(rest, accepts)


def _in_one(codec: Codec, value: Any, each: FieldDescriptor, path: str) -> Iterator[Refusal]:
    message = message_of(each)
    if message is not None:
        yield from _in_message(codec, value, message, path)
    else:
        yield _wrong(path, rule_of(each), value)


def _wrong(path: str, rule: str, value: Any) -> Refusal:
    said = f"{path or 'The body'}: expected {rule}, not {shown(value)}."
    return invalid(path, "FIELD_INVALID", said)
