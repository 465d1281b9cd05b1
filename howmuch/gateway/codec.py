"""JSON to wire and back with protobuf-py: Buf's runtime, with a Rust core and conformant ProtoJSON.

Only this module imports that library. It is young: its version is bounded in pyproject.toml, and the cases in
tests/gateway decide about upgrades. It is lenient about duplicate keys and two members of a
oneof, so `json_text` and `bodies` check first.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pb2 import DescriptorProto, EnumDescriptorProto, FileDescriptorProto
from google.rpc import error_details_pb2, status_pb2
from protobuf import Message, Registry, message_from_json_value, message_to_json_value

# Used by generated code; there is no public function yet that adds a descriptor set to a registry.
from protobuf._file_registry import add_file
from protobuf.wkt import FileDescriptorSet

from howmuch.gateway.descriptors import fill_json_names
from howmuch.gateway.float32 import Float32

FromJson = Callable[[bytes], bytes]
"""JSON text to the wire. Raises CodecError."""


class CodecError(ValueError):
    """JSON that is not such a message; `howmuch.gateway.explain` finds the wrong part."""


class TooDeepError(CodecError):
    """JSON or a message that nests too deep."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A message as JSON. etag: value of its field `etag`; empty means none."""

    json: str
    etag: str


class Codec:
    """Creates converters for the messages of a descriptor set."""

    def __init__(
        self, files: Sequence[FileDescriptorProto], *, emit_defaults: bool = False
    ) -> None:
        """files: imports first. emit_defaults: print fields without presence at their default too."""
        self.emits_defaults = emit_defaults
        self._options = {"always_emit_implicit": emit_defaults}
        self._registry = Registry()
        self._float32 = Float32(files)
        for file in _with_error_details(files):
            add_file(self._registry, file, None)

    def from_json(self, name: str, *, ignore_unknown: bool = False) -> FromJson:
        """The parser of a message type. name: its full name."""
        read, registry = self._type(name).from_json, self._registry

        def to_wire(text: bytes) -> bytes:
            try:
                message = read(text, registry=registry, ignore_unknown_fields=ignore_unknown)
                return message.to_binary()
            except RecursionError as error:
                raise TooDeepError(str(error)) from None
            except (ValueError, TypeError, OverflowError) as error:
                raise CodecError(str(error)) from None

        return to_wire

    def from_value(self, name: str, value: Any, *, ignore_unknown: bool = False) -> bytes:
        """A parsed JSON value to the wire. Raises CodecError."""
        try:
            message = message_from_json_value(
                self._type(name),
                value,
                registry=self._registry,
                ignore_unknown_fields=ignore_unknown,
            )
            return message.to_binary()
        except RecursionError as error:
            raise TooDeepError(str(error)) from None
        except (ValueError, TypeError, OverflowError) as error:
            raise CodecError(str(error)) from None

    def to_json(self, name: str) -> Callable[[bytes], Printed]:
        """The printer of a message type. It raises ValueError for other bytes, TooDeepError for deep ones."""
        message_type, registry, options = self._type(name), self._registry, self._options
        read = _reader(message_type)
        to_value = self.to_value(name) if self._float32.is_in(name) else None
        has_etag = any(field.name == "etag" for field in message_type._desc.fields)

        def to_json(wire: bytes) -> Printed:
            message: Any = read(wire)
            etag = message.etag if has_etag else ""
            if to_value is None:
                text = message.to_json(registry=registry, **options)
            else:
                text = json.dumps(to_value(wire), ensure_ascii=False, separators=(",", ":"))
            return Printed(text, etag if isinstance(etag, str) else "")

        return to_json

    def to_value(self, name: str) -> Callable[[bytes], Any]:
        """Like `to_json`, but prints to Python values as `json.loads` returns them."""
        message_type, float32 = self._type(name), self._float32
        has_float32, read = float32.is_in(name), _reader(message_type)

        def to_value(wire: bytes) -> Any:
            message = read(wire)
            value = message_to_json_value(message, registry=self._registry, **self._options)
            return float32.shortened(value, name) if has_float32 else value

        return to_value

    def submessage(self, name: str, field: str) -> Callable[[bytes], bytes | None]:
        """Extracts a message field on the wire; None means not set."""
        message_type = self._type(name)
        member = next(each for each in message_type._desc.fields if each.name == field)
        read = _reader(message_type)

        def submessage(wire: bytes) -> bytes | None:
            inner = read(wire)[member]
            return None if inner is None else inner.to_binary()

        return submessage

    def scalar(self, name: str, field: str) -> Callable[[bytes], str]:
        """Extracts a scalar field on the wire, as text."""
        message_type = self._type(name)
        member = next(each for each in message_type._desc.fields if each.name == field)
        return lambda wire: str(message_type.from_binary(wire)[member])

    def accepts(self, name: str, value: Any) -> bool:
        """Whether a parsed JSON value is such a message."""
        try:
            message_from_json_value(self._type(name), value, registry=self._registry)
        except (ValueError, TypeError, OverflowError, RecursionError):
            return False
        return True

    def knows(self, name: str) -> bool:
        return self._registry.message(name) is not None

    def _type(self, name: str) -> type[Message[Any]]:
        found = self._registry.message(name)
        if found is None:
            raise KeyError(name)
        return found.type


def _reader(message_type: type[Message[Any]]) -> Callable[[bytes], Any]:
    """Reads a message from the wire. Raises ValueError, TooDeepError."""
    from_binary = message_type.from_binary

    def read(wire: bytes) -> Any:
        try:
            return from_binary(wire)
        except RecursionError as error:
            raise TooDeepError(str(error)) from None

    return read


def _with_error_details(files: Sequence[FileDescriptorProto]) -> list[Any]:
    """The files, with those of google.rpc that error details need."""
    known = {file.name for file in files}
    added: list[FileDescriptorProto] = []
    waiting = [error_details_pb2.DESCRIPTOR, status_pb2.DESCRIPTOR]
    while waiting:
        descriptor = waiting.pop()
        if descriptor.name not in known:
            known.add(descriptor.name)
            file = FileDescriptorProto.FromString(descriptor.serialized_pb)
            fill_json_names(file.message_type)
            added.append(file)
            waiting += descriptor.dependencies
    # Files found later are imported by files found earlier.
    together = descriptor_pb2.FileDescriptorSet(file=[*files, *reversed(added)])
    for each in together.file:
        _put_aliases_first(each.enum_type, each.message_type)
    return list(FileDescriptorSet.from_binary(together.SerializeToString()).file)


def _put_aliases_first(
    enums: Iterable[EnumDescriptorProto], messages: Iterable[DescriptorProto]
) -> None:
    """Moves aliases before the name that they stand for: the library prints the last one of a number."""
    for enum in enums:
        if enum.options.allow_alias:
            first = {value.number: at for at, value in reversed(list(enumerate(enum.value)))}
            names = sorted(
                enumerate(enum.value), key=lambda each: (first[each[1].number], -each[0])
            )
            values = [value for _, value in names]
            del enum.value[:]
            enum.value.extend(values)
    for message in messages:
        _put_aliases_first(message.enum_type, message.nested_type)
