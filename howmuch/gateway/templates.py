"""Path templates of google.api.http: `/v1/{name=shelves/*/books/*}:archive`.

The grammar is that of google/api/http.proto. It leaves three points open: here a literal may
follow `**` (as in Envoy, grpc-gateway and ASP.NET), `/` alone is a template, and a field is bound once.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import unquote

FieldPath = tuple[str, ...]
"""Field names from the outermost message inward: `("resource", "name")`."""

_LITERAL = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()+,;=@]|%[0-9A-Fa-f]{2})+")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class TemplateError(ValueError):
    """A template that breaks the grammar, with the position of the error."""


class Wildcard(Enum):
    """ONE: one segment that is not empty. REST: any number of segments, also 0."""

    ONE = "*"
    REST = "**"


Segment = str | Wildcard
"""A literal, percent-decoded, or a wildcard."""


def decode_literal(text: str) -> str:
    """A percent-decoded segment. Bytes that are not UTF-8 become surrogates."""
    return unquote(text, errors="surrogateescape") if "%" in text else text


@dataclass(frozen=True, slots=True)
class Variable:
    """A field that takes the text of the template's segments from `start` to before `end`."""

    field_path: FieldPath
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template. verb: without its colon; empty means none."""

    text: str
    segments: tuple[Segment, ...]
    variables: tuple[Variable, ...]
    verb: str

    def is_single(self, variable: Variable) -> bool:
        """Whether the variable is one `*`: then %2F in it is decoded, else kept."""
        return self.segments[variable.start : variable.end] == (Wildcard.ONE,)


def parse_template(text: str) -> Template:
    """Raises TemplateError."""
    return _Parser(text).parse()


def nested(field_paths: Iterable[FieldPath], values: Iterable[Any]) -> dict[str, Any]:
    """A value for each field path, as nested dictionaries by field name."""
    outermost: dict[str, Any] = {}
    for field_path, value in zip(field_paths, values, strict=True):
        within = outermost
        for name in field_path[:-1]:
            within = within.setdefault(name, {})
        within[field_path[-1]] = value
    return outermost


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._segments: list[Segment] = []
        self._variables: list[Variable] = []

    def parse(self) -> Template:
        self._expect("/")
        if self._text != "/":
            self._read_segments(inside=False)
        verb = ""
        if self._take(":"):
            verb = self._literal()
        if self._at < len(self._text):
            raise self._error("expected the end")
        if self._segments.count(Wildcard.REST) > 1:
            raise self._error("only one ** is allowed")
        paths = [variable.field_path for variable in self._variables]
        if len(set(paths)) < len(paths):
            raise self._error("a field can be bound only once")
        return Template(self._text, tuple(self._segments), tuple(self._variables), verb)

    def _read_segments(self, *, inside: bool) -> None:
        self._read_segment(inside=inside)
        while self._take("/"):
            self._read_segment(inside=inside)

    def _read_segment(self, *, inside: bool) -> None:
        if self._take("**"):
            self._segments.append(Wildcard.REST)
        elif self._take("*"):
            self._segments.append(Wildcard.ONE)
        elif self._take("{"):
            if inside:
                raise self._error("a variable cannot contain another")
            self._read_variable()
        else:
            self._segments.append(decode_literal(self._literal()))

    def _read_variable(self) -> None:
        start = len(self._segments)
        names = [self._identifier()]
        while self._take("."):
            names.append(self._identifier())
        if self._take("="):
            self._read_segments(inside=True)
        else:
            self._segments.append(Wildcard.ONE)
        self._expect("}")
        self._variables.append(Variable(tuple(names), start, len(self._segments)))

    def _literal(self) -> str:
        return self._match(_LITERAL, "expected a segment: a literal, *, ** or {variable}")

    def _identifier(self) -> str:
        return self._match(_IDENTIFIER, "expected a field name")

    def _match(self, pattern: re.Pattern[str], otherwise: str) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise self._error(otherwise)
        self._at = found.end()
        return found[0]

    def _take(self, token: str) -> bool:
        if not self._text.startswith(token, self._at):
            return False
        self._at += len(token)
        return True

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise self._error(f"expected {token!r}")

    def _error(self, what: str) -> TemplateError:
        return TemplateError(f"path template {self._text!r}: at position {self._at}: {what}")
