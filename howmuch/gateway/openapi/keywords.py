"""What annotations add to the schema of a field: grpc-gateway's openapiv2_field, and rules of buf.validate.

What they say of its type is passed over, for the gateway decides that.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from howmuch.gateway.descriptors import enum_of, is_map, message_of
from howmuch.gateway.openapi.annotations import (
    Annotations,
    extensions_of,
    external_docs,
    json_value,
    without_empty,
)
from howmuch.gateway.openapi.options import JsonObject

_LIST_MEMBERS = {
    "max_items": "maxItems",
    "min_items": "minItems",
    "unique_items": "uniqueItems",
    "max_properties": "maxProperties",
    "min_properties": "minProperties",
}
_VALUE_MEMBERS = {
    "multiple_of": "multipleOf",
    "max_length": "maxLength",
    "min_length": "minLength",
    "pattern": "pattern",
    "format": "format",
}
NUMERIC = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_TEXTUAL = ("minLength", "maxLength", "pattern")

_STRING_RULES = {"min_len": "minLength", "max_len": "maxLength", "pattern": "pattern"}
_STRING_FORMATS = {
    "email": "email",
    "hostname": "hostname",
    "ipv4": "ipv4",
    "ipv6": "ipv6",
    "uri": "uri",
    "uri_ref": "uri-reference",
    "uuid": "uuid",
}
_NUMBER_RULES = {
    "gt": "exclusiveMinimum",
    "gte": "minimum",
    "lt": "exclusiveMaximum",
    "lte": "maximum",
}
_REPEATED_RULES = {"min_items": "minItems", "max_items": "maxItems", "unique": "uniqueItems"}
_MAP_RULES = {"min_pairs": "minProperties", "max_pairs": "maxProperties"}


@dataclass(slots=True)
class Keywords:
    """own: of the field's schema. each: of a single value, where the field is a list or map, else of it too.

    required: whether a rule wants the field to be set.
    """

    own: JsonObject = field(default_factory=dict)
    each: JsonObject = field(default_factory=dict)
    required: bool = False


def keywords_of(annotations: Annotations, of_field: FieldDescriptor) -> Keywords:
    """Everything that annotations add to a field's schema."""
    found = Keywords()
    rules = annotations.get(of_field, "buf.validate.field")
    if rules is not None:
        _add_rules(found, rules, of_field)
    annotation = annotations.openapi(of_field, "field")
    if annotation is not None:
        _add_annotation(found, annotation)
    return found


def constrain(schema: JsonObject, keywords: JsonObject) -> JsonObject:
    """The schema of a value with keywords, except for those that its type has no use for."""
    if "anyOf" in schema:
        first, *others = schema["anyOf"]
        return {**schema, "anyOf": [constrain(first, keywords), *others]}
    kept = dict(keywords)
    if schema.get("type") not in ("integer", "number"):
        for name in NUMERIC:
            kept.pop(name, None)
    if schema.get("type") != "string":
        for name in _TEXTUAL:
            kept.pop(name, None)
    return {**schema, **kept}


def message_keywords(annotation: Any) -> JsonObject:
    """What openapiv2_schema says of a message, less its list of required fields."""
    described = annotation.json_schema
    members = {
        "title": described.title,
        "description": described.description,
        "readOnly": True if annotation.read_only or described.read_only else None,
    }
    example = annotation.example or described.example
    if example:
        members["examples"] = [json_value(example)]
    return without_empty(members) | external_docs(annotation) | extensions_of(described)


def _add_annotation(found: Keywords, annotation: Any) -> None:
    for name, keyword in _LIST_MEMBERS.items():
        if value := getattr(annotation, name):
            found.own[keyword] = value
    for name, keyword in _VALUE_MEMBERS.items():
        if value := getattr(annotation, name):
            found.each[keyword] = _whole(value)
    for end in ("maximum", "minimum"):
        exclusive = getattr(annotation, f"exclusive_{end}")
        if (value := getattr(annotation, end)) or exclusive:
            # A flag beside the bound in OpenAPI 2, a bound of its own in JSON Schema 2020-12.
            keyword = f"exclusive{end.capitalize()}" if exclusive else end
            found.each[keyword] = _whole(value)
    if annotation.enum:
        found.each["enum"] = list(annotation.enum)
    found.own |= without_empty(
        {
            "title": annotation.title,
            "description": annotation.description,
            "readOnly": annotation.read_only or None,
        }
    )
    if annotation.default:
        found.own["default"] = json_value(annotation.default)
    if annotation.example:
        found.own["examples"] = [json_value(annotation.example)]
    found.own |= extensions_of(annotation)


def _add_rules(found: Keywords, rules: Any, of_field: FieldDescriptor) -> None:
    present = {rule.name: value for rule, value in rules.ListFields()}
    found.required = bool(present.get("required"))
    for kind, value in present.items():
        if kind == "repeated" and of_field.is_repeated and not is_map(of_field):
            members = {rule.name: given for rule, given in value.ListFields()}
            found.own |= _renamed(members, _REPEATED_RULES)
            for item_rule, items in members["items"].ListFields() if "items" in members else ():
                found.each |= _value_rules(item_rule.name, items, of_field)
        elif kind == "map" and is_map(of_field):
            found.own |= _renamed({r.name: given for r, given in value.ListFields()}, _MAP_RULES)
        elif not of_field.is_repeated:
            found.each |= _value_rules(kind, value, of_field)


def _value_rules(kind: str, rules: Any, of_field: FieldDescriptor) -> JsonObject:
    """Rules of a single value. kind: the member of FieldRules that holds them, such as `string`."""
    if not hasattr(rules, "ListFields"):
        return {}
    members = {rule.name: value for rule, value in rules.ListFields()}
    if kind == "string":
        return dict(_string_rules(members))
    if kind == "enum":
        return _enum_rules(members, of_field)
    if kind in ("bool", "bytes", "any", "duration", "timestamp", "field_mask"):
        return {"const": members["const"]} if kind == "bool" and "const" in members else {}
    found = {name: _whole(value) for name, value in _renamed(members, _NUMBER_RULES).items()}
    return found | _choices(members, _number_writer(of_field))


def _string_rules(members: JsonObject) -> Iterator[tuple[str, Any]]:
    yield from _renamed(members, _STRING_RULES).items()
    if "len" in members:
        yield "minLength", members["len"]
        yield "maxLength", members["len"]
    if "pattern" not in members and ("prefix" in members or "suffix" in members):
        start, end = _literal(members.get("prefix", "")), _literal(members.get("suffix", ""))
        between = r"[\s\S]*" if start and end else ""
        yield "pattern", f"{'^' if start else ''}{start}{between}{end}{'$' if end else ''}"
    for rule, name in _STRING_FORMATS.items():
        if members.get(rule):
            yield "format", name
    yield from _choices(members, str).items()


def _literal(text: str) -> str:
    """A pattern of just this text. Not re.escape, which escapes what ECMAScript does not let be escaped."""
    return re.sub(r"[\\^$.*+?()\[\]{}|/]", r"\\\g<0>", text)


def _enum_rules(members: JsonObject, of_field: FieldDescriptor) -> JsonObject:
    kind = enum_of(of_field)
    if kind is None:
        return {}
    names = {number: value.name for number, value in kind.values_by_number.items()}
    found = _choices(members, lambda number: names.get(number, str(number)))
    if "not_in" in members and not found:
        refused = set(members["not_in"])
        found["enum"] = [name for number, name in names.items() if number not in refused]
    return found


def _choices(members: JsonObject, write: Callable[[Any], Any]) -> JsonObject:
    """`const` and `in`. write: how JSON has such a value."""
    if "const" in members:
        return {"const": write(members["const"])}
    return {"enum": [write(value) for value in members["in"]]} if "in" in members else {}


def _number_writer(of_field: FieldDescriptor) -> Callable[[Any], Any]:
    long = (FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64)
    kind = message_of(of_field)
    if of_field.cpp_type in long or (kind is not None and "Int64" in kind.name):
        return str
    return _whole


def _renamed(members: JsonObject, names: dict[str, str]) -> JsonObject:
    return {keyword: members[name] for name, keyword in names.items() if name in members}


def _whole(value: Any) -> Any:
    """A whole number without a fraction, as people write it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
