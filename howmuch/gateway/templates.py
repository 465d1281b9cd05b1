"""Path templates of google.api.http: `/v1/{name=shelves/*/books/*}:archive`.

The grammar is that of google/api/http.proto. Where it is silent or disputed, this is decided: a literal
may follow `**` (Envoy, grpc-gateway and ASP.NET agree), `/` alone is a template, and one field is bound once.
"""

import re
from dataclasses import dataclass
from enum import Enum
from urllib.parse import unquote

FieldPath = tuple[str, ...]
"""Names of fields from the request inward: `("resource", "name")`."""

_LITERAL = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()+,;=@]|%[0-9A-Fa-f]{2})+")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class TemplateError(ValueError):
    """A template that breaks the grammar; the text says where and how."""


class Wildcard(Enum):
    """What a segment may be where it is no literal."""

    ONE = "*"
    """Any one segment that is not empty."""
    REST = "**"
    """Any number of segments, none included."""


Segment = str | Wildcard
"""A literal, percent-decoded, or a wildcard."""


def decode_literal(text: str) -> str:
    """A segment without its percent-encoding. Bytes that are not UTF-8 stay what they are: surrogates."""
    return unquote(text, errors="surrogateescape") if "%" in text else text


@dataclass(frozen=True, slots=True)
class Variable:
    """A field that takes the text of the segments from `start` to before `end` of the template.

    Where it is one `*`, the text is decoded whole; a longer one keeps %2F, so that its slashes are those
    of the path.
    """

    field_path: FieldPath
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template. verb: without its colon; empty where there is none."""

    text: str
    segments: tuple[Segment, ...]
    variables: tuple[Variable, ...]
    verb: str

    def is_single(self, variable: Variable) -> bool:
        """Whether the variable is one `*`, whose text is decoded whole."""
        return self.segments[variable.start : variable.end] == (Wildcard.ONE,)


def parse_template(text: str) -> Template:
    """Parse. Raises TemplateError."""
    return _Parser(text).parse()


class _Parser:
    """Reads from left to right."""

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
            raise self._error("only one ** can match in a path")
        paths = [variable.field_path for variable in self._variables]
        if len(set(paths)) < len(paths):
            raise self._error("a field can be bound once only")
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
                raise self._error("a variable cannot lie inside another")
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
        return self._match(_IDENTIFIER, "expected the name of a field")

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
