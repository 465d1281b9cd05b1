"""What JSON bodies may hold: checked before the codec, which would let some of it pass.

Refused: unknown fields, one field under both of its names, two members of a oneof, and another value for
a field that the path has set.
"""

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.api import field_behavior_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from howmuch.gateway.descriptors import FIELD_MASK, OPAQUE, SCALAR_LIKE, is_map, message_of
from howmuch.gateway.json_text import MAX_DEPTH, check_wire_depth, short, shown, too_deep
from howmuch.gateway.status import Refusal, invalid
from howmuch.gateway.wire import field_mask

Bound = Mapping[str, Any]
"""What the path sets in a message: name of a field, as in the proto file, to its text or to a Bound."""


@dataclass(frozen=True, slots=True)
class Key:
    """What may stand under a key.

    shape: of the message there, or of those in a list or map; None where there are none. oneof: empty
    where the field is not in one. set_by_server: OUTPUT_ONLY or IDENTIFIER. is_mask: a FieldMask.
    is_dynamic: any JSON, such as a Struct.
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
    """The keys that a JSON object of a message may have, under both of their names."""

    name: str
    keys: dict[str, Key] = field(default_factory=dict)


class Shapes:
    """The shapes of messages, made when first asked for."""

    def __init__(self) -> None:
        self._made: dict[str, Shape] = {}

    def of(self, message: Descriptor) -> Shape:
        """The shape of a message; a message inside itself finds its own."""
        shape = self._made.get(message.full_name)
        if shape is None:
            shape = self._made[message.full_name] = Shape(message.name)
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
        by_server = {field_behavior_pb2.OUTPUT_ONLY, field_behavior_pb2.IDENTIFIER}
        return Key(
            field=each,
            name=each.name,
            # What protoc makes of `optional` is a oneof of that field alone.
            oneof=oneof.name if oneof is not None and len(oneof.fields) > 1 else "",
            shape=self.of(inner) if inner is not None and inner.full_name not in OPAQUE else None,
            many=each.is_repeated and not mapped,
            mapped=mapped,
            set_by_server=bool(by_server & behavior),
            is_mask=inner is not None and inner.full_name == FIELD_MASK,
            is_dynamic=inner is not None and inner.full_name in OPAQUE - SCALAR_LIKE,
        )


def check_body(
    value: Any,
    shape: Shape,
    bound: Bound,
    *,
    ignore_unknown: bool,
    at: str = "",
    depth: int = 1,
) -> None:
    """Raises Refusal for what the module's docstring lists. What is no object is left to the codec.

    at: where the value stands in the body, for people: `split.lines[2]`.
    """
    if type(value) is not dict:
        return
    if depth > MAX_DEPTH:
        raise too_deep()
    taken: dict[str, str] = {}
    for name, inner in value.items():
        key = shape.keys.get(name)
        if key is None:
            if ignore_unknown:
                continue
            raise _unknown(_place(at, name), name, shape)
        if taken.setdefault(key.name, name) != name:
            raise _twice(at, name, taken[key.name])
        if key.oneof and inner is not None:
            # A field's name has no dot in it, so that the two kinds of entries cannot meet.
            if taken.setdefault(f".{key.oneof}", name) != name:
                raise _twice(at, name, taken[f".{key.oneof}"])
            if bound:
                _check_siblings(key, bound, at, name)
        if bound and key.name in bound:
            inner_bound = bound[key.name]
            if not isinstance(inner_bound, Mapping):
                _check_repeats(inner, inner_bound, _place(at, name))
                continue
        else:
            inner_bound = {}
        check_special(inner, key, _place(at, name), depth)
        if key.shape is None:
            continue
        for place, element in elements(inner, key, _place(at, name)):
            check_body(
                element,
                key.shape,
                inner_bound,
                ignore_unknown=ignore_unknown,
                at=place,
                depth=depth + 1,
            )


def check_special(value: Any, key: Key, place: str, depth: int) -> None:
    """Refuses what the codec takes of well-known types, and a service does not, or cannot be printed."""
    if key.is_dynamic:
        check_wire_depth(value, depth + 1)
    if not key.is_mask:
        return
    for text in value if type(value) is list else [value]:
        if isinstance(text, str):
            try:
                field_mask(text)
            except ValueError as error:
                said = f"{place}: expected {error}, not {shown(text)}."
                raise invalid(place, "FIELD_INVALID", said) from None


def mask_of(value: Mapping[str, Any], shape: Shape, bound: Bound, *, deep: bool) -> Iterator[str]:
    """The paths of the field mask that a PATCH with this body means, as in the proto file.

    Null is in it, for it clears. Fields that the path or the server sets are not. deep: the fields inside
    a message rather than the message, unless it is empty.
    """
    for name, inner in value.items():
        key = shape.keys.get(name)
        if key is None or key.set_by_server:
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


def elements(inner: Any, key: Key, place: str) -> Iterator[tuple[str, Any]]:
    """The messages under a key, whether one, a list or a map, each with its place."""
    if key.many:
        if type(inner) is list:
            for index, element in enumerate(inner):
                yield f"{place}[{index}]", element
    elif key.mapped:
        if type(inner) is dict:
            for name, element in inner.items():
                yield f"{place}[{json.dumps(name)}]", element
    else:
        yield place, inner


def _check_repeats(inner: Any, text: str, place: str) -> None:
    """A client may send back what it read, so the body may repeat what the path has set."""
    given = {True: "true", False: "false"}[inner] if isinstance(inner, bool) else str(inner)
    if inner is not None and given != text:
        raise invalid(
            place,
            "FIELD_BOUND_BY_PATH",
            f"{place}: the path says {shown(text)}, so the body cannot say {shown(inner)}.",
        )


def _check_siblings(key: Key, bound: Bound, at: str, name: str) -> None:
    oneof = key.field.containing_oneof
    for other in oneof.fields if oneof is not None else ():
        if other.name in bound and other.name != key.name:
            place = _place(at, name)
            raise invalid(
                place,
                "FIELD_BOUND_BY_PATH",
                f"{place}: the path has set {other.json_name}, and only one of them can be set.",
            )


def _twice(at: str, name: str, other: str) -> Refusal:
    place = _place(at, name)
    return invalid(
        place, "FIELD_TWICE", f"{place}: {other} is given as well, and only one of them can be set."
    )


def _unknown(place: str, name: str, shape: Shape) -> Refusal:
    names = [key.field.json_name for key in shape.keys.values()]
    close = difflib.get_close_matches(name[:100], names, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    return invalid(
        short(place), "FIELD_UNKNOWN", f"{short(place)}: {shape.name} has no such field.{hint}"
    )


def _place(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name
