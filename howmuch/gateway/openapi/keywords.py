"""JSON Schema keywords from annotations of fields: openapiv2_field, and rules of buf.validate.

Types in annotations are ignored, since the gateway decides them.
"""

import re
from collections.abc import Callable
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

_LIST_MEMBERS = ("max_items", "min_items", "unique_items", "max_properties", "min_properties")
_VALUE_MEMBERS = ("multiple_of", "max_length", "min_length", "pattern", "format")
NUMERIC = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_TEXTUAL = ("minLength", "maxLength", "pattern")

_STRING_RULES = {"min_len": "minLength", "max_len": "maxLength", "pattern": "pattern"}
_STRING_FORMATS = {name: name for name in ("email", "hostname", "ipv4", "ipv6", "uri", "uuid")}
_STRING_FORMATS["uri_ref"] = "uri-reference"
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
    """own: for the field's schema. each: for a single value: an element, if the field is repeated.

    required: whether a rule requires the field.
    """

    own: JsonObject = field(default_factory=dict)
    each: JsonObject = field(default_factory=dict)
    required: bool = False


def keywords_of(annotations: Annotations, of_field: FieldDescriptor) -> Keywords:
    found = Keywords()
    rules = annotations.get(of_field, "buf.validate.field")
    if rules is not None:
        _add_rules(found, rules, of_field)
    annotation = annotations.openapi(of_field, "field")
    if annotation is not None:
        _add_annotation(found, annotation)
    return found


def constrain(schema: JsonObject, keywords: JsonObject) -> JsonObject:
    """Adds the keywords that apply to the type of a schema."""
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
    """The keywords of openapiv2_schema, except required fields."""
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
    for name in _LIST_MEMBERS:
        if value := getattr(annotation, name):
            found.own[_camel(name)] = value
    for name in _VALUE_MEMBERS:
        if value := getattr(annotation, name):
            found.each[_camel(name)] = _whole(value)
    for end in ("maximum", "minimum"):
        exclusive = getattr(annotation, f"exclusive_{end}")
        if (value := getattr(annotation, end)) or exclusive:
            # A flag in OpenAPI 2, a bound of its own in JSON Schema 2020-12.
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
    """Keywords for a single value. kind: the member of FieldRules, such as `string`."""
    if not hasattr(rules, "ListFields"):
        return {}
    members = {rule.name: value for rule, value in rules.ListFields()}
    if kind == "string":
        return _string_rules(members)
    if kind == "enum":
        return _enum_rules(members, of_field)
    if kind in ("bool", "bytes", "any", "duration", "timestamp", "field_mask"):
        return {"const": members["const"]} if kind == "bool" and "const" in members else {}
    found = {name: _whole(value) for name, value in _renamed(members, _NUMBER_RULES).items()}
    return found | _choices(members, _number_writer(of_field))


def _string_rules(members: JsonObject) -> JsonObject:
    found = _renamed(members, _STRING_RULES)
    if "len" in members:
        found |= {"minLength": members["len"], "maxLength": members["len"]}
    if "pattern" not in members and ("prefix" in members or "suffix" in members):
        start, end = _literal(members.get("prefix", "")), _literal(members.get("suffix", ""))
        between = r"[\s\S]*" if start and end else ""
        found["pattern"] = f"{'^' if start else ''}{start}{between}{end}{'$' if end else ''}"
    for rule, name in _STRING_FORMATS.items():
        if members.get(rule):
            found["format"] = name
    return found | _choices(members, str)


def _literal(text: str) -> str:
    """Escapes a text for an ECMAScript pattern, which re.escape does not."""
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
    """`const` and `in` rules. write: converts a value to JSON."""
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


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def _whole(value: Any) -> Any:
    """An integer for a float without a fraction."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
