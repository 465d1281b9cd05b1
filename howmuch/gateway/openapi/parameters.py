"""Parameters of path, query and headers."""

import re
from collections.abc import Iterator

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions

from howmuch.gateway.descriptors import (
    FIELD_MASK,
    OPAQUE,
    SCALAR_LIKE,
    enum_of,
    is_map,
    message_of,
)
from howmuch.gateway.openapi.annotations import without_empty
from howmuch.gateway.openapi.options import JsonObject
from howmuch.gateway.openapi.paths import FlatPath, Part
from howmuch.gateway.openapi.schemas import NULL_VALUE, Schemas, value_only
from howmuch.gateway.openapi.source import Bound, Source, bound_by_path, is_taken, json_names
from howmuch.gateway.openapi.wellknown import MASK_IN_QUERY, WELL_KNOWN
from howmuch.gateway.routes import Route, resolve

_VISIBLE_TEXT: JsonObject = {"type": "string", "maxLength": 255, "pattern": "^[!-~]+$"}

HEADERS: dict[str, JsonObject] = {
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": (
            "A name for this request, chosen by the client. A request that is repeated with the same key is"
            " done once only, and gets the first answer again."
        ),
        "schema": _VISIBLE_TEXT,
    },
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "description": (
            "The ETag that was read. Where the resource has changed since, nothing is done."
        ),
        "schema": {"type": "string"},
    },
    "If-None-Match": {
        "name": "If-None-Match",
        "in": "header",
        "description": "An ETag from before: where it is still right, the answer is 304 without a body.",
        "schema": {"type": "string"},
    },
}
"""Header parameters by their names as components."""

_WRITES_RESOURCE = ("PATCH", "PUT")
_INFERRED = "Inferred from the body when absent: the fields that the body sets are changed."
_SAYS_ABSENT = re.compile(r"\b(absent|inferred|omitted|left out|not given|unset)\b", re.IGNORECASE)


class Parameters:
    """The parameters of operations."""

    def __init__(self, source: Source, schemas: Schemas) -> None:
        self._source = source
        self._schemas = schemas

    def of_path(self, route: Route, path: FlatPath) -> Iterator[JsonObject]:
        """One for each part that varies."""
        for part in path.parts:
            fields = (
                resolve(route.method.input_type, part.variable.field_path) if part.variable else []
            )
            yield self._part(part, fields)

    def of_query(self, route: Route) -> Iterator[JsonObject]:
        """One for each field that neither path nor body sets.

        Messages are taken apart, `settings.theme`; one inside itself is not entered again.
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
        """The names of the header parameters that an operation takes."""
        method = route.method
        if route.http_method == "GET":
            if not method.server_streaming:
                yield "If-None-Match"
            return
        reads = method.GetOptions().idempotency_level == MethodOptions.NO_SIDE_EFFECTS
        # Keys belong to a caller, so they mean nothing where nobody signs in.
        if not reads and not is_public and route.http_method != "HEAD":
            yield "Idempotency-Key"
        if not reads and self._has_etag(route):
            yield "If-Match"

    def _has_etag(self, route: Route) -> bool:
        message = route.method.input_type
        holders = [message]
        if route.http_method in _WRITES_RESOURCE and route.body not in ("", "*"):
            resource = message_of(message.fields_by_name[route.body])
            holders += [resource] if resource is not None else []
        return any("etag" in holder.fields_by_name for holder in holders)

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
            # A segment is never empty.
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
        """Paths to the fields of a message that a query can set and a client should."""
        annotations = self._source.annotations
        for field in annotations.fields(message):
            if is_taken(field, bound) or is_map(field):
                continue
            if "OUTPUT_ONLY" in annotations.behaviors(field):
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
        said = [schema.pop("description", ""), *(sentence for _, _, sentence in choices)]
        kind = message_of(last)
        if kind is not None and kind.full_name == FIELD_MASK and not last.is_repeated:
            schema["pattern"] = MASK_IN_QUERY
            if schema.get("examples") == WELL_KNOWN[FIELD_MASK]["examples"]:
                # Forms are filled in with examples, and this one would hide what the body changes.
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
            **({"x-oneof": {name: member for name, member, _ in choices}} if choices else {}),
        }

    def _choices(self, fields: list[FieldDescriptor]) -> Iterator[tuple[str, str, str]]:
        """The oneofs that a parameter takes part in: each one's name, its member here, and a sentence.

        Of each, one request has parameters of one member only. No schema of parameters can say that.
        """
        for depth, field in enumerate(fields):
            oneof = field.containing_oneof
            if oneof is None or len(oneof.fields) == 1:
                continue
            members = filter(self._source.annotations.is_field_visible, oneof.fields)
            names = [f"`{json_names([*fields[:depth], member])}`" for member in members]
            name = ".".join([*(outer.json_name for outer in fields[:depth]), oneof.name])
            said = f"At most one of {', '.join(names)} can be set."
            yield name, json_names(fields[: depth + 1]), said

    def _is_inferred(self, route: Route, fields: list[FieldDescriptor]) -> bool:
        """Whether a parameter is the mask that the gateway makes of the body where there is none."""
        off = self._source.options.update_mask == "off"
        is_mask = len(fields) == 1 and fields[0].name == "update_mask"
        return is_mask and not off and route.http_method == "PATCH" and bool(route.body)
