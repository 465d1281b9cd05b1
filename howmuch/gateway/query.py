"""Query parameters, straight to the wire."""

from collections.abc import Collection
from dataclasses import dataclass

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from howmuch.gateway import percent
from howmuch.gateway.bodies import Bound
from howmuch.gateway.codec import Codec
from howmuch.gateway.descriptors import OPAQUE, SCALAR_LIKE, is_map, message_of
from howmuch.gateway.json_text import shown
from howmuch.gateway.status import Refusal, invalid
from howmuch.gateway.wire import Encode, encoder, rule_of

MAX_DEPTH = 32
"""Names in one parameter, as in `a.b.c`."""

_REMEMBERED = 1000
"""Parameters whose fields are looked up once. Messages inside themselves have endlessly many."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A field that a query may set. path: full, as in the proto file. oneofs: that it takes part in."""

    path: str
    encode: Encode
    many: bool
    rule: str
    oneofs: tuple[tuple[str, str], ...]


class Query:
    """The query parameters of one route.

    bound: names of fields, as in the proto file, that the path sets. body: the field of the body, `*`, or
    empty. ignored: names that are passed over; ignore_unknown: all unknown ones are.
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
    ) -> None:
        self._message = message
        self._bound = bound
        self._body = body
        self._codec = codec
        self._ignored = frozenset(ignored)
        self._ignore_unknown = ignore_unknown
        self._known: dict[str, Parameter] = {}

    def to_wire(self, query: bytes, seen: set[str] | None = None) -> bytes:
        """The fields that the query sets. Raises Refusal.

        seen: gets the path of each field that is set, as in the proto file.
        """
        out = []
        seen = set() if seen is None else seen
        oneofs: dict[str, str] = {}
        for pair in query.split(b"&"):
            if not pair:
                continue
            name_part, _, value_part = pair.partition(b"=")
            name = _decoded(name_part, "The name of a query parameter")
            parameter = self._known.get(name) or self._find(name)
            if parameter is None:
                continue
            value = _decoded(value_part, f"Query parameter {name}")
            if parameter.path in seen and not parameter.many:
                raise _refused(name, "PARAMETER_TWICE", "is given twice, and takes one value")
            seen.add(parameter.path)
            for oneof, member in parameter.oneofs:
                if oneofs.setdefault(oneof, member) != member:
                    raise _refused(
                        name,
                        "ONEOF_TWICE",
                        f"cannot be set together with {oneofs[oneof]}: only one of them can be",
                    )
            try:
                out.append(parameter.encode(value))
            except ValueError as error:
                raise _refused(
                    name, "PARAMETER_INVALID", f"expected {error}, not {shown(value)}"
                ) from None
        return b"".join(out)

    def _find(self, name: str) -> Parameter | None:
        """The parameter of a name; None for one that is passed over. Raises Refusal."""
        if name in self._ignored:
            return None
        found = self._fields(name)
        if isinstance(found, str):
            if self._ignore_unknown:
                return None
            raise _refused(name, "PARAMETER_UNKNOWN", found)
        self._check_free(name, found)
        last = found[-1]
        names = [each.name for each in found]
        parameter = Parameter(
            path=".".join(names),
            encode=encoder(found, self._codec),
            many=last.is_repeated,
            rule=rule_of(last),
            oneofs=tuple(
                (".".join([*names[:depth], f".{each.containing_oneof.name}"]), each.name)
                for depth, each in enumerate(found)
                if each.containing_oneof is not None and len(each.containing_oneof.fields) > 1
            ),
        )
        if len(self._known) < _REMEMBERED:
            self._known[name] = parameter
        return parameter

    def _fields(self, name: str) -> list[FieldDescriptor] | str:
        """The fields along a parameter's name, or why there are none."""
        parts = name.split(".")
        if len(parts) > MAX_DEPTH:
            return f"has more than {MAX_DEPTH} names in it"
        message: Descriptor | None = self._message
        fields: list[FieldDescriptor] = []
        opaque: Descriptor | None = None
        for part in parts:
            each = _field_of(message, part) if message is not None else None
            if each is None or (fields and (is_map(fields[-1]) or fields[-1].is_repeated)):
                return "is not one that this method takes"
            fields.append(each)
            message = message_of(each)
            if message is not None and message.full_name in OPAQUE:
                opaque, message = message, None
        if message is not None or (opaque is not None and opaque.full_name not in SCALAR_LIKE):
            kind = "a map" if is_map(fields[-1]) else "an object"
            return f"is {kind}, which a query cannot set"
        return fields

    def _check_free(self, name: str, fields: list[FieldDescriptor]) -> None:
        """Refuses a parameter that belongs to the body, or reaches what the path has set."""
        if self._body and (self._body == "*" or fields[0].name == self._body):
            raise _refused(name, "PARAMETER_IN_BODY", "has to be in the body")
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
                    name, "FIELD_BOUND_BY_PATH", f"cannot be set: the path sets {taken[0]}"
                )
            if not taken:
                return
            bound = bound[each.name]


def _field_of(message: Descriptor, name: str) -> FieldDescriptor | None:
    """The field of a JSON name, or of its name in the proto file."""
    # Not fields_by_name, which ends a name at a NUL.
    for each in message.fields:
        if name in (each.json_name, each.name):
            return each
    return None


def _decoded(text: bytes, what: str) -> str:
    """Form encoding: `+` is a space, `%41` is A. Raises Refusal."""
    try:
        return percent.decode(text.replace(b"+", b" "))
    except ValueError as error:
        raise invalid("", "QUERY_ENCODING_INVALID", f"{what}: {error}.") from None


def _refused(name: str, reason: str, what: str) -> Refusal:
    said = f"Query parameter {name[:60]}{':' if what.startswith('expected') else ''} {what}."
    return invalid(name[:60], reason, said)
