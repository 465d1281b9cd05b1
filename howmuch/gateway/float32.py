"""Numbers of single precision in JSON, in the shortest form that reads back as the same number.

protobuf-py prints them with double precision: 0.10000000149011612 for 0.1.
"""

import struct
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

_FLOAT_VALUE = "google.protobuf.FloatValue"
_SINGLE = struct.Struct("<f")


class _Field(NamedTuple):
    """message: full name of its type; empty means such a number. mapped: whether it is a map."""

    message: str
    mapped: bool


class Float32:
    """The numbers of single precision in messages. Those in google.protobuf.Any stay as they are."""

    def __init__(self, files: Iterable[FileDescriptorProto]) -> None:
        self._messages: dict[str, DescriptorProto] = {}
        for file in files:
            self._add(file.package, file.message_type)
        self._fields: dict[str, Mapping[str, _Field]] = {}

    def is_in(self, name: str) -> bool:
        """Whether a message of this type, or one inside it, has such a number."""
        waiting, seen = [name], {name}
        while waiting:
            for field in self._fields_of(waiting.pop()).values():
                if field.message in ("", _FLOAT_VALUE):
                    return True
                if field.message not in seen:
                    seen.add(field.message)
                    waiting.append(field.message)
        return name == _FLOAT_VALUE

    def shortened(self, value: Any, name: str) -> Any:
        """The JSON value of a message, changed in place. name: of its type."""
        if name in ("", _FLOAT_VALUE):
            return _shortest(value) if isinstance(value, float) else value
        if not isinstance(value, dict):
            return value
        for key, field in self._fields_of(name).items():
            if key in value:
                value[key] = self._field(value[key], field)
        return value

    def _field(self, value: Any, field: _Field) -> Any:
        if field.mapped and isinstance(value, dict):
            return {key: self.shortened(each, field.message) for key, each in value.items()}
        if isinstance(value, list):
            return [self.shortened(each, field.message) for each in value]
        return self.shortened(value, field.message)

    def _add(self, scope: str, messages: Iterable[DescriptorProto]) -> None:
        for message in messages:
            name = f"{scope}.{message.name}" if scope else message.name
            self._messages[name] = message
            self._add(name, message.nested_type)

    def _fields_of(self, name: str) -> Mapping[str, _Field]:
        """The fields with messages or such numbers, by JSON name."""
        if name not in self._fields:
            message = self._messages.get(name, DescriptorProto())
            named = [(each.json_name, self._kind(each)) for each in message.field]
            self._fields[name] = {key: kind for key, kind in named if kind is not None}
        return self._fields[name]

    def _kind(self, field: FieldDescriptorProto) -> _Field | None:
        if field.type == FieldDescriptorProto.TYPE_FLOAT:
            return _Field("", mapped=False)
        if field.type not in (FieldDescriptorProto.TYPE_MESSAGE, FieldDescriptorProto.TYPE_GROUP):
            return None
        name = field.type_name.removeprefix(".")
        message = self._messages.get(name)
        if message is None or not message.options.map_entry:
            return _Field(name, mapped=False)
        of_value = next((self._kind(each) for each in message.field if each.number == 2), None)
        return of_value._replace(mapped=True) if of_value is not None else None


def _shortest(number: float) -> float:
    """The number of double precision with the fewest digits that has the same single precision."""
    packed = _SINGLE.pack(number)
    for digits in range(1, 10):  # Nine digits tell all of them apart.
        shorter = float(f"{number:.{digits}g}")
        try:
            if _SINGLE.pack(shorter) == packed:
                return shorter
        except OverflowError:  # Rounded up beyond the largest one.
            continue
    return number
