"""Messages and enums as JSON Schema 2020-12.

Requests and responses share components: a REQUIRED field (AIP-203) is never at its default, so both have it.
Exceptions are OUTPUT_ONLY fields, and INPUT_ONLY fields of messages in responses. Some bodies are components
of their own: that of a PATCH requires nothing, and others lack the fields that the URL path sets.

Requests refuse unknown members, so messages in requests have `additionalProperties: false`. Messages only in
responses stay open, since later versions may add fields.

At most one member of a oneof is set: `maxProperties` if the message has nothing else, else `not` any two.
Code generators ignore both, but for `oneOf` they would generate a type for each combination.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from howmuch.gateway.descriptors import enum_of, is_map, message_of
from howmuch.gateway.openapi.annotations import without_empty
from howmuch.gateway.openapi.components import Component, Components, Names, reference
from howmuch.gateway.openapi.keywords import constrain, keywords_of, message_keywords
from howmuch.gateway.openapi.options import JsonObject
from howmuch.gateway.openapi.source import Bound, Source, is_taken
from howmuch.gateway.openapi.wellknown import MAP_KEYS, SCALARS, WELL_KNOWN

NULL_VALUE = "google.protobuf.NullValue"
Partial = Literal["", "top", "deep"]
"""Which required fields a body may omit: none, its own, or also those of messages inside it."""


@dataclass(frozen=True, slots=True)
class Body:
    """A message as the body of one operation. key, names: of its component. bound: set by the path."""

    key: str
    names: Names
    bound: Bound
    partial: Partial = ""
    note: str = ""
    root: "Body | None" = None

    def inside(self, field: FieldDescriptor, message: Descriptor) -> "Body":
        """The body for the message of a field."""
        partial: Partial = "deep" if self.partial == "deep" else ""
        root = self.root or self
        bound = self.bound.get(field.name) or {}
        # A recursive message must get the same key again.
        within = self if bound else root
        return Body(
            f"{within.key}.{field.name if bound else message.full_name}",
            Names(
                f"{within.names.short}.{message.name}", f"{within.names.qualified}.{message.name}"
            ),
            bound,
            partial,
            root=root,
        )


class Schemas:
    """The schemas of a descriptor set. Components are created lazily."""

    def __init__(self, source: Source, components: Components) -> None:
        self._source = source
        self._annotations = source.annotations
        self._components = components

    def of_field(self, field: FieldDescriptor, body: Body | None = None) -> JsonObject:
        """The schema of a field, with its description."""
        keywords = keywords_of(self._annotations, field)
        if is_map(field):
            schema = self._map(field)
        elif field.is_repeated:
            schema = {"type": "array", "items": constrain(self._single(field), keywords.each)}
        else:
            schema = constrain(self._single(field, body), keywords.each)
        behaviors = self._annotations.behaviors(field)
        options = field.GetOptions()
        secret = options.debug_redact and "INPUT_ONLY" in behaviors
        if secret and field.type == FieldDescriptor.TYPE_STRING:
            schema = {"format": "password", **schema}
        said = {
            "description": self._source.comments.of(field),
            "readOnly": "OUTPUT_ONLY" in behaviors or None,
            "writeOnly": "INPUT_ONLY" in behaviors or None,
            "deprecated": options.deprecated or None,
            "x-immutable": "IMMUTABLE" in behaviors or None,
        }
        return schema | without_empty(said) | keywords.own

    def of_message(self, message: Descriptor, body: Body | None = None) -> JsonObject:
        """A reference to the component of a message, or the schema of a well-known type."""
        if message.full_name in WELL_KNOWN:
            return dict(WELL_KNOWN[message.full_name])
        if body is None or not self.differs(message, body):
            key, names = message.full_name, _names(message)
            body = None
        else:
            key, names = body.key, body.names
        if key not in self._components.made:
            component = self._components.made[key] = Component(names)
            self._fill(component, message, body)
        return reference(key)

    def is_required(self, field: FieldDescriptor) -> bool:
        """Whether requests must set a field."""
        behaviors = self._annotations.behaviors(field)
        wanted = "REQUIRED" in behaviors or keywords_of(self._annotations, field).required
        oneof = field.containing_oneof
        alone = oneof is None or len(oneof.fields) == 1
        return wanted and alone and "OUTPUT_ONLY" not in behaviors

    def differs(self, message: Descriptor, body: Body) -> bool:
        """Whether a message needs a component of its own in a body."""
        if body.bound:
            return message.full_name not in WELL_KNOWN
        return body.partial != "" and self._requires(message, body.partial == "deep", set())

    def _requires(self, message: Descriptor, deep: bool, seen: set[str]) -> bool:
        if message.full_name in seen or message.full_name in WELL_KNOWN:
            return False
        seen.add(message.full_name)
        for field in self._annotations.fields(message):
            inner = message_of(field)
            if self.is_required(field):
                return True
            if deep and inner and not field.is_repeated and self._requires(inner, deep, seen):
                return True
        return False

    def _fill(self, component: Component, message: Descriptor, body: Body | None) -> None:
        annotation = self._annotations.openapi(message, "schema")
        seen = self._annotations.fields(message)
        fields = [field for field in seen if body is None or not is_taken(field, body.bound)]
        properties = {field.json_name: self.of_field(field, body) for field in fields}
        required = []
        if body is None or not body.partial:
            listed = set(annotation.json_schema.required) if annotation else set()
            required = [
                field
                for field in fields
                if self.is_required(field) or listed & {field.name, field.json_name}
            ]
        said = [self._source.comments.of(message), *self._say_oneofs(fields)]
        said.append(body.note if body is not None else "")
        component.schema |= {
            "type": "object",
            **without_empty({"description": "\n\n".join(filter(None, said))}),
            "properties": properties,
            **without_empty({"required": [field.json_name for field in required]}),
            **_at_most_one(_oneofs(fields)),
            **without_empty({"deprecated": message.GetOptions().deprecated or None}),
        }
        if annotation:
            component.schema |= message_keywords(annotation)
            if body is not None:
                component.schema.pop("examples", None)
        component.open = self._source.options.ignore_unknown_fields or len(seen) < len(
            message.fields
        )
        component.one_of = [len(fields)] == [len(together) for together in _oneofs(fields)]
        component.only_sent = tuple(
            field.json_name
            for field in required
            if "INPUT_ONLY" in self._annotations.behaviors(field)
        )

    def _say_oneofs(self, fields: Sequence[FieldDescriptor]) -> Iterator[str]:
        for together in _oneofs(fields):
            names = ", ".join(f"`{field.json_name}`" for field in together)
            oneof = together[0].containing_oneof
            comment = self._source.comments.of(oneof) if oneof is not None else ""
            yield f"At most one of {names} is set. {comment}".strip()

    def _single(self, field: FieldDescriptor, body: Body | None = None) -> JsonObject:
        message = message_of(field)
        if message is not None:
            return self.of_message(message, body.inside(field, message) if body else None)
        kind = enum_of(field)
        return self._enum(kind) if kind is not None else dict(SCALARS[field.type])

    def _map(self, field: FieldDescriptor) -> JsonObject:
        entry = message_of(field)
        assert entry is not None
        keys = MAP_KEYS.get(entry.fields_by_name["key"].type)
        return {
            "type": "object",
            **({"propertyNames": dict(keys)} if keys else {}),
            "additionalProperties": self._single(entry.fields_by_name["value"]),
        }

    def _enum(self, kind: EnumDescriptor) -> JsonObject:
        if kind.full_name == NULL_VALUE:
            return {"type": "null"}
        if kind.full_name not in self._components.made:
            component = self._components.made[kind.full_name] = Component(_names(kind))
            component.schema |= self._describe_enum(kind)
        return reference(kind.full_name)

    def _describe_enum(self, kind: EnumDescriptor) -> JsonObject:
        values = [value for value in kind.values if self._annotations.is_visible(value, "value")]
        meanings = []
        for value in values:
            deprecated = ["Deprecated."] if value.GetOptions().deprecated else []
            meanings.append(" ".join([*deprecated, *self._source.comments.of(value).split()]))
        pairs = zip(values, meanings, strict=True)
        lines = [f"- `{value.name}`: {meaning}" for value, meaning in pairs if meaning]
        said = (self._source.comments.of(kind), "\n".join(lines))
        return {
            "type": "string",
            **without_empty({"description": "\n\n".join(filter(None, said))}),
            "enum": [value.name for value in values],
            **({"x-enum-descriptions": meanings} if any(meanings) else {}),
            **without_empty({"deprecated": kind.GetOptions().deprecated or None}),
        }


def value_only(schema: JsonObject) -> JsonObject:
    """The schema of a field without the keywords that describe it as a member."""
    said = ("title", "description", "readOnly", "writeOnly", "deprecated", "x-immutable")
    return {name: value for name, value in schema.items() if name not in said}


def _oneofs(fields: Sequence[FieldDescriptor]) -> list[list[FieldDescriptor]]:
    """The groups of fields that exclude each other."""
    members: dict[str, list[FieldDescriptor]] = {}
    for field in fields:
        if field.containing_oneof is not None:
            members.setdefault(field.containing_oneof.name, []).append(field)
    return [together for together in members.values() if len(together) > 1]


def _at_most_one(oneofs: list[list[FieldDescriptor]]) -> JsonObject:
    pairs = [
        {"required": [one.json_name, other.json_name]}
        for fields in oneofs
        for one, other in combinations(fields, 2)
    ]
    return {"not": {"anyOf": pairs}} if pairs else {}


def _names(described: Descriptor | EnumDescriptor) -> Names:
    full_name = described.full_name
    return Names(full_name.removeprefix(f"{described.file.package}."), full_name)
