"""Deterministic examples, generated from schemas and valid against them.

Examples of annotations come first. Other values depend on format, type and, for strings, on the name of the
member. If no valid value is found, there is no example.
"""

import re
from collections.abc import Mapping
from typing import Any, Literal

from howmuch.gateway.openapi.annotations import json_value
from howmuch.gateway.openapi.components import EXAMPLES, Components, key_of
from howmuch.gateway.openapi.options import JsonObject
from howmuch.gateway.openapi.source import Source

Direction = Literal["readOnly", "writeOnly"]
"""Members to leave out: `readOnly` ones of requests, `writeOnly` ones of responses."""

_MISSING = object()
_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_UNUSUAL = re.compile(
    r"\b(absent|unset|empty) unless\b|\bonly set (when|if|where)\b", re.IGNORECASE
)

_BY_FORMAT = {
    "byte": "aGVsbG8=",
    "date": "2026-03-14",
    "date-time": "2026-03-14T09:26:53Z",
    "email": "ada@example.com",
    "google-duration": "3.500s",
    "google-fieldmask": "displayName,sub.name",
    "hostname": "www.example.com",
    "int64": "42",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "password": "correct horse battery staple",
    "uint64": "42",
    "uri": "https://www.example.com/",
    "uri-reference": "/home",
    "uuid": "0f8fad5b-d9cb-469f-a165-70867728950e",
}
_BY_NAME = {  # By the last one or two words of a member's name.
    "currency code": "EUR",
    "time zone": "Europe/Lisbon",
    "phone number": "+351 210 000 000",
    "email": "ada@example.com",
    "date": "2026-03-14",
    "month": "2026-03",
    "percent": "12.5",
    "password": "correct horse battery staple",
    "etag": "3f1c9a",
    "token": "b2Zmc2V0PTUw",
    **dict.fromkeys(("language code", "locale"), "en"),
    **dict.fromkeys(("country code", "region code"), "PT"),
    **dict.fromkeys(("amount", "price", "total"), "12.40"),
    **dict.fromkeys(("url", "uri"), "https://www.example.com/"),
}
_PLAIN = ("example", "Example", "a", "1", "12.40", "2026-03-14", "2026-03-14T09:26:53Z")
_ANY = {"@type": "type.googleapis.com/google.protobuf.Duration", "value": "3.500s"}


def example_ids(source: Source) -> Mapping[str, str]:
    """Annotated examples of `id` fields, by lower-case message name."""
    found = {}
    for file in source.descriptors.files:
        for declared in file.message_type:
            name = f"{file.package}.{declared.name}" if file.package else declared.name
            message = source.descriptors.pool.FindMessageTypeByName(name)
            field = message.fields_by_name.get("id")
            annotation = source.annotations.openapi(field, "field") if field is not None else None
            example = json_value(annotation.example) if annotation is not None else None
            if isinstance(example, str) and example:
                found[declared.name.lower()] = example
    return found


class Examples:
    """Examples of schemas. All components that the schemas refer to must exist.

    ids: see `example_ids`. shared: examples of responses by the key of their schema.
    """

    def __init__(self, components: Components, ids: Mapping[str, str] | None = None) -> None:
        self._components = components
        self._ids = ids or {}
        self.shared: dict[str, Any] = {}

    def of_request(self, schema: JsonObject) -> JsonObject:
        """The member `example` of a media type, or no member."""
        return self._example(schema, "readOnly")

    def of_answer(self, schema: JsonObject) -> JsonObject:
        """The member `example` or `examples`, or no member. Responses with the same schema share one."""
        key = key_of(schema)
        if key is None:
            return self._example(schema, "writeOnly")
        if key not in self.shared:
            self.shared[key] = self._value(schema, "", "writeOnly", ())
        if self.shared[key] is _MISSING:
            return {}
        return {"examples": {"example": {"$ref": f"{EXAMPLES}{key}"}}}

    def made(self) -> dict[str, Any]:
        """The shared examples by the key of their schema."""
        return {key: value for key, value in self.shared.items() if value is not _MISSING}

    def _example(self, schema: JsonObject, without: Direction) -> JsonObject:
        value = self._value(schema, "", without, ())
        return {} if value is _MISSING else {"example": value}

    def _value(
        self, schema: JsonObject, name: str, without: Direction, inside: tuple[str, ...]
    ) -> Any:
        """name: of the member. inside: keys of the components around it."""
        if schema.get("examples"):
            return schema["examples"][0]
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return _of_enum(schema["enum"])
        key = key_of(schema)
        if key is not None:
            if key in inside:
                return _MISSING
            return self._value(self._components.made[key].schema, name, without, (*inside, key))
        if "anyOf" in schema:
            return self._value(schema["anyOf"][0], name, without, inside)
        kind = schema.get("type")
        if kind == "object":
            return self._object(schema, without, inside)
        if kind == "array":
            return self._array(schema, name, without, inside)
        if kind == "string":
            return _string(schema, self._words(name, inside), self._ids)
        if kind in ("integer", "number"):
            return _number(schema)
        # Without a type, any value is valid.
        return {"boolean": True, "null": None}.get(str(kind), "example")

    def _words(self, name: str, inside: tuple[str, ...]) -> list[str]:
        """The words of a member's name; for `id`, also those of its message."""
        if name == "id" and inside:
            name = f"{self._components.made[inside[-1]].names.short.rpartition('.')[2]}Id"
        return [word.lower() for word in _WORDS.findall(name)]

    def _object(self, schema: JsonObject, without: Direction, inside: tuple[str, ...]) -> Any:
        required = set(schema.get("required", ()))
        excluded = {frozenset(pair["required"]) for pair in schema.get("not", {}).get("anyOf", ())}
        made: JsonObject = {}
        for name, member in schema.get("properties", {}).items():
            if name == "@type":
                return dict(_ANY)
            if name not in required and _is_left_out(name, member, without):
                continue
            if any(frozenset((name, other)) in excluded for other in made):
                continue
            value = self._value(member, name, without, inside)
            if value is not _MISSING:
                made[name] = value
            elif name in required:
                return _MISSING
        more = schema.get("additionalProperties")
        if not made and isinstance(more, dict):
            made |= self._entry(schema, more, without, inside)
        elif not made and more is True:
            made["key"] = "value"
        return made

    def _entry(
        self, schema: JsonObject, of: JsonObject, without: Direction, inside: tuple[str, ...]
    ) -> JsonObject:
        keys = schema.get("propertyNames", {})
        key = keys["enum"][0] if "enum" in keys else "1" if "pattern" in keys else "key"
        value = self._value(of, "", without, inside)
        return {} if value is _MISSING else {key: value}

    def _array(
        self, schema: JsonObject, name: str, without: Direction, inside: tuple[str, ...]
    ) -> Any:
        least = schema.get("minItems", 1)
        item = self._value(schema["items"], name.removesuffix("s"), without, inside)
        if item is _MISSING:
            return _MISSING if least and "minItems" in schema else []
        if least > 1 and schema.get("uniqueItems"):
            return _MISSING
        return [item] * max(1, least)


def _is_left_out(name: str, member: JsonObject, without: Direction) -> bool:
    """Leaves out members of the other direction, deprecated and unusual ones, and stale etags."""
    stale = name == "etag" and without == "readOnly"
    left_out = stale or member.get(without, False) or member.get("deprecated", False)
    return left_out or _UNUSUAL.search(member.get("description", "")) is not None


def _of_enum(values: list[Any]) -> Any:
    """The first value that is not UNSPECIFIED."""
    meant = [value for value in values if not str(value).endswith("_UNSPECIFIED")]
    return (meant or values)[0]


def _string(schema: JsonObject, words: list[str], ids: Mapping[str, str]) -> Any:
    pattern = schema.get("pattern", "")
    by_format = _BY_FORMAT.get(schema.get("format", ""), "")
    candidates = [by_format, _by_id(words, ids), _by_name(words), *_PLAIN]
    longest = schema.get("maxLength", len(max(candidates, key=len)))
    for candidate in filter(None, candidates):
        text = candidate[:longest].strip().ljust(schema.get("minLength", 0), "x")
        if re.search(pattern, text):
            return text
    may_be_empty = not schema.get("minLength") and "format" not in schema
    return "" if may_be_empty and re.search(pattern, "") else _MISSING


def _by_id(words: list[str], ids: Mapping[str, str]) -> str:
    """The example id of a message: a Member's for `creatorMemberId`. Empty means none."""
    if words[-1:] != ["id"]:
        return ""
    names = ("".join(words[start:-1]) for start in range(len(words) - 1))
    return next((ids[name] for name in names if name in ids), "")


def _by_name(words: list[str]) -> str:
    for count in (2, 1):
        if text := _BY_NAME.get(" ".join(words[-count:])):
            return text
    if words and words[-1] in ("id", "ids"):
        return "-".join([*words[:-1], "1"]) if len(words) > 1 else "1"
    return " ".join(words).capitalize()


def _number(schema: JsonObject) -> Any:
    whole = schema["type"] == "integer"
    step = schema.get("multipleOf")
    least, most = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    candidates: list[Any] = [1, 2, 0] if whole else [1.5, 1, 0, 0.5]
    for bound, towards in ((least, 0), (most, 0), (above, 1), (below, -1)):
        if bound is not None:
            candidates += [bound + towards, bound + towards / 2] if not whole else [bound + towards]
    if step:
        candidates = [step, 0, *candidates]
    for value in candidates:
        if (
            (least is None or value >= least)
            and (most is None or value <= most)
            and (above is None or value > above)
            and (below is None or value < below)
            and (not step or value % step == 0)
        ):
            return value
    return _MISSING
