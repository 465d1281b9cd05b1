"""Request bodies."""

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from howmuch.gateway.descriptors import HTTP_BODY, OPAQUE, message_of
from howmuch.gateway.openapi.annotations import json_value, without_empty
from howmuch.gateway.openapi.components import Components, Names
from howmuch.gateway.openapi.examples import Examples
from howmuch.gateway.openapi.options import JsonObject
from howmuch.gateway.openapi.schemas import Body, Partial, Schemas, value_only
from howmuch.gateway.openapi.source import Source, bound_by_path, json_names
from howmuch.gateway.openapi.wellknown import BINARY
from howmuch.gateway.routes import Route, resolve


class Bodies:
    """The request bodies of operations."""

    def __init__(
        self, source: Source, components: Components, schemas: Schemas, examples: Examples
    ) -> None:
        self._source = source
        self._components = components
        self._schemas = schemas
        self._examples = examples

    def of(self, route: Route) -> JsonObject | None:
        """The Request Body Object of an operation; None means no body."""
        if not route.body:
            return None
        message = route.method.input_type
        field = None if route.body == "*" else message.fields_by_name[route.body]
        inner = message if field is None else message_of(field)
        one = field is None or not field.is_repeated
        comment = self._source.comments.of(field) if field is not None else ""
        description = without_empty({"description": comment})
        if one and inner is not None and inner.full_name == HTTP_BODY:
            return {**description, "content": {"*/*": {"schema": dict(BINARY)}}}
        if one and inner is not None and inner.full_name not in OPAQUE:
            schema = self._schemas.of_message(inner, self._body(route, field))
        elif field is not None:
            schema = value_only(self._schemas.of_field(field))
        else:
            schema = self._schemas.of_message(message)
        streaming = route.method.client_streaming
        required = not streaming and self._is_required(field, inner if one else None, schema)
        return {
            **description,
            "content": self._stream(schema) if streaming else self._json(schema, route, field),
            **({"required": True} if required else {}),
        }

    def _body(self, route: Route, field: FieldDescriptor | None) -> Body:
        """The differences of the body from its message elsewhere."""
        bound = bound_by_path(route)
        if field is not None:
            bound = bound.get(field.name) or {}
        partial: Partial = ""
        if field is not None and route.http_method == "PATCH":
            partial = "deep" if self._source.options.update_mask == "deep" else "top"
        method = route.method
        suffix = f"_{route.index}" if route.index else ""
        service = method.containing_service.name
        return Body(
            f"{method.full_name}#body{suffix}",
            Names(f"{method.name}Body{suffix}", f"{service}_{method.name}Body{suffix}"),
            bound,
            partial,
            _note(route, field),
        )

    def _is_required(
        self, field: FieldDescriptor | None, message: Descriptor | None, schema: JsonObject
    ) -> bool:
        """An empty body is valid only for a message without required fields."""
        if field is not None and self._schemas.is_required(field):
            return True
        if message is None or message.full_name in OPAQUE:
            return field is not None
        return bool(self._components.resolve(schema).get("required"))

    def _json(self, schema: JsonObject, route: Route, field: FieldDescriptor | None) -> JsonObject:
        example = self._annotated(route, field) or self._examples.of_request(schema)
        return {"application/json": {"schema": schema, **example}}

    def _annotated(self, route: Route, field: FieldDescriptor | None) -> JsonObject:
        """The member `example` from the annotation of the body's field, or of the whole request."""
        annotations = self._source.annotations
        annotation = (
            annotations.openapi(field, "field")
            if field is not None
            else annotations.openapi(route.method.input_type, "schema")
        )
        if annotation is None or not annotation.example:
            return {}
        example = json_value(annotation.example)
        if field is None and isinstance(example, dict):
            bound = {
                resolve(route.method.input_type, [name])[0].json_name
                for name in bound_by_path(route)
            }
            example = {name: value for name, value in example.items() if name not in bound}
        return {"example": example}

    def _stream(self, schema: JsonObject) -> JsonObject:
        many = {"type": "array", "items": schema}
        return {
            "application/json": {"schema": many, **self._examples.of_request(many)},
            "application/x-ndjson": {"schema": {"type": "string"}, "x-itemSchema": schema},
        }


def _note(route: Route, field: FieldDescriptor | None) -> str:
    """Which fields of its message a body leaves out."""
    given = []
    for variable in route.template.variables:
        fields = resolve(route.method.input_type, variable.field_path)
        if field is not None and fields[0].name == field.name:
            fields = fields[1:]
        elif field is not None:
            continue
        if fields:
            given.append(f"`{json_names(fields)}`")
    said = f"Without {' and '.join(given)}, which the path gives." if given else ""
    if field is not None and route.http_method == "PATCH":
        said = f"{said} Only the fields that change have to be in it.".strip()
    return said
