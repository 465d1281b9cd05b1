"""Which method answers an HTTP method and path: rules checked, then compiled into a trie."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from google.api.http_pb2 import HttpRule
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor

from howmuch.gateway.descriptors import (
    SCALAR_LIKE,
    Descriptors,
    is_map,
    message_of,
)
from howmuch.gateway.templates import (
    Segment,
    Template,
    TemplateError,
    Wildcard,
    decode_literal,
    parse_template,
)

ANY_METHOD = "*"
"""The HTTP method of a rule that takes every one: `custom { kind: "*" }`."""


class RuleError(ValueError):
    """A google.api.http rule that cannot be served; the text names the method and the reason."""


@dataclass(frozen=True, slots=True)
class Route:
    """One binding of a method, checked.

    index: 0 for the rule itself, 1 and up for additional bindings. http_method: upper case, or ANY_METHOD.
    body: `*`, the name of a field of the request, or empty. response_body: the name of a field of the
    response, or empty.
    """

    method: MethodDescriptor
    index: int
    http_method: str
    template: Template
    body: str
    response_body: str

    @property
    def grpc_path(self) -> str:
        """As gRPC calls the method: `/example.v1.Service/Method`."""
        return f"/{self.method.containing_service.full_name}/{self.method.name}"


@dataclass(frozen=True, slots=True)
class Match:
    """A route, and for each of its variables the text of its segments as it stood in the path."""

    route: Route
    texts: tuple[str, ...]


@dataclass(slots=True)
class _Node:
    """A place in the trie: what may come after the segments so far."""

    literals: dict[str, "_Node"] = field(default_factory=dict)
    one: "_Node | None" = None
    tails: "list[_Tail]" = field(default_factory=list)
    """What may follow a `**` here, the most specific first."""
    ends: dict[str, dict[str, Route]] = field(default_factory=dict)
    """Verb to HTTP method to route."""


@dataclass(slots=True)
class _Tail:
    segments: tuple[Segment, ...]
    ends: dict[str, dict[str, Route]] = field(default_factory=dict)


class RouteTable:
    """Every route, and the search among them. routes: in the order of services, methods, bindings."""

    def __init__(self, routes: Sequence[Route]) -> None:
        """Raises RuleError where two routes answer the same paths."""
        self.routes = tuple(routes)
        self._root = _Node()
        for route in self.routes:
            self._add(route)

    @classmethod
    def from_descriptors(cls, descriptors: Descriptors) -> "RouteTable":
        """The routes of all methods that have rules. Raises RuleError, TemplateError."""
        routes = [
            make_route(found.method, index, rule)
            for found in descriptors.methods()
            for index, rule in enumerate(found.rules)
        ]
        if not routes:
            raise RuleError("the descriptors have no service with google.api.http rules")
        return cls(routes)

    @classmethod
    def from_descriptor_set(cls, descriptor_set: bytes) -> "RouteTable":
        """As `from_descriptors`, from a serialized set."""
        return cls.from_descriptors(Descriptors(descriptor_set))

    def match(self, http_method: str, path: str) -> Match | frozenset[str]:
        """The route for a raw path, or the methods that the path does take: none for an unknown path.

        A literal wins over `*`, and that over `**`, segment by segment from the left. What follows the last
        colon is read as a verb where some route has that verb there, and as text otherwise.
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


def make_route(method: MethodDescriptor, index: int, rule: HttpRule) -> Route:
    """A checked route out of one binding. Raises RuleError, TemplateError."""
    http_method, text = _pattern(rule)
    if not http_method:
        raise RuleError(f"{method.full_name}: the HTTP rule has no pattern")
    try:
        template = parse_template(text)
        for variable in template.variables:
            _check_bound(method.input_type, variable.field_path)
        _check_body(method.input_type, rule.body)
        if rule.response_body and rule.response_body not in method.output_type.fields_by_name:
            raise RuleError(
                f"response_body: {method.output_type.name} has no field {rule.response_body!r}"
            )
    except (RuleError, TemplateError) as error:
        raise type(error)(f"{method.full_name}: {error}") from None
    return Route(method, index, http_method, template, rule.body, rule.response_body)


def resolve(message: Descriptor, field_path: Sequence[str]) -> list[FieldDescriptor]:
    """The fields along a path of names. Raises RuleError where it leads nowhere."""
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


def _pattern(rule: HttpRule) -> tuple[str, str]:
    kind = rule.WhichOneof("pattern")
    if kind == "custom":
        return rule.custom.kind.upper(), rule.custom.path
    return (kind.upper(), getattr(rule, kind)) if kind else ("", "")


def _check_bound(message: Descriptor, field_path: Sequence[str]) -> None:
    last = resolve(message, field_path)[-1]
    name = ".".join(field_path)
    if is_map(last) or last.is_repeated:
        raise RuleError(f"{name}: a path cannot set a repeated field or a map")
    kind = message_of(last)
    if kind is not None and kind.full_name not in SCALAR_LIKE:
        raise RuleError(f"{name}: a path cannot set a message")


def _check_body(message: Descriptor, body: str) -> None:
    if body and body != "*" and body not in message.fields_by_name:
        raise RuleError(f"body: {message.name} has no field {body!r}")


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
    """One search: down the trie, the most specific way first, and back where that leads nowhere."""

    __slots__ = ("_http_method", "_segments", "_verb", "allowed")

    def __init__(self, http_method: str, segments: list[str], verb: str) -> None:
        self._http_method = http_method
        self._segments = segments
        self._verb = verb
        self.allowed: set[str] = set()
        """HTTP methods of routes that match but for theirs."""

    def below(self, node: _Node, at: int) -> Match | None:
        """The first match below a node whose own segments are those before `at`."""
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
        """rest_at: where the `**` begins, -1 where there is none."""
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
        """Whether the path from `at` on ends with these segments, after any number of others."""
        start = len(self._segments) - len(wanted)
        return start >= at and all(
            bool(segment) if want is Wildcard.ONE else decode_literal(segment) == want
            for segment, want in zip(self._segments[start:], wanted, strict=True)
        )


def _texts(template: Template, segments: list[str], rest_at: int) -> tuple[str, ...]:
    """The raw text of each variable. rest_at: as in _Search."""
    if rest_at < 0:
        return tuple(
            segments[variable.start]
            if variable.end == variable.start + 1
            else "/".join(segments[variable.start : variable.end])
            for variable in template.variables
        )
    longer = len(segments) - len(template.segments)
    texts = []
    for variable in template.variables:
        # Segments of the template after its ** lie so much further to the right in the path.
        start = variable.start + (longer if variable.start > rest_at else 0)
        end = variable.end + (longer if variable.end > rest_at else 0)
        texts.append("/".join(segments[start:end]))
    return tuple(texts)
