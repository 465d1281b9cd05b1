"""Fields in errors of the service, named as the caller wrote them in path, query and body.

A service names fields by their paths in the request message: `expense.payments[0].member_id`. If the
body is `expense`, the caller wrote `payments[0].memberId`. The texts of errors are renamed too, apart from
values in quotes.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from google.protobuf.descriptor import Descriptor

from howmuch.gateway import percent
from howmuch.gateway.descriptors import OPAQUE, is_map, message_of
from howmuch.gateway.routes import Route
from howmuch.gateway.status import Refusal
from howmuch.gateway.templates import FieldPath

_INDEX = r"\[(?:[^\]\"']{0,100}|\"(?:[^\"\\]|\\.)*\")\]"
_STEP = re.compile(rf"([A-Za-z_][A-Za-z0-9_]*)((?:{_INDEX})?)(\.|$)")
_QUOTED_OR_NAME = re.compile(
    rf"""(?<!\w)'(?:[^'\\]|\\.)*'(?!\w)|"(?:[^"\\]|\\.)*"|(?<![\w.])[a-z]\w*(?:{_INDEX})?(?:\.[a-z]\w*(?:{_INDEX})?)*"""
)
_ABOUT_FIELDS = ("/google.rpc.BadRequest", "/google.rpc.PreconditionFailure")
_MOST_MESSAGES = 200
"""Messages below the request whose fields are renamed in texts."""


class _Step(NamedTuple):
    """A field name with its index. at: such as `[0]`; empty means none."""

    name: str
    at: str


@dataclass(frozen=True)
class Sent:
    """The parts of a request that show how its caller spells names: JSON names or proto names.

    by_header: fields that headers set, with the names of these headers.
    """

    query: bytes
    body: bytes
    by_header: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def value(self) -> Any:
        """The body, parsed once for all fields of an error. None means that it is not JSON."""
        try:
            return json.loads(self.body) if self.body else None
        except (ValueError, RecursionError):
            return None

    @cached_property
    def parameters(self) -> set[str]:
        """The names in the query."""
        pairs = self.query.split(b"&")
        names = (pair.partition(b"=")[0].replace(b"+", b" ") for pair in pairs)
        return {percent.decode(name) for name in names}


class CallerNames:
    """The names of one route."""

    def __init__(self, route: Route, in_path: Mapping[FieldPath, str]) -> None:
        """in_path: names of the variables in the path of the OpenAPI document, by their field paths."""
        self._message = route.method.input_type
        self._body = route.body
        self._in_path = in_path
        self._renamed = {
            each.name: each.json_name
            for message in _below(self._message)
            for each in message.fields
            if each.name != each.json_name
        }

    def in_refusal(self, error: Refusal, sent: Sent) -> Refusal:
        """An error of the service about fields, with their names; any other error stays as it is."""
        if not any(each["@type"].endswith(_ABOUT_FIELDS) for each in error.details):
            return error
        return Refusal(
            error.code,
            self.text(error.message, sent),
            http_status=error.http_status,
            details=[self._in_detail(detail, sent) for detail in error.details],
            headers=error.headers,
        )

    def _in_detail(self, detail: Mapping[str, Any], sent: Sent) -> Mapping[str, Any]:
        if not detail["@type"].endswith(_ABOUT_FIELDS):
            return detail
        renamed = dict(detail)
        for key in ("fieldViolations", "violations"):
            if type(detail.get(key)) is list:
                renamed[key] = [self._in_violation(violation, sent) for violation in detail[key]]
        return renamed

    def _in_violation(self, violation: Mapping[str, str], sent: Sent) -> Mapping[str, str]:
        renamed = dict(violation)
        if "field" in renamed:
            renamed["field"] = self.field(renamed["field"], sent)
        if "description" in renamed:
            renamed["description"] = self.text(renamed["description"], sent)
        return renamed

    def field(self, path: str, sent: Sent) -> str:
        """The name of a field. A path that the request does not have stays as it is. Empty means the body."""
        if path in sent.by_header:
            return sent.by_header[path]
        steps = _steps(path)
        found = self._resolved(steps)
        if not found:
            return path
        names = tuple(step.name for step in steps)
        for field_path, name in self._in_path.items():
            if names == field_path:
                return name
        if self._body and self._body != "*" and names[0] == self._body:
            index = steps[0].at
            value = sent.value
            inner = _spelled(_at(value, index), steps[1:], found[1:])
            return index + ("." if index and inner else "") + inner
        if self._body == "*":
            return _spelled(sent.value, steps, found)
        written = _spelled(None, steps, found)
        as_sent = ".".join(step.name + step.at for step in steps[: len(found)])
        return as_sent if re.sub(_INDEX, "", as_sent) in sent.parameters else written

    def text(self, said: str, sent: Sent) -> str:
        """A text with its field paths renamed, and proto names of several words as JSON names."""

        def renamed(match: re.Match[str]) -> str:
            token = match[0]
            if token[0] in "'\"":
                return token
            if token in self._renamed and not self._is_field(token):
                return self._renamed[token]
            if "_" in token or "." in token or "[" in token or said[match.end() :][:2] == ": ":
                return self.field(token, sent) or "The body"
            return token

        return _QUOTED_OR_NAME.sub(renamed, said)

    def _is_field(self, name: str) -> bool:
        return any(each.name == name for each in self._message.fields)

    def _resolved(self, steps: Sequence[_Step]) -> list[str]:
        """The JSON names of the steps; those inside a message that JSON writes as one value are left out.

        Empty means that the request has no such field.
        """
        found: list[str] = []
        message: Descriptor | None = self._message
        for step in steps:
            if message is None:
                return []
            if message.full_name in OPAQUE:
                break
            each = next(
                (each for each in message.fields if step.name in (each.name, each.json_name)), None
            )
            if each is None:
                return []
            found.append(each.json_name)
            inner = message_of(each)
            message = message_of(inner.fields_by_name["value"]) if is_map(each) and inner else inner
        return found


def _steps(path: str) -> list[_Step]:
    """The steps of a path; empty if it is none."""
    steps = []
    at = 0
    while found := _STEP.match(path, at):
        steps.append(_Step(found[1], found[2]))
        at = found.end()
        if not found[3]:
            return steps
    return []


def _spelled(value: Any, steps: Sequence[_Step], json_names: Sequence[str]) -> str:
    """The steps in JSON names, or as the body spells them. value: the parsed part of the body there."""
    names = []
    for step, json_name in zip(steps, json_names, strict=False):
        given = type(value) is dict and step.name in value and json_name not in value
        name = step.name if given else json_name
        names.append(name + step.at)
        value = _at(value.get(name) if type(value) is dict else None, step.at)
    return ".".join(names)


def _at(value: Any, index: str) -> Any:
    """The element of a list or map. Empty index: the value itself."""
    if not index:
        return value
    key = index[1:-1]
    if type(value) is list:
        return value[int(key)] if key.isdecimal() and int(key[:9]) < len(value) else None
    return value.get(key.strip('"')) if type(value) is dict else None


def _below(message: Descriptor) -> Iterator[Descriptor]:
    """The message and those in it, each once."""
    found: dict[str, Descriptor] = {}
    waiting = [message]
    while waiting and len(found) < _MOST_MESSAGES:
        each = waiting.pop()
        if each.full_name not in found and each.full_name not in OPAQUE:
            found[each.full_name] = each
            waiting += [inner for field in each.fields if (inner := message_of(field)) is not None]
    yield from found.values()
