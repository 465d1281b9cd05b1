"""Query parameters, encoded to the wire."""

from collections.abc import Collection
from typing import NamedTuple

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from howmuch.gateway import percent
from howmuch.gateway.bodies import Bound
from howmuch.gateway.codec import Codec
from howmuch.gateway.descriptors import OPAQUE, SCALAR_LIKE, is_map, message_of
from howmuch.gateway.json_text import shown
from howmuch.gateway.status import Refusal, Refusals, invalid
from howmuch.gateway.wire import Encode, encoder

MAX_DEPTH = 32
"""Field names in one parameter, as in `a.b.c`."""

_CACHED = 1000
"""Parameters to cache per route. Recursive messages have any number of them."""


class OneofMember(NamedTuple):
    oneof: str
    member: str


class Parameter(NamedTuple):
    """A field that a query may set. path: in proto names. oneofs: each one on its path."""

    path: str
    encode: Encode
    many: bool
    oneofs: list[OneofMember]


class Query:
    """The query parameters of one route.

    bound: fields that the URL path sets. body: `*`, a field, or empty. ignored: parameter names to ignore.
    ignore_unknown: ignore all unknown names. most: parameters in one request.
    """

    def __init__(
        self,
        message: Descriptor,
        bound: Bound,
        body: str,
        codec: Codec,
        *,
        ignored: Collection[str] = (),
        ignore_unknown: bool = False,
        most: int = 1000,
    ) -> None:
        self._message = message
        self._bound = bound
        self._body = body
        self._codec = codec
        self._ignored = frozenset(ignored)
        self._ignore_unknown = ignore_unknown
        self._most = most
        self._known: dict[str, Parameter] = {}

    def to_wire(self, query: bytes, seen: set[str], wrong: Refusals) -> bytes:
        """The fields that the query sets. Adds their paths, in proto names, to `seen`, and errors to `wrong`.

        Raises Refusal for a query that cannot be read.
        """
        if query.count(b"&") >= self._most:
            said = f"The query has more than {self._most} parameters."
            raise invalid("", "TOO_MANY_PARAMETERS", said)
        out = []
        oneofs: dict[str, str] = {}
        for pair in query.split(b"&"):
            if pair and not wrong.is_full:
                with wrong:
                    out.append(self._pair(pair, seen, oneofs))
        return b"".join(out)

    def _pair(self, pair: bytes, seen: set[str], oneofs: dict[str, str]) -> bytes:
        """A parameter on the wire. oneofs: those that are set, to their members."""
        name_part, _, value_part = pair.partition(b"=")
        name = _decoded(name_part, "The name of a query parameter")
        parameter = self._known.get(name) or self._find(name)
        if parameter is None:
            return b""
        value = _decoded(value_part, f"Query parameter {name}")
        if parameter.path in seen and not parameter.many:
            raise _refused(name, "PARAMETER_TWICE", "takes one value, and is given twice")
        seen.add(parameter.path)
        for oneof, member in parameter.oneofs:
            if oneofs.setdefault(oneof, member) != member:
                raise _refused(name, "ONEOF_TWICE", f"cannot be set together with {oneofs[oneof]}")
        try:
            return parameter.encode(value)
        except ValueError as error:
            said = f"expected {error}, not {shown(value)}"
            raise _refused(name, "PARAMETER_INVALID", said) from None

    def _find(self, name: str) -> Parameter | None:
        """The parameter of a name; None means ignore it. Raises Refusal."""
        if name in self._ignored:
            return None
        found = self._fields(name)
        if isinstance(found, str):
            if self._ignore_unknown:
                return None
            raise _refused(name, "PARAMETER_UNKNOWN", found)
        self._check_free(name, found)
        names = [each.name for each in found]
        parameter = Parameter(
            path=".".join(names),
            encode=encoder(found, self._codec),
            many=found[-1].is_repeated,
            oneofs=[
                OneofMember(".".join([*names[:depth], f".{each.containing_oneof.name}"]), each.name)
                for depth, each in enumerate(found)
                if each.containing_oneof is not None and len(each.containing_oneof.fields) > 1
            ],
        )
        if len(self._known) < _CACHED:
            self._known[name] = parameter
        return parameter

    def _fields(self, name: str) -> list[FieldDescriptor] | str:
        """The fields along the name of a parameter, or the reason why it cannot be set."""
        parts = name.split(".")
        if len(parts) > MAX_DEPTH:
            return f"has more than {MAX_DEPTH} field names"
        message: Descriptor | None = self._message
        fields: list[FieldDescriptor] = []
        opaque: Descriptor | None = None
        for part in parts:
            each = _field_of(message, part) if message is not None else None
            if each is None or (fields and (is_map(fields[-1]) or fields[-1].is_repeated)):
                return "is unknown to this method"
            fields.append(each)
            message = message_of(each)
            if message is not None and message.full_name in OPAQUE:
                opaque, message = message, None
        if fields[-1].GetOptions().debug_redact:
            return "is a secret, which a URL must not hold; send it in the body"
        if message is not None or (opaque is not None and opaque.full_name not in SCALAR_LIKE):
            kind = "a map" if is_map(fields[-1]) else "an object"
            return f"is {kind}, which a query cannot set"
        return fields

    def _check_free(self, name: str, fields: list[FieldDescriptor]) -> None:
        """Refuses a parameter that belongs in the body, or whose oneof the body or the URL path sets."""
        if self._body and (self._body == "*" or fields[0].name == self._body):
            raise _refused(name, "PARAMETER_IN_BODY", "must be in the body")
        of_choice = fields[0].containing_oneof
        if of_choice is not None and any(each.name == self._body for each in of_choice.fields):
            raise _refused(
                name, "ONEOF_TWICE", f"cannot be set together with {self._body} in the body"
            )
        bound = self._bound
        for each in fields:
            oneof = each.containing_oneof
            taken = [
                other.name
                for other in (oneof.fields if oneof is not None else [each])
                if other.name in bound
            ]
            if taken and (taken != [each.name] or isinstance(bound[each.name], str)):
                raise _refused(
                    name, "FIELD_BOUND_BY_PATH", f"cannot be set: the URL path sets {taken[0]}"
                )
            if not taken:
                return
            bound = bound[each.name]


def _field_of(message: Descriptor, name: str) -> FieldDescriptor | None:
    """The field with this JSON name or proto name."""
    # fields_by_name would cut the name at a NUL.
    return next((each for each in message.fields if name in (each.json_name, each.name)), None)


def _decoded(text: bytes, what: str) -> str:
    """Form-decodes: `+` is a space. Raises Refusal."""
    try:
        return percent.decode(text.replace(b"+", b" "))
    except ValueError as error:
        raise invalid("", "QUERY_ENCODING_INVALID", f"{what}: {error}.") from None


def _refused(name: str, reason: str, what: str) -> Refusal:
    said = f"Query parameter {name[:60]}{':' if what.startswith('expected') else ''} {what}."
    return invalid(name[:60], reason, said)
