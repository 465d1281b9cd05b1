"""Responses of operations: the result of the method, and its errors."""

from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from howmuch.gateway.descriptors import HTTP_BODY, message_of
from howmuch.gateway.openapi.annotations import extensions_of, json_value, without_empty
from howmuch.gateway.openapi.comments import summarized
from howmuch.gateway.openapi.error_responses import (
    ERROR_HEADERS,
    GENERAL,
    SHARED,
    Errors,
    described,
    reason_phrase,
    shared,
)
from howmuch.gateway.openapi.examples import Examples
from howmuch.gateway.openapi.options import JsonObject
from howmuch.gateway.openapi.schemas import Schemas, value_only
from howmuch.gateway.openapi.source import Source
from howmuch.gateway.openapi.wellknown import BINARY
from howmuch.gateway.preconditions import checks_if_match
from howmuch.gateway.routes import Route


class Responses:
    def __init__(
        self, source: Source, schemas: Schemas, examples: Examples, errors: Errors
    ) -> None:
        self._source = source
        self._errors = errors
        self._schemas = schemas
        self._examples = examples

    def of(self, route: Route, errors: dict[str, str], *, signs_in: bool) -> JsonObject:
        """The Responses Object. errors: descriptions by HTTP status. signs_in: whether it needs a token."""
        cacheable = route.http_method == "GET" and not route.method.server_streaming
        found: JsonObject = {"200": self._success(route, cacheable=cacheable)}
        if cacheable:
            found["304"] = shared("NotModified")
        found["400"] = shared("BadRequest")
        if signs_in:
            found["401"] = shared("Unauthenticated")
        cookie = self._source.options.session_cookie
        if cookie is not None and (signs_in or route.grpc_path == cookie.set_by):
            found["403"] = shared("CookieNotAccepted")
        if checks_if_match(route, self._source.options.preconditions):
            found["412"] = shared("PreconditionFailed")
        for status, text in errors.items():
            general = GENERAL.get(status, "") if status in found else ""
            said = "\n\n".join(filter(None, (general, text)))
            found[status] = self._errors.error(said, ERROR_HEADERS.get(status, ""))
        self._annotate(route, found)
        ordered = dict(sorted(found.items()))
        ordered["default"] = found.get("default") or shared("Error")
        if route.http_method == "HEAD":
            # Responses to HEAD have no body.
            ordered = {status: self._without_body(given) for status, given in ordered.items()}
        return ordered

    def _success(self, route: Route, *, cacheable: bool) -> JsonObject:
        message = route.method.output_type
        field = message.fields_by_name[route.response_body] if route.response_body else None
        inner = message if field is None else message_of(field)
        streaming = route.method.server_streaming
        has_etag = inner is not None and "etag" in inner.fields_by_name
        header = "ETag" if not streaming and (cacheable or has_etag) else ""
        if inner is not None and inner.full_name == HTTP_BODY and not (field and field.is_repeated):
            text = "A document of the type in `Content-Type`."
            content = {media_type: {"schema": dict(BINARY)} for media_type in self._produced(route)}
            return {**described(text, header), "content": content}
        schema = self._schemas.of_message(message) if field is None else self._value(field)
        text = self._source.comments.of(message if field is None else field)
        text = summarized(text).summary or "Success."
        if not streaming:
            media = {"schema": schema, **self._examples.of_answer(schema)}
            answer = described(text, header, self._cookie_header(route))
            return {**answer, "content": {"application/json": media}}
        return {**described(_streaming(text)), "content": self._stream(schema)}

    def _cookie_header(self, route: Route) -> str:
        """The header of a response that sets or removes the cookie; empty means none."""
        cookie = self._source.options.session_cookie
        if cookie is None or route.grpc_path not in (cookie.set_by, *cookie.ended_by):
            return ""
        return "Set-Cookie"

    def _produced(self, route: Route) -> list[str]:
        """The media types of a document, from openapiv2_operation."""
        operation = self._source.annotations.openapi(route.method, "operation")
        return list(operation.produces if operation is not None else ()) or ["*/*"]

    def _value(self, field: FieldDescriptor) -> JsonObject:
        """A field as the whole response; a message that is not set is null."""
        schema = value_only(self._schemas.of_field(field))
        if message_of(field) is not None and not field.is_repeated and schema:
            return {"anyOf": [schema, {"type": "null"}]}
        return schema

    def _stream(self, item: JsonObject) -> JsonObject:
        """A stream in its three media types. Only OpenAPI 3.2 has item schemas for the latter two."""
        many = {"type": "array", "items": item}
        return {
            "application/json": {"schema": many, **self._examples.of_answer(many)},
            "application/x-ndjson": {
                "schema": {"type": "string"},
                "x-itemSchema": {"anyOf": [item, self._errors.failure()]},
            },
            "text/event-stream": {
                "schema": {"type": "string"},
                "x-itemSchema": {
                    "type": "object",
                    "properties": {
                        "event": {"type": "string", "const": "error"},
                        "data": {
                            "type": "string",
                            "contentMediaType": "application/json",
                            "contentSchema": {"anyOf": [item, self._errors.status()]},
                        },
                    },
                    "required": ["data"],
                },
            },
        }

    def _annotate(self, route: Route, found: JsonObject) -> None:
        """Adds responses of openapiv2_swagger and openapiv2_operation, except their schemas."""
        operation = self._source.annotations.openapi(route.method, "operation")
        for annotation in (self._source.swagger, operation):
            for status in sorted(annotation.responses) if annotation else ():
                given = annotation.responses[status]
                if status == "200":
                    answer = found["200"]
                elif status == "default" or status[:1] in ("4", "5"):
                    text = given.description or reason_phrase(status)
                    answer = self._errors.error(text, ERROR_HEADERS.get(status, ""))
                    found[status] = answer
                else:
                    continue
                _add(answer, given)

    def _without_body(self, answer: JsonObject) -> JsonObject:
        if "$ref" in answer:
            answer = described(*SHARED[answer["$ref"].rpartition("/")[2]])
        return {name: value for name, value in answer.items() if name != "content"}


def _add(answer: JsonObject, given: Any) -> None:
    """Adds description, headers, examples and extensions from an annotation."""
    if given.description:
        answer["description"] = given.description
    for name in sorted(given.headers):
        header = given.headers[name]
        schema = {
            "type": header.type or "string",
            "format": header.format,
            "default": json_value(header.default) if header.default else None,
            "pattern": header.pattern,
        }
        described = without_empty({"description": header.description})
        answer["headers"][name] = {**described, "schema": without_empty(schema)}
    for media_type in sorted(given.examples):
        media = answer.get("content", {}).get(media_type)
        if media is not None:
            media.pop("examples", None)
            media["example"] = json_value(given.examples[media_type])
    answer |= extensions_of(given)


def _streaming(text: str) -> str:
    return (
        f"{text}\n\nThis is a stream: each message is sent at once. `Accept` chooses its form: one array"
        " (`application/json`), a message per line (`application/x-ndjson`), or server-sent events"
        ' (`text/event-stream`). A failure after the first message is a last line `{"error": ...}`, an event'
        " named `error`, or an array that breaks off before it is closed."
    )
