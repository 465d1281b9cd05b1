"""Checks of JSON bodies that the codec, being lenient, does not make.

Refused: unknown fields, a field under both of its names, and two members of a oneof. For a field that the
URL path sets, any value other than the path's is refused as well.
"""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from google.api import field_behavior_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from howmuch.gateway.descriptors import FIELD_MASK, OPAQUE, SCALAR_LIKE, is_map, message_of
from howmuch.gateway.json_text import MAX_DEPTH, check_wire_depth, short, shown, too_deep
from howmuch.gateway.status import Refusal, Refusals, invalid
from howmuch.gateway.wire import field_mask

Bound = Mapping[str, Any]
"""Fields that the URL path sets: proto field name to its text, or to a Bound for a message."""

_SET_BY_SERVER = {field_behavior_pb2.OUTPUT_ONLY, field_behavior_pb2.IDENTIFIER}


@dataclass(frozen=True, slots=True)
class Key:
    """A field as a key of a JSON object.

    shape: of its message, or of the messages in its list or map; None means no message to check.
    oneof: empty means none. set_by_server: OUTPUT_ONLY or IDENTIFIER. is_dynamic: any JSON, such as a Struct.
    """

    field: FieldDescriptor
    name: str
    oneof: str
    shape: "Shape | None"
    many: bool
    mapped: bool
    set_by_server: bool
    is_mask: bool
    is_dynamic: bool


@dataclass(slots=True)
class Shape:
    """The keys that a JSON object of a message may have: JSON names and proto names."""

    name: str
    keys: dict[str, Key] = field(default_factory=dict)


class Element(NamedTuple):
    """A value in a body. path: such as `split.lines[2]`."""

    path: str
    value: Any


class Shapes:
    """Shapes of messages, created lazily. A recursive message refers to its own shape."""

    def __init__(self) -> None:
        self._shapes: dict[str, Shape] = {}

    def of(self, message: Descriptor) -> Shape:
        shape = self._shapes.get(message.full_name)
        if shape is None:
            shape = self._shapes[message.full_name] = Shape(message.name)
            for each in message.fields:
                shape.keys[each.json_name] = shape.keys[each.name] = self._key(each)
        return shape

    def _key(self, each: FieldDescriptor) -> Key:
        inner = message_of(each)
        mapped = is_map(each)
        if mapped and inner is not None:
            inner = message_of(inner.fields_by_name["value"])
        oneof = each.containing_oneof
        behavior = set(each.GetOptions().Extensions[field_behavior_pb2.field_behavior])
        return Key(
            field=each,
            name=each.name,
            # protoc turns an `optional` field into a oneof of one member.
            oneof=oneof.name if oneof is not None and len(oneof.fields) > 1 else "",
            shape=self.of(inner) if inner is not None and inner.full_name not in OPAQUE else None,
            many=each.is_repeated and not mapped,
            mapped=mapped,
            set_by_server=bool(_SET_BY_SERVER & behavior),
            is_mask=inner is not None and inner.full_name == FIELD_MASK,
            is_dynamic=inner is not None and inner.full_name in OPAQUE - SCALAR_LIKE,
        )


def check_body(
    value: Any,
    shape: Shape,
    bound: Bound,
    wrong: Refusals,
    *,
    ignore_unknown: bool,
    path: str = "",
    depth: int = 1,
) -> None:
    """Adds the errors listed above to `wrong`. The codec checks types. path: of the value.

    Raises Refusal for a body that is too deep.
    """
    if type(value) is not dict:
        return
    if depth > MAX_DEPTH:
        raise too_deep()
    taken: dict[str, str] = {}
    for name, inner in value.items():
        if wrong.is_full:
            return
        inner_path = f"{path}.{name}" if path else name
        key = shape.keys.get(name)
        if key is None:
            if not ignore_unknown:
                wrong.add(_unknown(inner_path, name, shape))
            continue
        with wrong:
            _check_once(key, name, inner, taken, bound, inner_path)
        inner_bound = bound.get(key.name, {})
        with wrong:
            if not isinstance(inner_bound, Mapping):
                _check_repeats(inner, inner_bound, inner_path)
            elif not inner_bound:
                check_special(inner, key, inner_path, depth)
        if key.shape is None or not isinstance(inner_bound, Mapping):
            continue
        for element in elements(inner, key, inner_path):
            check_body(
                element.value,
                key.shape,
                inner_bound,
                wrong,
                ignore_unknown=ignore_unknown,
                path=element.path,
                depth=depth + 1,
            )


def _check_once(
    key: Key, name: str, value: Any, taken: dict[str, str], bound: Bound, path: str
) -> None:
    """Refuses a field under its other name, and a second member of a oneof.

    taken: fields and oneofs that the object has so far.
    """
    if taken.setdefault(key.name, name) != name:
        raise _twice(path, taken[key.name])
    if key.oneof and value is not None:
        # A field name has no dot, so these entries cannot collide with field names.
        if taken.setdefault(f".{key.oneof}", name) != name:
            raise _twice(path, taken[f".{key.oneof}"])
        if bound:
            _check_siblings(key, bound, path)


def check_special(value: Any, key: Key, path: str, depth: int) -> None:
    """Refuses values of well-known types that the codec accepts but services reject or JSON cannot hold."""
    if key.is_dynamic:
        check_wire_depth(value, depth + 1)
    if not key.is_mask:
        return
    for text in value if type(value) is list else [value]:
        if isinstance(text, str):
            try:
                field_mask(text)
            except ValueError as error:
                said = f"{path}: expected {error}, not {shown(text)}."
                raise invalid(path, "FIELD_INVALID", said) from None


def mask_of(value: Mapping[str, Any], shape: Shape, bound: Bound, *, deep: bool) -> Iterator[str]:
    """The paths of the field mask that the body of a PATCH implies, in proto names.

    Null is included, since it clears. Fields that the URL path sets are not, nor values of fields that the
    server sets. deep: name the
    fields inside a message, not the message, unless it is empty.
    """
    for name, inner in value.items():
        key = shape.keys.get(name)
        if key is None or (key.set_by_server and inner is not None):
            continue
        within = bound.get(key.name, {})
        if not isinstance(within, Mapping):
            continue
        paths: list[str] = []
        if deep and type(inner) is dict and key.shape is not None and not key.mapped:
            paths = list(mask_of(inner, key.shape, within, deep=True))
        yield from (f"{key.name}.{path}" for path in paths or ())
        if not paths:
            yield key.name


def elements(value: Any, key: Key, path: str) -> Iterator[Element]:
    """The messages in the value of a field: itself, or the elements of its list or map."""
    if key.many:
        if type(value) is list:
            for index, element in enumerate(value):
                yield Element(f"{path}[{index}]", element)
    elif key.mapped:
        if type(value) is dict:
            for name, element in value.items():
                yield Element(f"{path}[{shown(name)}]", element)
    else:
        yield Element(path, value)


def _check_repeats(value: Any, text: str, path: str) -> None:
    """The body may repeat the URL path's value: clients send back resources as they read them."""
    given = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    if value is not None and given != text:
        said = f"{path}: the URL path sets {shown(text)}, so the body cannot set {shown(value)}."
        raise invalid(path, "FIELD_BOUND_BY_PATH", said)


def _check_siblings(key: Key, bound: Bound, path: str) -> None:
    oneof = key.field.containing_oneof
    for other in oneof.fields if oneof is not None else ():
        if other.name in bound and other.name != key.name:
            said = f"{path}: the URL path sets {other.json_name}; only one of the two can be set."
            raise invalid(path, "FIELD_BOUND_BY_PATH", said)


def _twice(path: str, other: str) -> Refusal:
    said = f"{path}: {other} is set as well; only one of the two can be set."
    return invalid(path, "FIELD_TWICE", said)


def _unknown(path: str, name: str, shape: Shape) -> Refusal:
    names = [key.field.json_name for key in shape.keys.values()]
    close = difflib.get_close_matches(name[:100], names, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    path = short(path)
    return invalid(path, "FIELD_UNKNOWN", f"{path}: {shape.name} has no such field.{hint}")
