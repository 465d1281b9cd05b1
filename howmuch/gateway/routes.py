"""Routes from HTTP rules: checked, then matched in a trie."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import httptools
from google.api.http_pb2 import HttpRule
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor

from howmuch.gateway.descriptors import SCALAR_LIKE, Descriptors, http_rules, is_map, message_of
from howmuch.gateway.templates import (
    Segment,
    Template,
    TemplateError,
    Wildcard,
    decode_literal,
    parse_template,
)

ANY_METHOD = "*"
"""The HTTP method of a rule for all methods: `custom { kind: "*" }`."""

STANDARD_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


class RuleError(ValueError):
    """An invalid google.api.http rule, with its method."""


@dataclass(frozen=True, slots=True)
class Route:
    """One checked binding of a method.

    index: 0 for the rule itself, from 1 for additional bindings. http_method: upper case, or ANY_METHOD.
    body: `*`, a field of the request, or empty. response_body: a field of the response, or empty.
    """

    method: MethodDescriptor
    index: int
    http_method: str
    template: Template
    body: str
    response_body: str

    @property
    def grpc_path(self) -> str:
        """Such as `/example.v1.Service/Method`."""
        return f"/{self.method.containing_service.full_name}/{self.method.name}"


@dataclass(frozen=True, slots=True)
class Match:
    """A route and the raw text of each of its variables."""

    route: Route
    texts: tuple[str, ...]


@dataclass(slots=True)
class _Node:
    """A node of the trie. tails: after a `**`, most specific first. ends: verb to HTTP method to route."""

    literals: dict[str, "_Node"] = field(default_factory=dict)
    one: "_Node | None" = None
    tails: "list[_Tail]" = field(default_factory=list)
    ends: dict[str, dict[str, Route]] = field(default_factory=dict)


@dataclass(slots=True)
class _Tail:
    segments: tuple[Segment, ...]
    ends: dict[str, dict[str, Route]] = field(default_factory=dict)


class RouteTable:
    """All routes, in the order of services, methods, bindings. Raises RuleError if two conflict."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self.routes = tuple(routes)
        self._root = _Node()
        for route in self.routes:
            self._add(route)

    @classmethod
    def from_descriptors(cls, descriptors: Descriptors) -> "RouteTable":
        """The routes of all methods with rules. Raises RuleError, TemplateError."""
        routes = [
            _make_route(method, index, rule)
            for service in descriptors.services
            for method in service.methods
            for index, rule in enumerate(http_rules(method))
        ]
        if not routes:
            raise RuleError("the descriptors have no service with google.api.http rules")
        return cls(routes)

    def match(self, http_method: str, path: str) -> Match | frozenset[str]:
        """The route of a raw path, or the HTTP methods of that path; an unknown path has none.

        Literals beat `*`, and `*` beats `**`, compared segment by segment from the left. Text after the last
        colon is a verb if a route has that verb there, else part of the segment.
        """
        segments = path.split("/")[1:] if path != "/" else []
        last, colon, verb = segments[-1].rpartition(":") if segments else ("", "", "")
        if colon and verb:
            found = self._search(http_method, [*segments[:-1], last], verb)
            if found:
                return found
        return self._search(http_method, segments, "")

    def _search(self, http_method: str, segments: list[str], verb: str) -> Match | frozenset[str]:
        search = _Search(http_method, segments, verb)
        return search.below(self._root, 0) or frozenset(search.allowed)

    def _add(self, route: Route) -> None:
        node = self._root
        segments = route.template.segments
        ends = None
        for index, segment in enumerate(segments):
            if segment is Wildcard.REST:
                ends = _tail(node, segments[index + 1 :]).ends
                break
            if segment is Wildcard.ONE:
                node.one = node.one or _Node()
                node = node.one
            else:
                node = node.literals.setdefault(segment, _Node())
        if ends is None:
            ends = node.ends
        routes = ends.setdefault(route.template.verb, {})
        other = routes.setdefault(route.http_method, route)
        if other is not route:
            raise RuleError(
                f"{route.method.full_name}: {route.http_method} {route.template.text} takes the"
                f" same paths as {other.template.text} of {other.method.full_name}"
            )


class _Pattern(NamedTuple):
    http_method: str
    template: str


def _make_route(method: MethodDescriptor, index: int, rule: HttpRule) -> Route:
    """A checked route from one binding. Raises RuleError, TemplateError."""
    http_method, text = _pattern(rule)
    if not http_method:
        raise RuleError(f"{method.full_name}: the HTTP rule has no pattern")
    try:
        _check_method(http_method)
        if index and rule.additional_bindings:
            raise RuleError("additional_bindings cannot have additional_bindings themselves")
        template = parse_template(text)
        for variable in template.variables:
            _check_bound(method.input_type, variable.field_path)
        if rule.body not in ("", "*", *method.input_type.fields_by_name):
            raise RuleError(f"body: {method.input_type.name} has no field {rule.body!r}")
        if rule.response_body and rule.response_body not in method.output_type.fields_by_name:
            name = method.output_type.name
            raise RuleError(f"response_body: {name} has no field {rule.response_body!r}")
    except (RuleError, TemplateError) as error:
        raise type(error)(f"{method.full_name}: {error}") from None
    return Route(method, index, http_method, template, rule.body, rule.response_body)


def resolve(message: Descriptor, field_path: Sequence[str]) -> list[FieldDescriptor]:
    """The fields along a field path. Raises RuleError for one that does not exist."""
    fields: list[FieldDescriptor] = []
    within: Descriptor | None = message
    for name in field_path:
        if within is None or (
            fields and (fields[-1].is_repeated or within.full_name in SCALAR_LIKE)
        ):
            raise RuleError(f"{'.'.join(field_path)}: {fields[-1].name} has no fields")
        found = within.fields_by_name.get(name)
        if found is None:
            raise RuleError(f"{'.'.join(field_path)}: {within.name} has no field {name!r}")
        fields.append(found)
        within = message_of(found)
    return fields


def _pattern(rule: HttpRule) -> _Pattern:
    kind = rule.WhichOneof("pattern")
    if kind == "custom":
        return _Pattern(rule.custom.kind.upper(), rule.custom.path)
    return _Pattern(kind.upper(), getattr(rule, kind)) if kind else _Pattern("", "")


def _check_method(http_method: str) -> None:
    """Refuses a custom kind that no request has: the HTTP parser rejects it, or it is CONNECT."""
    known = http_method in STANDARD_METHODS or http_method == ANY_METHOD
    if not known and (http_method == "CONNECT" or not _is_parsed(http_method)):
        raise RuleError(f"custom: HTTP/1.1 requests cannot have the method {http_method!r}")


def _is_parsed(http_method: str) -> bool:
    """Whether the parser of the HTTP server takes this method."""
    parser = httptools.HttpRequestParser(object())
    try:
        parser.feed_data(f"{http_method} / HTTP/1.1\r\n".encode())
    except httptools.HttpParserError:
        return False
    return bool(parser.get_method() == http_method.encode())


def _check_bound(message: Descriptor, field_path: Sequence[str]) -> None:
    last = resolve(message, field_path)[-1]
    name = ".".join(field_path)
    if is_map(last) or last.is_repeated:
        raise RuleError(f"{name}: a path cannot set a repeated field or a map")
    kind = message_of(last)
    if kind is not None and kind.full_name not in SCALAR_LIKE:
        raise RuleError(f"{name}: a path cannot set a message")


def _tail(node: _Node, segments: tuple[Segment, ...]) -> _Tail:
    for tail in node.tails:
        if tail.segments == segments:
            return tail
    tail = _Tail(segments)
    node.tails.append(tail)
    node.tails.sort(
        key=lambda tail: (len(tail.segments), [s is not Wildcard.ONE for s in tail.segments]),
        reverse=True,
    )
    return tail


class _Search:
    """One search in the trie: most specific branch first, with backtracking.

    allowed: HTTP methods of routes that match in all but the method.
    """

    __slots__ = ("_http_method", "_segments", "_verb", "allowed")

    def __init__(self, http_method: str, segments: list[str], verb: str) -> None:
        self._http_method = http_method
        self._segments = segments
        self._verb = verb
        self.allowed: set[str] = set()

    def below(self, node: _Node, at: int) -> Match | None:
        """The first match below a node that the segments before `at` led to."""
        segments = self._segments
        if at == len(segments):
            if node.ends and (found := self._at_end(node.ends, -1)):
                return found
        else:
            segment = segments[at]
            literal = node.literals.get(decode_literal(segment))
            if literal is not None and (found := self.below(literal, at + 1)):
                return found
            if node.one is not None and segment and (found := self.below(node.one, at + 1)):
                return found
        for tail in node.tails:
            if self._ends_with(tail.segments, at) and (found := self._at_end(tail.ends, at)):
                return found
        return None

    def _at_end(self, ends: dict[str, dict[str, Route]], rest_at: int) -> Match | None:
        """rest_at: segment where the `**` begins; -1 means none."""
        routes = ends.get(self._verb)
        if not routes:
            return None
        route = routes.get(self._http_method) or routes.get(ANY_METHOD)
        if route is None and self._http_method == "HEAD":
            route = routes.get("GET")
        if route is None:
            self.allowed.update(routes)
            return None
        return Match(route, _texts(route.template, self._segments, rest_at))

    def _ends_with(self, wanted: tuple[Segment, ...], at: int) -> bool:
        """Whether the path after `at` ends with these segments."""
        start = len(self._segments) - len(wanted)
        return start >= at and all(
            bool(segment) if want is Wildcard.ONE else decode_literal(segment) == want
            for segment, want in zip(self._segments[start:], wanted, strict=True)
        )


def _texts(template: Template, segments: list[str], rest_at: int) -> tuple[str, ...]:
    """The raw text of each variable. rest_at: as in _Search."""
    # In the path, the segments after the ** are shifted to the right by this much.
    longer = len(segments) - len(template.segments) if rest_at >= 0 else 0
    texts = []
    for variable in template.variables:
        start = variable.start + (longer if variable.start > rest_at else 0)
        end = variable.end + (longer if variable.end > rest_at else 0)
        texts.append("/".join(segments[start:end]))
    return tuple(texts)
