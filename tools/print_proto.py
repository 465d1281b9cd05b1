"""Prints a .proto file from its descriptor, for packages that ship only generated code. proto3 only.

Descriptors have no comments, and options are left out: neither changes the meaning of an import.
"""

from collections.abc import Iterator

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

_SCALARS = {
    number: name.removeprefix("TYPE_").lower()
    for name, number in FieldDescriptorProto.Type.items()
    if name not in ("TYPE_MESSAGE", "TYPE_ENUM", "TYPE_GROUP")
}


def print_proto(file: FileDescriptorProto) -> str:
    """The text of the file."""
    lines = [f'syntax = "{file.syntax}";', "", f"package {file.package};", ""]
    lines += [f'import "{name}";' for name in file.dependency]
    for message in file.message_type:
        lines += ["", *_message(message)]
    for enum in file.enum_type:
        lines += ["", *_enum(enum)]
    for extension in file.extension:
        lines += ["", f"extend {extension.extendee} {{", f"  {_field(extension, {})}", "}"]
    return "\n".join([*lines, ""])


def _message(message: DescriptorProto) -> Iterator[str]:
    entries = {entry.name: entry for entry in message.nested_type if entry.options.map_entry}
    yield f"message {message.name} {{"
    for nested in message.nested_type:
        if nested.name not in entries:
            yield from (f"  {line}" for line in _message(nested))
    for enum in message.enum_type:
        yield from (f"  {line}" for line in _enum(enum))
    for reserved in message.reserved_range:
        yield f"  reserved {reserved.start} to {reserved.end - 1};"
    inside = -1
    for field in message.field:
        oneof = field.oneof_index if _in_oneof(field) else -1
        if oneof != inside and inside >= 0:
            yield "  }"
        if oneof != inside and oneof >= 0:
            yield f"  oneof {message.oneof_decl[oneof].name} {{"
        inside = oneof
        yield f"  {_field(field, entries)}"
    if inside >= 0:
        yield "  }"
    yield "}"


def _enum(enum: EnumDescriptorProto) -> Iterator[str]:
    yield f"enum {enum.name} {{"
    yield from (f"  {value.name} = {value.number};" for value in enum.value)
    yield "}"


def _field(field: FieldDescriptorProto, entries: dict[str, DescriptorProto]) -> str:
    entry = entries.get(field.type_name.rpartition(".")[2])
    label = ""
    if entry is not None:
        kind = f"map<{', '.join(_type(part) for part in entry.field)}>"
    else:
        kind = _type(field)
        if field.label == FieldDescriptorProto.LABEL_REPEATED:
            label = "repeated "
        elif field.proto3_optional:
            label = "optional "
    return f"{label}{kind} {field.name} = {field.number};"


def _type(field: FieldDescriptorProto) -> str:
    return field.type_name or _SCALARS[field.type]


def _in_oneof(field: FieldDescriptorProto) -> bool:
    return field.HasField("oneof_index") and not field.proto3_optional
