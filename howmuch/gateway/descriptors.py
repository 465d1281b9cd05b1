"""A FileDescriptorSet: its services with their HTTP rules and options.

`buf build --as-file-descriptor-set` and `protoc --include_imports --include_source_info` write one.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from google.api import annotations_pb2
from google.api.http_pb2 import HttpRule
from google.protobuf.descriptor import (
    Descriptor,
    EnumDescriptor,
    FieldDescriptor,
    MethodDescriptor,
    ServiceDescriptor,
)
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

HTTP_BODY = "google.api.HttpBody"
FIELD_MASK = "google.protobuf.FieldMask"

_WRAPPED = ("Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes")
SCALAR_LIKE = frozenset(
    {"google.protobuf.Timestamp", "google.protobuf.Duration", FIELD_MASK}
    | {f"google.protobuf.{name}Value" for name in _WRAPPED}
)
"""Messages that are one string, number or boolean in JSON and query parameters."""

OPAQUE = SCALAR_LIKE | {
    f"google.protobuf.{name}" for name in ("Struct", "Value", "ListValue", "Any")
}
"""Messages whose JSON is not an object of their fields."""


class DescriptorError(ValueError):
    """An unusable descriptor set."""


class Descriptors:
    """A linked descriptor set.

    files: in topological order, imports first. services: the served ones, in the order of the files.
    """

    def __init__(self, descriptor_set: bytes, services: Sequence[str] = ()) -> None:
        """services: full names to serve; empty means all with HTTP rules. Raises DescriptorError."""
        try:
            self.files = _in_order(FileDescriptorSet.FromString(descriptor_set).file)
            for file in self.files:
                fill_json_names(file.message_type)
        except DecodeError as error:
            raise DescriptorError("not a serialized FileDescriptorSet") from error
        self.pool = DescriptorPool()
        try:
            for file in self.files:
                self.pool.Add(file)
            found = [
                self.pool.FindServiceByName(_full_name(file.package, service.name))
                for file in self.files
                for service in file.service
            ]
        except (TypeError, KeyError) as error:
            raise DescriptorError(f"the descriptor set is incomplete: {error}") from error
        self.services = _chosen(found, services)

    def method_option(self, method: MethodDescriptor, name: str) -> Any:
        """The value of a custom option such as `example.v1.access`; None means not set.

        An enum value is its name. The descriptor set must define the option.
        """
        try:
            extension: Any = self.pool.FindExtensionByName(name)
            options_class = GetMessageClass(extension.containing_type)
        except KeyError:
            return None
        options = options_class.FromString(method.GetOptions().SerializeToString())
        if not options.HasExtension(extension):
            return None
        value: Any = options.Extensions[extension]
        if extension.enum_type is not None:
            known = extension.enum_type.values_by_number.get(value)
            return known.name if known else value
        return value


def http_rules(method: MethodDescriptor) -> tuple[HttpRule, ...]:
    """The method's rule and its additional bindings; empty means no HTTP rule."""
    options = method.GetOptions()
    if not options.HasExtension(annotations_pb2.http):
        return ()
    rule: HttpRule = options.Extensions[annotations_pb2.http]
    return (rule, *rule.additional_bindings)


def fill_json_names(messages: Iterable[DescriptorProto]) -> None:
    """Sets the JSON names, which protoc writes into descriptors and Python's runtime leaves out."""
    for message in messages:
        for field in message.field:
            if not field.HasField("json_name"):
                first, *rest = field.name.split("_")
                field.json_name = first + "".join(part[:1].upper() + part[1:] for part in rest)
        fill_json_names(message.nested_type)


def is_map(field: FieldDescriptor) -> bool:
    return (
        field.message_type is not None
        and field.message_type.GetOptions().map_entry
        and field.is_repeated
    )


def message_of(field: FieldDescriptor) -> Descriptor | None:
    """The type of a message field; None means another type."""
    return field.message_type


def enum_of(field: FieldDescriptor) -> EnumDescriptor | None:
    """The type of an enum field; None means another type."""
    return field.enum_type


def holder_of(field: FieldDescriptor) -> Descriptor:
    assert field.containing_type is not None
    return field.containing_type


def _full_name(package: str, name: str) -> str:
    return f"{package}.{name}" if package else name


def _chosen(found: list[ServiceDescriptor], names: Sequence[str]) -> list[ServiceDescriptor]:
    if not names:
        return [service for service in found if any(map(http_rules, service.methods))]
    known = {service.full_name: service for service in found}
    for name in names:
        if name not in known:
            raise DescriptorError(
                f"the descriptor set has no service {name!r}; it has {', '.join(known) or 'none'}"
            )
    return [known[name] for name in names]


def _in_order(files: Sequence[FileDescriptorProto]) -> list[FileDescriptorProto]:
    """The files in topological order, imports first."""
    by_name = {file.name: file for file in files}
    ordered: dict[str, FileDescriptorProto] = {}
    waiting = [(name, False) for name in reversed(by_name)]
    entered: set[str] = set()
    while waiting:
        name, imports_done = waiting.pop()
        if name in ordered or name not in by_name:
            continue  # The pool reports a missing import when it links the files.
        if imports_done:
            ordered[name] = by_name[name]
        elif name not in entered:
            entered.add(name)
            waiting.append((name, True))
            waiting += [(other, False) for other in by_name[name].dependency]
    return list(ordered.values())
