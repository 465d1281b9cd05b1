"""Comments of proto files as descriptions for readers of JSON.

Linter directives are dropped. Field names in backticks become JSON names, but only those of fields that the
comment can refer to: `create_time` may also be the value of a parameter.
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
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.message import Message

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
"""Longest first paragraph that is a summary; of a longer one, the first sentence is."""

# In FileDescriptorProto and its parts, the fields that hold declarations.
_DECLARATIONS = {"message_type", "enum_type", "service", "method"}
_DECLARATIONS |= {"field", "oneof_decl", "nested_type", "value"}
_Path = tuple[int, ...]
"""Position of a declaration in its file's descriptor, as in SourceCodeInfo."""
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
    """A comment in two parts. Either may be empty."""

    summary: str
    description: str


class Comments:
    """The comments of a descriptor set; all empty if it has no source info."""

    def __init__(self, descriptors: Descriptors) -> None:
        self._texts: dict[str, str] = {}
        self._files: dict[str, str] = {}
        for file in descriptors.files:
            self._files[file.name] = _of_file(file)
            self._texts |= _of_elements(file)
        self._counterparts: dict[str, list[Descriptor]] = defaultdict(list)
        for service in descriptors.services:
            for method in service.methods:
                self._counterparts[method.input_type.full_name].append(method.output_type)

    def of(self, element: _Element) -> str:
        """The comment of a declaration; empty means none."""
        if isinstance(element, EnumValueDescriptor):
            name = f"{element.type.full_name}.{element.name}"
        else:
            name = element.full_name
        text = self._texts.get(name, "")
        return _in_json_names(text, self._scope(element)) if "`" in text else text

    def of_file(self, name: str) -> str:
        """The comment at the head of a file, without its licence."""
        return self._files.get(name, "")

    def _scope(self, element: _Element) -> Iterator[Descriptor]:
        """The messages whose fields a comment can refer to."""
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
    """Splits off the first paragraph, or its first sentence if it is long."""
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


def _clean(*comments: str) -> str:
    """Joins the comments of one declaration; drops linter directives."""
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
    for comments in (found[number] for number in (2, 12, 14) if number in found):
        for comment in comments:
            if text := _clean(comment):
                return text
    return ""


def _of_elements(file: FileDescriptorProto) -> dict[str, str]:
    """Full name of each declaration with a comment, to its comment."""
    texts = {
        tuple(location.path): _clean(location.leading_comments, location.trailing_comments)
        for location in file.source_code_info.location
        if location.leading_comments or location.trailing_comments
    }
    declared = _declared(file, f"{file.package}." if file.package else "", ())
    return {each.name: text for each in declared if (text := texts.get(each.path, ""))}


class _Declared(NamedTuple):
    name: str
    path: _Path


def _declared(parent: Message, scope: str, path: _Path) -> Iterator[_Declared]:
    """The declarations inside a descriptor. scope: full name of the parent and a dot; may be empty."""
    for field, children in parent.ListFields():
        for index, child in enumerate(children if field.name in _DECLARATIONS else ()):
            found = _Declared(f"{scope}{child.name}", (*path, field.number, index))
            yield found
            yield from _declared(child, f"{found.name}.", found.path)
