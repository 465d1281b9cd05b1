"""The pages of the API, one for each proto file, from the descriptor set with the comments in it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from google.api import annotations_pb2, field_behavior_pb2
from google.api.http_pb2 import HttpRule
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
    ServiceDescriptorProto,
)

from howmuch.v1 import access_pb2

ROOT = Path(__file__).resolve().parents[1]
DESCRIPTORS = ROOT / "gen" / "python" / "howmuch" / "v1" / "descriptor_set.binpb"
PACKAGE = "howmuch.v1"

_ACCESS = {
    "ACCESS_PUBLIC": "anybody, without a session",
    "ACCESS_SIGNED_IN": "anybody with a session",
    "ACCESS_VIEWER": "viewers, editors and owners of the event",
    "ACCESS_EDITOR": "editors and owners of the event",
    "ACCESS_OWNER": "owners of the event",
}
_VERBS = ("get", "put", "post", "delete", "patch")

_Path = tuple[int, ...]


def api_pages() -> dict[str, str]:
    """The pages in Markdown, by their names: `event.md`, and `index.md` that lists all methods."""
    # The extensions that the options hold are known only once their modules are imported, as here.
    files = [
        file
        for file in FileDescriptorSet.FromString(DESCRIPTORS.read_bytes()).file
        if file.package == PACKAGE
    ]
    places = {name: _page(file) for file in files for name in _types(file)}
    pages = {_page(file): "\n".join(_File(file, places).lines()) for file in files}
    return {"index.md": "\n".join(_index(files)), **pages}


def _page(file: FileDescriptorProto) -> str:
    return f"{Path(file.name).stem}.md"


def _types(file: FileDescriptorProto) -> Iterator[str]:
    """The full names of messages and enums."""
    yield from (f"{PACKAGE}.{enum.name}" for enum in file.enum_type)
    for message in file.message_type:
        yield f"{PACKAGE}.{message.name}"
        yield from (f"{PACKAGE}.{message.name}.{nested.name}" for nested in message.nested_type)
        yield from (f"{PACKAGE}.{message.name}.{nested.name}" for nested in message.enum_type)


def _index(files: Iterable[FileDescriptorProto]) -> Iterator[str]:
    yield from ("# API", "")
    yield "Every method, over gRPC and over REST. These pages are made from `proto/howmuch/v1`."
    for file in files:
        comments = _comments(file)
        for at, service in enumerate(file.service):
            yield from ("", f"## {service.name}", "", _paragraphs(comments.get((6, at), "")), "")
            yield from ("| Method | REST | |", "|---|---|---|")
            for number, method in enumerate(service.method):
                summary = _line(comments.get((6, at, 2, number), "").partition("\n\n")[0])
                link = f"[{method.name}]({_page(file)}#{service.name}.{method.name})"
                yield f"| {link} | {'<br>'.join(_rest(method))} | {summary} |"
    yield from ("", "## Messages", "")
    for file in files:
        names = [
            *(each.name for each in file.message_type),
            *(each.name for each in file.enum_type),
        ]
        links = [f"[{name}]({_page(file)}#{PACKAGE}.{name})" for name in names]
        yield f"- `{file.name}`: {', '.join(links)}"
    yield ""


class _File:
    """One file. places: the page of each type."""

    def __init__(self, file: FileDescriptorProto, places: Mapping[str, str]) -> None:
        self._file = file
        self._places = places
        self._comments = _comments(file)

    def lines(self) -> Iterator[str]:
        """The page."""
        services = [service.name for service in self._file.service]
        yield from (f"# {services[0] if services else Path(self._file.name).stem.capitalize()}", "")
        for at, service in enumerate(self._file.service):
            yield from self._service(service, (6, at))
        yield from (f"Messages and enums of `{self._file.name}`:" if not services else "", "")
        for at, message in enumerate(self._file.message_type):
            yield from self._message(message, (4, at), "")
        for at, enum in enumerate(self._file.enum_type):
            yield from self._enum(enum, (5, at), "")

    def _said(self, path: _Path) -> str:
        return self._comments.get(path, "")

    def _service(self, service: ServiceDescriptorProto, path: _Path) -> Iterator[str]:
        yield from (_paragraphs(self._said(path)), "")
        for at, method in enumerate(service.method):
            yield from (f"## {method.name} {{ #{service.name}.{method.name} }}", "")
            yield from (_paragraphs(self._said((*path, 2, at))), "")
            answer = "a stream of " if method.server_streaming else ""
            access = access_pb2.Access.Name(method.options.Extensions[access_pb2.access])
            yield f"- gRPC: `{PACKAGE}.{service.name}/{method.name}`"
            yield f"- REST: {', '.join(_rest(method))}"
            yield f"- Request: {self._type(method.input_type)}"
            yield f"- Answer: {answer}{self._type(method.output_type)}"
            yield from (f"- Who may call: {_ACCESS[access]}", "")

    def _message(self, message: DescriptorProto, path: _Path, outer: str) -> Iterator[str]:
        if message.options.map_entry:
            return
        name = f"{outer}{message.name}"
        yield from (f"## {name} {{ #{PACKAGE}.{name} }}", "", _paragraphs(self._said(path)), "")
        if message.field:
            yield from ("| Field | Type | |", "|---|---|---|")
        for at, field in enumerate(message.field):
            meaning = _line(self._said((*path, 2, at)))
            notes = "".join(f" *{note}.*" for note in _notes(field, message))
            yield f"| `{field.name}` | {self._field_type(field, message)} | {meaning}{notes} |"
        yield ""
        for at, nested in enumerate(message.nested_type):
            yield from self._message(nested, (*path, 3, at), f"{name}.")
        for at, enum in enumerate(message.enum_type):
            yield from self._enum(enum, (*path, 4, at), f"{name}.")

    def _enum(self, enum: EnumDescriptorProto, path: _Path, outer: str) -> Iterator[str]:
        name = f"{outer}{enum.name}"
        yield from (f"## {name} {{ #{PACKAGE}.{name} }}", "", _paragraphs(self._said(path)), "")
        yield from ("| Value | Number | |", "|---|---|---|")
        for at, value in enumerate(enum.value):
            yield f"| `{value.name}` | {value.number} | {_line(self._said((*path, 2, at)))} |"
        yield ""

    def _field_type(self, field: FieldDescriptorProto, message: DescriptorProto) -> str:
        entries = {f".{PACKAGE}.{message.name}.{each.name}": each for each in message.nested_type}
        entry = entries.get(field.type_name)
        if entry is not None and entry.options.map_entry:
            return f"map of {' to '.join(self._field_type(part, entry) for part in entry.field)}"
        repeated = field.label == FieldDescriptorProto.LABEL_REPEATED
        scalar = FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
        kind = self._type(field.type_name) if field.type_name else f"`{scalar}`"
        return f"list of {kind}" if repeated else kind

    def _type(self, full_name: str) -> str:
        name = full_name.removeprefix(".")
        if name in self._places:
            return f"[{name.removeprefix(PACKAGE + '.')}]({self._places[name]}#{name})"
        return f"`{name}`"


def _notes(field: FieldDescriptorProto, message: DescriptorProto) -> Iterator[str]:
    """Notes from the annotations of a field."""
    behaviors: Sequence[int] = field.options.Extensions[field_behavior_pb2.field_behavior]
    for number in behaviors:
        yield field_behavior_pb2.FieldBehavior.Name(number).replace("_", " ").capitalize()
    if field.HasField("oneof_index") and not field.proto3_optional:
        yield f"One of `{message.oneof_decl[field.oneof_index].name}`"


def _rest(method: MethodDescriptorProto) -> list[str]:
    """Verb and path of each binding."""
    rule: HttpRule = method.options.Extensions[annotations_pb2.http]
    return [
        f"`{verb.upper()} {getattr(each, verb)}`"
        for each in (rule, *rule.additional_bindings)
        for verb in _VERBS
        if getattr(each, verb)
    ]


def _comments(file: FileDescriptorProto) -> dict[_Path, str]:
    """The comment before each declaration, by its path in the file."""
    locations: Iterable[Any] = file.source_code_info.location
    return {
        tuple(location.path): "\n".join(
            line.removeprefix(" ") for line in location.leading_comments.strip("\n").split("\n")
        )
        for location in locations
        if location.leading_comments
    }


def _paragraphs(comment: str) -> str:
    return comment.replace("<", "&lt;")


def _line(comment: str) -> str:
    """A comment as the cell of a table."""
    return " ".join(_paragraphs(comment).split()).replace("|", "\\|")
