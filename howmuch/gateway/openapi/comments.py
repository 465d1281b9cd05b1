"""Comments of proto files as texts for people who see JSON.

What is for linters is dropped. The names of fields, where a comment quotes them in backticks, become those of
JSON: but only the names of fields that the comment can mean, for `create_time` may as well be the value
of a parameter.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from google.protobuf.descriptor import (
    Descriptor,
    EnumDescriptor,
    EnumValueDescriptor,
    FieldDescriptor,
    MethodDescriptor,
    OneofDescriptor,
    ServiceDescriptor,
)
from google.protobuf.descriptor_pb2 import DescriptorProto, EnumDescriptorProto, FileDescriptorProto

from howmuch.gateway.descriptors import Descriptors, message_of

_FOR_LINTERS = re.compile(r"\(--.*?--\)", re.DOTALL)
_LINTER_LINE = re.compile(r"^\s*(?:buf:lint:|protolint:|@ignore|@exclude).*$", re.MULTILINE)
_CROSS_REFERENCE = re.compile(r"\[([^\[\]\n]+)\]\[[\w.]*\]")
_QUOTED = re.compile(r"`([^`\n]+)`")
_FIELD_PATH = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*")
_BLANK_LINES = re.compile(r"\n\s*\n")
_SENTENCE = re.compile(r".+?[.!?](?=\s+[A-Z`\"(]|$)", re.DOTALL)
_LICENCE = re.compile(r"copyright|licensed under|SPDX-", re.IGNORECASE)

SUMMARY_LENGTH = 120
"""A first paragraph of up to so many letters is a summary; of a longer one, its first sentence is."""

_Path = tuple[int, ...]
_Element = (
    MethodDescriptor
    | ServiceDescriptor
    | Descriptor
    | FieldDescriptor
    | OneofDescriptor
    | EnumDescriptor
    | EnumValueDescriptor
)


class Text(NamedTuple):
    """A comment in two parts; each may be empty."""

    summary: str
    description: str


class Comments:
    """The comments of a descriptor set. Without source info there are none, and every text is empty."""

    def __init__(self, descriptors: Descriptors) -> None:
        self._texts: dict[str, str] = {}
        self._files: dict[str, str] = {}
        for file in descriptors.files:
            self._files[file.name] = _of_file(file)
            for name, text in _of_elements(file):
                if text:
                    self._texts[name] = text
        self._counterparts: dict[str, list[Descriptor]] = defaultdict(list)
        for service in descriptors.services:
            for method in service.methods:
                self._counterparts[method.input_type.full_name].append(method.output_type)

    def of(self, element: _Element) -> str:
        """The comment of a declaration; empty where it has none."""
        text = self._texts.get(_key(element), "")
        return _in_json_names(text, self._scope(element)) if "`" in text else text

    def of_file(self, name: str) -> str:
        """What stands at the head of a file, less its licence."""
        return self._files.get(name, "")

    def _scope(self, element: _Element) -> Iterator[Descriptor]:
        """The messages whose fields a comment can mean."""
        if isinstance(element, MethodDescriptor):
            yield element.input_type
            yield element.output_type
            return
        message = element if isinstance(element, Descriptor) else None
        if isinstance(element, (FieldDescriptor, OneofDescriptor)):
            message = element.containing_type
        if message is None:
            return
        yield message
        yield from self._counterparts[message.full_name]
        for field in message.fields:
            inner = message_of(field)
            if inner is not None and not field.is_repeated:
                yield inner


def summarized(text: str) -> Text:
    """The first paragraph on one line, or its first sentence where it is long, and all the rest."""
    first, *others = _BLANK_LINES.split(text)
    summary = " ".join(first.split())
    if len(summary) > SUMMARY_LENGTH:
        sentence = _SENTENCE.match(first)
        if sentence is not None and sentence.end() < len(first):
            others.insert(0, first[sentence.end() :].strip())
            summary = " ".join(sentence[0].split())
    return Text(summary, "\n\n".join(others))


def _in_json_names(text: str, messages: Iterable[Descriptor]) -> str:
    names = {field.name: field.json_name for message in messages for field in message.fields}

    def renamed(quoted: re.Match[str]) -> str:
        if not _FIELD_PATH.fullmatch(quoted[1]):
            return quoted[0]
        return f"`{'.'.join(names.get(name, name) for name in quoted[1].split('.'))}`"

    return _QUOTED.sub(renamed, text)


def _key(element: _Element) -> str:
    if isinstance(element, EnumValueDescriptor):
        # protobuf counts a value as a sibling of its enum; here it is inside.
        return f"{element.type.full_name}.{element.name}"
    return element.full_name


def _clean(*comments: str) -> str:
    """Comments of one place as one text: paragraphs, without what is for linters."""
    cleaned = []
    for comment in comments:
        lines = [line.removeprefix(" ").rstrip() for line in comment.split("\n")]
        text = _LINTER_LINE.sub("", _FOR_LINTERS.sub("", "\n".join(lines)))
        text = _CROSS_REFERENCE.sub(r"\1", text)
        cleaned.append("\n\n".join(part.strip("\n ") for part in _BLANK_LINES.split(text)))
    return "\n\n".join(text.strip() for text in cleaned if text.strip())


def _of_file(file: FileDescriptorProto) -> str:
    """The comment above `package`, else the one above `syntax`."""
    found: dict[int, list[str]] = {}
    for location in file.source_code_info.location:
        if tuple(location.path) in ((2,), (12,), (14,)):
            comments = [location.leading_comments, *reversed(location.leading_detached_comments)]
            found[location.path[0]] = [text for text in comments if not _LICENCE.search(text)]
    for comments in (found[place] for place in (2, 12, 14) if place in found):
        for comment in comments:
            if text := _clean(comment):
                return text
    return ""


def _of_elements(file: FileDescriptorProto) -> Iterator[tuple[str, str]]:
    """Full name and comment of everything that is declared in a file."""
    texts = {
        tuple(location.path): _clean(location.leading_comments, location.trailing_comments)
        for location in file.source_code_info.location
        if location.leading_comments or location.trailing_comments
    }
    for name, path in _paths(file):
        yield name, texts.get(path, "")


def _paths(file: FileDescriptorProto) -> Iterator[tuple[str, _Path]]:
    """Full name and path in the file's descriptor. The numbers are those of descriptor.proto."""
    within = f"{file.package}." if file.package else ""
    for index, message in enumerate(file.message_type):
        yield from _paths_in_message(message, within, (4, index))
    for index, enum in enumerate(file.enum_type):
        yield from _paths_in_enum(enum, within, (5, index))
    for index, service in enumerate(file.service):
        name = f"{within}{service.name}"
        yield name, (6, index)
        for number, method in enumerate(service.method):
            yield f"{name}.{method.name}", (6, index, 2, number)


def _paths_in_message(
    message: DescriptorProto, within: str, path: _Path
) -> Iterator[tuple[str, _Path]]:
    name = f"{within}{message.name}"
    yield name, path
    for index, field in enumerate(message.field):
        yield f"{name}.{field.name}", (*path, 2, index)
    for index, oneof in enumerate(message.oneof_decl):
        yield f"{name}.{oneof.name}", (*path, 8, index)
    for index, inner in enumerate(message.nested_type):
        yield from _paths_in_message(inner, f"{name}.", (*path, 3, index))
    for index, enum in enumerate(message.enum_type):
        yield from _paths_in_enum(enum, f"{name}.", (*path, 4, index))


def _paths_in_enum(
    enum: EnumDescriptorProto, within: str, path: _Path
) -> Iterator[tuple[str, _Path]]:
    name = f"{within}{enum.name}"
    yield name, path
    for index, value in enumerate(enum.value):
        yield f"{name}.{value.name}", (*path, 2, index)
