"""Annotations: custom options, looked up by name in the descriptor set.

The descriptor set brings its own version of each annotation (google.api, grpc-gateway's openapiv2,
buf.validate), so none of them is a dependency.
"""

import json
from collections.abc import Sequence
from typing import Any, Protocol

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from howmuch.gateway.openapi.options import JsonObject

_OPENAPIV2 = "grpc.gateway.protoc_gen_openapiv2.options.openapiv2_"


class Element(Protocol):
    """A descriptor of any kind."""

    def GetOptions(self) -> Message: ...  # noqa: N802 - protobuf's


class Annotations:
    """The annotations of a descriptor set. visibility: labels of google.api.visibility to show."""

    def __init__(self, pool: DescriptorPool, visibility: Sequence[str] = ()) -> None:
        self._pool = pool
        self._visible = set(visibility)
        self._extensions: dict[str, Any] = {}

    def get(self, element: Element, name: str) -> Any:
        """The value of an option; None means not set. name: full name of its extension."""
        extension = self._extension(name)
        if extension is None:
            return None
        serialized = element.GetOptions().SerializeToString()
        if not serialized:
            return None
        options: Any = GetMessageClass(extension.containing_type).FromString(serialized)
        if extension.is_repeated:
            return options.Extensions[extension] or None
        return options.Extensions[extension] if options.HasExtension(extension) else None

    def behaviors(self, field: FieldDescriptor) -> frozenset[str]:
        """The names of google.api.field_behavior, such as `REQUIRED`."""
        name = "google.api.field_behavior"
        numbers = self.get(field, name) or ()
        names = self._extension(name).enum_type.values_by_number if numbers else {}
        return frozenset(names[number].name for number in numbers if number in names)

    def is_visible(self, element: Element, kind: str) -> bool:
        """Whether google.api.visibility shows it. kind: api, method, message, field, enum or value."""
        rule = self.get(element, f"google.api.{kind}_visibility")
        labels = {label.strip() for label in rule.restriction.split(",")} if rule else set()
        labels.discard("")
        return not labels or bool(labels & self._visible)

    def fields(self, message: Descriptor) -> list[FieldDescriptor]:
        """The visible fields of a message."""
        return [field for field in message.fields if self.is_field_visible(field)]

    def is_field_visible(self, field: FieldDescriptor) -> bool:
        """Whether a field and its type are visible."""
        holds: Descriptor | None = field.message_type
        kind: EnumDescriptor | None = field.enum_type
        return (
            self.is_visible(field, "field")
            and (holds is None or self.is_visible(holds, "message"))
            and (kind is None or self.is_visible(kind, "enum"))
        )

    def openapi(self, element: Element, kind: str) -> Any:
        """grpc-gateway's annotation; None means not set. kind: swagger, tag, operation, schema or field."""
        return self.get(element, f"{_OPENAPIV2}{kind}")

    def _extension(self, name: str) -> Any:
        if name not in self._extensions:
            try:
                self._extensions[name] = self._pool.FindExtensionByName(name)
            except KeyError:
                self._extensions[name] = None
        return self._extensions[name]


def json_value(text: str) -> Any:
    """Parses the text of an annotation as JSON; other text is a string."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def extensions_of(annotation: Any) -> JsonObject:
    """The `x-` members of an annotation."""
    return {
        key: MessageToDict(annotation.extensions[key])
        for key in sorted(annotation.extensions)
        if key.startswith("x-")
    }


def external_docs(annotation: Any) -> JsonObject:
    """The member `externalDocs` of an annotation, or no member."""
    docs = annotation.external_docs
    if not docs.url:
        return {}
    return {"externalDocs": without_empty({"description": docs.description, "url": docs.url})}


def without_empty(members: JsonObject) -> JsonObject:
    """Drops members that are None or an empty string, list or object."""
    return {key: value for key, value in members.items() if value not in ("", None, [], {})}
