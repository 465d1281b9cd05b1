"""Path, query and header parameters."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions

from howmuch.gateway.descriptors import FIELD_MASK, OPAQUE, SCALAR_LIKE, enum_of, is_map, message_of
from howmuch.gateway.openapi.annotations import without_empty
from howmuch.gateway.openapi.options import JsonObject
from howmuch.gateway.openapi.paths import FlatPath, Part
from howmuch.gateway.openapi.schemas import NULL_VALUE, Schemas, value_only
from howmuch.gateway.openapi.source import Bound, Source, bound_by_path, is_taken, json_names
from howmuch.gateway.openapi.wellknown import MASK_IN_QUERY, WELL_KNOWN
from howmuch.gateway.options import names_method
from howmuch.gateway.preconditions import checks_if_match
from howmuch.gateway.routes import Route, resolve

_VISIBLE_TEXT: JsonObject = {"type": "string", "maxLength": 255, "pattern": "^[!-~]+$"}


def _header(name: str, description: str, schema: JsonObject) -> JsonObject:
    return {"name": name, "in": "header", "description": description, "schema": schema}


_HEADERS = [
    _header(
        "Idempotency-Key",
        "A name for this request, chosen by the client. Requests repeated with the same key run once;"
        " repeats get the first response again.",
        _VISIBLE_TEXT,
    ),
    _header(
        "If-Match",
        "The ETag that was read, or a list. The request fails with 412 if the resource has changed since.",
        {"type": "string"},
    ),
    _header(
        "If-None-Match",
        "The ETag that was read. If it is still current, the response is 304 without a body.",
        {"type": "string"},
    ),
    _header(
        "Last-Event-ID",
        "The id of the last event that was received, as browsers send it when they connect again. The stream"
        " continues after it, whatever the query says.",
        {"type": "string"},
    ),
]
HEADERS = {header["name"]: header for header in _HEADERS}
"""Header parameters by component name."""

_INFERRED = "Inferred from the body when absent, so the fields that the body sets are changed."
_SAYS_ABSENT = re.compile(r"\b(absent|inferred|omitted|left out|not given|unset)\b", re.IGNORECASE)


class _Choice(NamedTuple):
    """A oneof on the path of a query parameter. member: the parameter's member of it."""

    oneof: str
    member: str
    sentence: str


class Parameters:
    def __init__(self, source: Source, schemas: Schemas) -> None:
        self._source = source
        self._schemas = schemas

    def of_path(self, route: Route, path: FlatPath) -> Iterator[JsonObject]:
        for part in path.parts:
            fields = (
                resolve(route.method.input_type, part.variable.field_path) if part.variable else []
            )
            yield self._part(part, fields)

    def of_query(self, route: Route) -> Iterator[JsonObject]:
        """One for each field that neither path nor body sets.

        Messages are flattened, `settings.theme`; a recursive message only once.
        """
        if route.body == "*":
            return
        message = route.method.input_type
        bound: dict[str, object] = dict(bound_by_path(route))
        if route.body:
            bound[route.body] = None
        for fields in self._settable(message, bound, (message.full_name,)):
            yield self._query_parameter(route, fields)

    def of_headers(self, route: Route, *, is_public: bool) -> Iterator[str]:
        """The names of the header parameters of an operation."""
        method = route.method
        if route.http_method == "GET":
            if not method.server_streaming:
                yield "If-None-Match"
            elif any(each.method == route.grpc_path for each in self._source.options.resumable):
                yield "Last-Event-ID"
            return
        if method.GetOptions().idempotency_level == MethodOptions.NO_SIDE_EFFECTS:
            return
        keyed = names_method(self._source.options.idempotency_keys, method.full_name)
        # A key is scoped to the caller, so public methods have none.
        if keyed and not is_public and route.http_method != "HEAD":
            yield "Idempotency-Key"
        if checks_if_match(route, self._source.options.preconditions):
            yield "If-Match"

    def _part(self, part: Part, fields: list[FieldDescriptor]) -> JsonObject:
        schema: JsonObject = {"type": "string"}
        said = []
        if fields:
            value = self._schemas.of_field(fields[-1])
            said.append(value.pop("description", ""))
            if not part.pattern:
                schema = value_only(value)
        if part.pattern:
            said.append(f"Part of `{json_names(fields)}`, which is `{part.pattern}`.")
        if part.multi:
            said.append("Any number of segments, with slashes between them.")
        if schema.get("type") == "string" and schema.get("format", "byte") == "byte":
            # Path segments are not empty.
            schema.setdefault("minLength", 1)
        return {
            "name": part.name,
            "in": "path",
            "required": True,
            **without_empty({"description": "\n\n".join(filter(None, said))}),
            "schema": schema,
            **({"x-multi-segment": True} if part.multi else {}),
        }

    def _settable(
        self, message: Descriptor, bound: Bound, entered: tuple[str, ...]
    ) -> Iterator[list[FieldDescriptor]]:
        """The field paths that a query can set, without secrets and OUTPUT_ONLY fields."""
        annotations = self._source.annotations
        for field in annotations.fields(message):
            if is_taken(field, bound) or is_map(field):
                continue
            if field.GetOptions().debug_redact or "OUTPUT_ONLY" in annotations.behaviors(field):
                continue
            inner = message_of(field)
            kind = enum_of(field)
            if inner is None:
                if kind is None or kind.full_name != NULL_VALUE:
                    yield [field]
            elif inner.full_name in OPAQUE or field.is_repeated:
                if inner.full_name in SCALAR_LIKE:
                    yield [field]
            elif inner.full_name not in entered:
                deeper = (*entered, inner.full_name)
                for fields in self._settable(inner, bound.get(field.name) or {}, deeper):
                    yield [field, *fields]

    def _query_parameter(self, route: Route, fields: list[FieldDescriptor]) -> JsonObject:
        last = fields[-1]
        schema = self._schemas.of_field(last)
        choices = list(self._choices(fields))
        said = [schema.pop("description", ""), *(choice.sentence for choice in choices)]
        kind = message_of(last)
        if kind is not None and kind.full_name == FIELD_MASK and not last.is_repeated:
            schema["pattern"] = MASK_IN_QUERY
            if schema.get("examples") == WELL_KNOWN[FIELD_MASK]["examples"]:
                # Forms fill in examples, and this one would override the mask that the body implies.
                del schema["examples"]
            if self._is_inferred(route, fields) and not _SAYS_ABSENT.search(said[0]):
                said.append(_INFERRED)
        deprecated = schema.pop("deprecated", None)
        return {
            "name": json_names(fields),
            "in": "query",
            **without_empty({"description": "\n\n".join(filter(None, said))}),
            **({"required": True} if all(map(self._schemas.is_required, fields)) else {}),
            **({"deprecated": True} if deprecated else {}),
            **({"style": "form", "explode": True} if last.is_repeated else {}),
            "schema": value_only(schema),
            **({"x-oneof": {each.oneof: each.member for each in choices}} if choices else {}),
        }

    def _choices(self, fields: list[FieldDescriptor]) -> Iterator[_Choice]:
        """The oneofs of a parameter. OpenAPI has no schema for parameters that exclude each other."""
        for depth, field in enumerate(fields):
            oneof = field.containing_oneof
            if oneof is None or len(oneof.fields) == 1:
                continue
            members = filter(self._source.annotations.is_field_visible, oneof.fields)
            names = [f"`{json_names([*fields[:depth], member])}`" for member in members]
            name = ".".join([*(outer.json_name for outer in fields[:depth]), oneof.name])
            said = f"At most one of {', '.join(names)} can be set."
            yield _Choice(name, json_names(fields[: depth + 1]), said)

    def _is_inferred(self, route: Route, fields: list[FieldDescriptor]) -> bool:
        """Whether a parameter is the mask that the gateway infers from the body."""
        off = self._source.options.update_mask == "off"
        is_mask = len(fields) == 1 and fields[0].name == "update_mask"
        return is_mask and not off and route.http_method == "PATCH" and bool(route.body)
