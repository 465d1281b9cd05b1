"""From path, query and body to request messages on the wire. Compiled once for each route.

The parts are put one after the other: query, body, path. What comes later wins on the wire, so whatever a
check before it may have missed, a field is what the path says, and that is what was authorized.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from howmuch.gateway import percent
from howmuch.gateway.bodies import Bound, Shapes, check_body, check_special, elements, mask_of
from howmuch.gateway.codec import Codec, CodecError, TooDeepError
from howmuch.gateway.descriptors import FIELD_MASK, HTTP_BODY, OPAQUE, message_of
from howmuch.gateway.explain import explain
from howmuch.gateway.json_text import parse_json, shown, too_deep
from howmuch.gateway.options import GatewayOptions
from howmuch.gateway.query import Query
from howmuch.gateway.routes import Route, resolve
from howmuch.gateway.status import invalid
from howmuch.gateway.templates import FieldPath
from howmuch.gateway.wire import Encode, delimited, encoder

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class RequestReader:
    """Reads the requests of one route.

    takes_body: whether its rule has one. raw_body: whether that is google.api.HttpBody, which takes bytes
    of any type as they are.
    """

    def __init__(self, route: Route, codec: Codec, shapes: Shapes, options: GatewayOptions) -> None:
        message = route.method.input_type
        self._message = message
        self._codec = codec
        self._ignore_unknown = options.ignore_unknown_fields
        self._variables = [
            (
                variable.field_path,
                not route.template.is_single(variable),
                encoder(resolve(message, variable.field_path), codec),
            )
            for variable in route.template.variables
        ]
        self._query = Query(
            message,
            self._bound_of(["" for _ in self._variables]),
            route.body,
            codec,
            ignored=options.ignored_query_parameters,
            ignore_unknown=options.ignore_unknown_query_parameters,
        )
        self.takes_body = bool(route.body)
        self._field: FieldDescriptor | None = None
        body_message = message if route.body == "*" else None
        if route.body not in ("", "*"):
            self._field = message.fields_by_name[route.body]
            body_message = None if self._field.is_repeated else message_of(self._field)
        self._body_message = body_message
        self.raw_body = body_message is not None and body_message.full_name == HTTP_BODY
        self._plain = body_message is not None and body_message.full_name not in OPAQUE
        self._key = shapes.of(message).keys[route.body] if self._field is not None else None
        self._shape = self._key.shape if self._key is not None else None
        if body_message is message and self._plain:
            self._shape = shapes.of(message)
        read = body_message if self._plain and body_message is not None else message
        self._from_json = codec.from_json(read.full_name, ignore_unknown=self._ignore_unknown)
        self._mask_field = self._find_mask_field(route, options)
        self._deep_mask = options.update_mask == "deep"

    def path_and_query(
        self, texts: Sequence[str], query: bytes, seen: set[str] | None = None
    ) -> tuple[bytes, bytes, Bound]:
        """The fields that path and query set, each on the wire, and what the path sets. Raises Refusal."""
        out = []
        values = []
        for (field_path, keep_slashes, encode), text in zip(self._variables, texts, strict=True):
            value = _decoded(text, field_path, keep_slashes) if "%" in text else text
            out.append(_encoded(encode, value, field_path))
            values.append(value)
        from_query = self._query.to_wire(query, seen) if query else b""
        return b"".join(out), from_query, self._bound_of(values)

    def without_body(self, texts: Sequence[str], query: bytes) -> bytes:
        """The message of a request whose rule has no body."""
        from_path, from_query, _ = self.path_and_query(texts, query)
        return from_query + from_path

    def with_body(self, texts: Sequence[str], query: bytes, body: bytes) -> bytes:
        """The message of a request with a JSON body; an empty body is an empty message."""
        seen: set[str] = set()
        from_path, from_query, bound = self.path_and_query(texts, query, seen)
        body = body.removeprefix(_BYTE_ORDER_MARK)
        if not body:
            return from_query + self._empty_body() + from_path
        value = parse_json(body)
        mask = b""
        if self._mask_field is not None and self._mask_field.name not in seen:
            mask = self._mask(value, bound)
        return from_query + self._body(value, body, bound) + mask + from_path

    def with_raw_body(
        self, texts: Sequence[str], query: bytes, content_type: str, body: bytes
    ) -> bytes:
        """The message of a request whose body is google.api.HttpBody."""
        from_path, from_query, _ = self.path_and_query(texts, query)
        return from_query + self.raw_part(content_type, body) + from_path

    def raw_part(self, content_type: str, body: bytes) -> bytes:
        """The field that holds a body, or a piece of one, as it came."""
        wire = (delimited(1, content_type.encode()) if content_type else b"") + delimited(2, body)
        return delimited(self._field.number, wire) if self._field is not None else wire

    def stream(
        self, texts: Sequence[str], query: bytes, body: bytes, *, lines: bool
    ) -> list[bytes]:
        """The messages of a client stream: a JSON array, or a JSON text in each line."""
        from_path, from_query, bound = self.path_and_query(texts, query)
        messages = []
        for value, text in _values(body.removeprefix(_BYTE_ORDER_MARK), lines=lines):
            messages.append(from_query + self._body(value, text, bound) + from_path)
        return messages

    def _body(self, value: Any, text: bytes, bound: Bound) -> bytes:
        """A body on the wire, with the tag of its field where it is one."""
        try:
            return self._checked_body(value, text, bound)
        except RecursionError:
            raise too_deep() from None

    def _checked_body(self, value: Any, text: bytes, bound: Bound) -> bytes:
        field = self._field
        if field is not None:
            within = bound.get(field.name, {})
            bound = {} if isinstance(within, str) else within
        if self._shape is not None:
            parts = elements(value, self._key, "") if self._key is not None else [("", value)]
            for place, part in parts:
                check_body(part, self._shape, bound, ignore_unknown=self._ignore_unknown, at=place)
        if self._key is not None:
            check_special(value, self._key, self._key.field.json_name, 1)
        if field is not None and not self._plain:
            text = b'{"%s":%s}' % (field.json_name.encode(), text)
        try:
            wire = self._from_json(text)
        except TooDeepError:
            raise too_deep() from None
        except CodecError:
            if self._body_message is not None and self._plain:
                raise explain(self._codec, value, self._body_message) from None
            wrapped = {field.json_name: value} if field is not None else value
            raise explain(self._codec, wrapped, self._message) from None
        return delimited(field.number, wire) if field is not None and self._plain else wire

    def _empty_body(self) -> bytes:
        if self._field is None:
            return b""
        if not self._plain:
            raise invalid(
                "", "BODY_MISSING", f"The body is missing: it is to be {self._field.json_name}."
            )
        return delimited(self._field.number, b"")

    def _mask(self, value: Any, bound: Bound) -> bytes:
        """The update mask that the body means."""
        assert self._mask_field is not None
        assert self._field is not None
        if type(value) is not dict or self._shape is None:
            return b""
        within = bound.get(self._field.name, {})
        paths = mask_of(
            value, self._shape, {} if isinstance(within, str) else within, deep=self._deep_mask
        )
        wire = b"".join(delimited(1, path.encode()) for path in sorted(set(paths)))
        return delimited(self._mask_field.number, wire) if wire else b""

    def _find_mask_field(self, route: Route, options: GatewayOptions) -> FieldDescriptor | None:
        """Where AIP-134 has the mask of an update; None where none is to be made of the body."""
        if route.http_method != "PATCH" or self._field is None or options.update_mask == "off":
            return None
        found: FieldDescriptor | None = self._message.fields_by_name.get("update_mask")
        kind = message_of(found) if found is not None else None
        return found if kind is not None and kind.full_name == FIELD_MASK else None

    def _bound_of(self, values: Sequence[str]) -> Bound:
        bound: dict[str, Any] = {}
        for (field_path, _, _), value in zip(self._variables, values, strict=True):
            within = bound
            for name in field_path[:-1]:
                within = within.setdefault(name, {})
            within[field_path[-1]] = value
        return bound


def _decoded(text: str, field_path: FieldPath, keep_slashes: bool) -> str:
    try:
        return percent.decode(text.encode(), keep_slashes=keep_slashes)
    except ValueError as error:
        name = ".".join(field_path)
        said = f"{name}, in the path: {error}."
        raise invalid(name, "PATH_ENCODING_INVALID", said) from None


def _encoded(encode: Encode, value: str, field_path: FieldPath) -> bytes:
    try:
        return encode(value)
    except ValueError as error:
        name = ".".join(field_path)
        said = f"{name}, in the path: expected {error}, not {shown(value)}."
        raise invalid(name, "PATH_VALUE_INVALID", said) from None


def _values(body: bytes, *, lines: bool) -> Iterator[tuple[Any, bytes]]:
    """The values of a stream, each parsed and as text."""
    if lines:
        for line in body.splitlines():
            if line.strip():
                yield parse_json(line), line
        return
    values = parse_json(body) if body else []
    if type(values) is not list:
        raise invalid("", "BODY_NOT_LIST", "The body has to be a list: this method takes a stream.")
    for value in values:
        yield value, json.dumps(value).encode()
