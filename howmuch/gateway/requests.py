"""Builds request messages on the wire from path, query and body. Compiled once for each route.

The order is query, body, path. The last value of a field wins on the wire, so the path, which was
authorized, always wins, whatever an earlier check may have missed.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from google.protobuf.descriptor import FieldDescriptor

from howmuch.gateway.bodies import (
    Bound,
    Element,
    Shapes,
    check_body,
    check_special,
    elements,
    mask_of,
)
from howmuch.gateway.codec import Codec, CodecError, TooDeepError
from howmuch.gateway.descriptors import FIELD_MASK, HTTP_BODY, OPAQUE, message_of
from howmuch.gateway.explain import explain_to
from howmuch.gateway.json_bounds import check_json, check_lines
from howmuch.gateway.json_text import parse_json, too_deep
from howmuch.gateway.large_bodies import LargeBodies
from howmuch.gateway.options import GatewayOptions
from howmuch.gateway.path_variables import PathVariable
from howmuch.gateway.query import Query
from howmuch.gateway.routes import Route, resolve
from howmuch.gateway.status import Refusals, invalid
from howmuch.gateway.templates import nested
from howmuch.gateway.wire import delimited, encoder

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

SMALL_BODY_BYTES = 4096
"""Bodies up to this size are read in about 10 ms at most, and a refusal is explained in about 30 ms."""


class _Item(NamedTuple):
    """A JSON value, parsed and as text."""

    value: Any
    text: bytes


class Target(NamedTuple):
    """The fields that the request target sets, on the wire. bound: those of the path, as values."""

    path: bytes
    query: bytes
    bound: Bound


class RequestReader:
    """Reads the requests of one route.

    takes_body: whether its rule has a body. raw_body: whether that is google.api.HttpBody: any bytes.
    """

    def __init__(self, route: Route, codec: Codec, shapes: Shapes, options: GatewayOptions) -> None:
        message = route.method.input_type
        self._message = message
        self._codec = codec
        self._ignore_unknown = options.ignore_unknown_fields
        self._variables = [
            PathVariable(
                variable.field_path,
                not route.template.is_single(variable),
                encoder(resolve(message, variable.field_path), codec),
            )
            for variable in route.template.variables
        ]
        self._field_paths = [variable.field_path for variable in self._variables]
        self._query = Query(
            message,
            nested(self._field_paths, [""] * len(self._variables)),
            route.body,
            codec,
            ignored=options.ignored_query_parameters,
            ignore_unknown=options.ignore_unknown_query_parameters,
            most=options.max_query_parameters,
        )
        self._most_values = options.max_json_values
        self._large = LargeBodies(codec, shapes, ignore_unknown=self._ignore_unknown)
        self.takes_body = bool(route.body)
        self._field: FieldDescriptor | None = None
        body_message = message if route.body == "*" else None
        if route.body not in ("", "*"):
            self._field = message.fields_by_name[route.body]
            body_message = None if self._field.is_repeated else message_of(self._field)
        self._body_message = body_message
        self.raw_body = body_message is not None and body_message.full_name == HTTP_BODY
        self._plain = body_message is not None and body_message.full_name not in OPAQUE
        within = () if self._field is None else (self._field.name,)
        self._has_no_fields = (
            self._plain
            and body_message is not None
            and all((*within, each.name) in self._field_paths for each in body_message.fields)
        )
        self._key = shapes.of(message).keys[route.body] if self._field is not None else None
        self._shape = self._key.shape if self._key is not None else None
        if body_message is message and self._plain:
            self._shape = shapes.of(message)
        read = body_message if self._plain and body_message is not None else message
        self._from_json = codec.from_json(read.full_name, ignore_unknown=self._ignore_unknown)
        self._mask_field = self._find_mask_field(route, options)
        self._deep_mask = options.update_mask == "deep"

    def target(
        self, texts: Sequence[str], query: bytes, wrong: Refusals, seen: set[str] | None = None
    ) -> Target:
        """texts: raw texts of the path variables. seen: gets the fields of the query.

        Adds the errors of fields to `wrong`; raises Refusal for a query that cannot be read.
        """
        path = []
        values = []
        for variable, text in zip(self._variables, texts, strict=True):
            value = text
            with wrong:
                value = variable.decoded(text) if "%" in text else text
                path.append(variable.to_wire(value))
            values.append(value)
        seen = set() if seen is None else seen
        from_query = self._query.to_wire(query, seen, wrong) if query else b""
        return Target(b"".join(path), from_query, nested(self._field_paths, values))

    def right_target(self, texts: Sequence[str], query: bytes) -> Target:
        """The target of a request whose body has no fields to check."""
        wrong = Refusals()
        target = self.target(texts, query, wrong)
        wrong.raise_any()
        return target

    def without_body(self, texts: Sequence[str], query: bytes) -> bytes:
        """The message of a request whose rule has no body."""
        target = self.right_target(texts, query)
        return target.query + target.path

    def with_body(self, texts: Sequence[str], query: bytes, body: bytes) -> bytes:
        """The message of a request with a JSON body; an empty body is an empty message.

        So is `null` if the body can have no fields but those of the path: clients send it for "nothing".
        """
        wrong = Refusals()
        seen: set[str] = set()
        target = self.target(texts, query, wrong, seen)
        body = body.removeprefix(_BYTE_ORDER_MARK)
        if not body or (self._has_no_fields and body.strip() == b"null"):
            wrong.raise_any()
            return target.query + self._empty_body() + target.path
        check_json(body, self._most_values)
        value = parse_json(body)
        wire = self._body(_Item(value, body), target.bound, wrong)
        wrong.raise_any()
        mask = b""
        if self._mask_field is not None and self._mask_field.name not in seen:
            mask = self._mask(value, target.bound)
        return target.query + wire + mask + target.path

    def with_raw_body(
        self, texts: Sequence[str], query: bytes, content_type: str, body: bytes
    ) -> bytes:
        """The message of a request whose body is google.api.HttpBody."""
        target = self.right_target(texts, query)
        return target.query + self.raw_part(content_type, body) + target.path

    def raw_part(self, content_type: str, body: bytes) -> bytes:
        """The HttpBody field with a body or a part of one."""
        wire = (delimited(1, content_type.encode()) if content_type else b"") + delimited(2, body)
        return delimited(self._field.number, wire) if self._field is not None else wire

    def stream(
        self, texts: Sequence[str], query: bytes, body: bytes, *, lines: bool
    ) -> list[bytes]:
        """The messages of a client stream: a JSON array, or one JSON value in each line."""
        target = self.right_target(texts, query)
        return [
            target.query + self._item(item, target.bound) + target.path
            for item in _items(body.removeprefix(_BYTE_ORDER_MARK), self._most_values, lines=lines)
        ]

    def _item(self, item: _Item, bound: Bound) -> bytes:
        """One message of a client stream. Raises Refusal."""
        wrong = Refusals()
        wire = self._body(item, bound, wrong)
        wrong.raise_any()
        return wire

    def _body(self, item: _Item, bound: Bound, wrong: Refusals) -> bytes:
        """The body on the wire, with the tag of its field if it is one. Adds the wrong fields to `wrong`."""
        try:
            self._check_body(item.value, bound, wrong)
            return self._converted(item.value, item.text, wrong)
        except (RecursionError, TooDeepError):
            raise too_deep() from None

    def _check_body(self, value: Any, bound: Bound, wrong: Refusals) -> None:
        if self._shape is not None:
            within = self._within(bound)
            whole = [Element("", value)]
            for path, part in elements(value, self._key, "") if self._key is not None else whole:
                check_body(
                    part,
                    self._shape,
                    within,
                    wrong,
                    ignore_unknown=self._ignore_unknown,
                    path=path,
                )
        if self._key is not None:
            with wrong:
                check_special(value, self._key, self._key.field.json_name, 1)

    def _converted(self, value: Any, text: bytes, wrong: Refusals) -> bytes:
        field = self._field
        if len(text) > SMALL_BODY_BYTES:
            return self._large_body(value, wrong)
        if field is not None and not self._plain:
            text = b'{"%s":%s}' % (field.json_name.encode(), text)
        try:
            wire = self._from_json(text)
        except TooDeepError:
            raise
        except CodecError:
            if self._body_message is not None and self._plain:
                explain_to(wrong, self._codec, value, self._body_message)
            else:
                wrapped = {field.json_name: value} if field is not None else value
                explain_to(wrong, self._codec, wrapped, self._message)
            return b""
        return delimited(field.number, wire) if field is not None and self._plain else wire

    def _large_body(self, value: Any, wrong: Refusals) -> bytes:
        """The same for a large body: piece by piece."""
        field = self._field
        if field is None:
            return self._large.to_wire(value, self._message, wrong)
        if self._body_message is None or not self._plain:
            return self._large.to_wire({field.json_name: value}, self._message, wrong)
        return delimited(field.number, self._large.to_wire(value, self._body_message, wrong))

    def _within(self, bound: Bound) -> Bound:
        """The bound fields of the body's message."""
        if self._field is None:
            return bound
        within = bound.get(self._field.name, {})
        return {} if isinstance(within, str) else within

    def _empty_body(self) -> bytes:
        if self._field is None:
            return b""
        if not self._plain:
            said = f"The body is missing; send the value of {self._field.json_name}."
            raise invalid("", "BODY_MISSING", said)
        return delimited(self._field.number, b"")

    def _mask(self, value: Any, bound: Bound) -> bytes:
        """The update mask that the body implies."""
        assert self._mask_field is not None
        if type(value) is not dict or self._shape is None:
            return b""
        paths = mask_of(value, self._shape, self._within(bound), deep=self._deep_mask)
        wire = b"".join(delimited(1, path.encode()) for path in sorted(set(paths)))
        return delimited(self._mask_field.number, wire) if wire else b""

    def _find_mask_field(self, route: Route, options: GatewayOptions) -> FieldDescriptor | None:
        """The mask field of an update (AIP-134). None means that the body implies no mask."""
        if route.http_method != "PATCH" or self._field is None or options.update_mask == "off":
            return None
        found: FieldDescriptor | None = self._message.fields_by_name.get("update_mask")
        kind = message_of(found) if found is not None else None
        return found if kind is not None and kind.full_name == FIELD_MASK else None


def _items(body: bytes, most_values: int, *, lines: bool) -> Iterator[_Item]:
    """The items of a client stream."""
    if lines:
        check_lines(body, most_values)
        for line in body.splitlines():
            if line.strip():
                yield _Item(parse_json(line), line)
        return
    check_json(body, most_values)
    values = parse_json(body) if body else []
    if type(values) is not list:
        said = "The body must be a JSON array: this method takes a stream."
        raise invalid("", "BODY_NOT_LIST", said)
    for value in values:
        yield _Item(value, json.dumps(value).encode())
