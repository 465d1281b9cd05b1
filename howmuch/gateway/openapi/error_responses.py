"""Errors: the shape that is sent, and which of them a method's comment tells of."""

import re
from collections import defaultdict
from http import HTTPStatus
from itertools import pairwise

from google.rpc import code_pb2

from howmuch.gateway.openapi.components import Component, Components, reference
from howmuch.gateway.openapi.options import JsonObject
from howmuch.gateway.openapi.wellknown import ENTRY
from howmuch.gateway.status import HTTP_STATUS

_STATUS = "#status"
_FAILURE = "#failure of a stream"

HEADERS: dict[str, JsonObject] = {
    "ETag": {
        "description": "The version of what was read, for If-None-Match and If-Match.",
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "Seconds to wait before another try.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "WWW-Authenticate": {"description": "How to sign in.", "schema": {"type": "string"}},
    "X-Request-Id": {
        "description": "Names the request; quote it when you report a problem.",
        "required": True,
        "schema": {"type": "string"},
    },
}
"""Headers of answers by their names as components."""

SHARED = {
    "BadRequest": ("The request breaks a rule; `details` name the field and the rule.", ()),
    "Unauthenticated": ("The token is missing, wrong or expired.", ("WWW-Authenticate",)),
    "NotModified": ("What was read before is still right. There is no body.", ("ETag",)),
    "Error": ("An error, with the HTTP status that its code stands for.", ("Retry-After",)),
}
"""Answers that many operations have, by their names as components: what they say, and their headers."""

GENERAL = {"400": SHARED["BadRequest"][0], "401": SHARED["Unauthenticated"][0]}
"""What can always be said of a status."""
ERROR_HEADERS = {
    "401": ("WWW-Authenticate",),
    "429": ("Retry-After",),
    "503": ("Retry-After",),
    "default": ("Retry-After",),
}
"""By HTTP status."""

_CODE_LINE = re.compile(rf"^(?:{'|'.join(code_pb2.Code.keys())})(?=[,:])", re.MULTILINE)


def split_errors(text: str) -> tuple[str, dict[str, str]]:
    """A method's comment without its lines on errors, and those by HTTP status.

    Such a line begins with a code of google.rpc.Code and a colon or comma, `NOT_FOUND: no such shelf.`; it
    goes on to the next such line or the end of the paragraph.
    """
    kept = []
    errors: dict[str, list[str]] = defaultdict(list)
    for paragraph in text.split("\n\n"):
        starts = [found.start() for found in _CODE_LINE.finditer(paragraph)]
        kept.append(paragraph[: starts[0]] if starts else paragraph)
        for start, end in pairwise([*starts, len(paragraph)]):
            line = " ".join(paragraph[start:end].split())
            code = _CODE_LINE.match(line)
            assert code is not None
            errors[str(HTTP_STATUS[code_pb2.Code.Value(code[0])])].append(line)
    left = "\n\n".join(part.strip() for part in kept if part.strip())
    return left, {status: "\n\n".join(lines) for status, lines in errors.items()}


class Errors:
    """The answers that are errors, and what operations share of answers."""

    def __init__(self, components: Components) -> None:
        self._components = components

    def shared(self) -> JsonObject:
        """The answers that operations refer to."""
        return {
            name: (self.error if name != "NotModified" else described)(text, *headers)
            for name, (text, headers) in sorted(SHARED.items())
        }

    def error(self, text: str, *headers: str) -> JsonObject:
        """An error as it is sent."""
        schema = self.status()
        example = {
            "code": code_pb2.INVALID_ARGUMENT,
            "message": "name: expected a string, not 5.",
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.BadRequest",
                    "fieldViolations": [
                        {"field": "name", "description": "name: expected a string, not 5."}
                    ],
                }
            ],
        }
        content: JsonObject = {"schema": schema}
        if text == SHARED["BadRequest"][0]:
            content["example"] = example
        return {**described(text, *headers), "content": {"application/json": content}}

    def status(self) -> JsonObject:
        """A reference to the component of errors."""
        if _STATUS not in self._components.made:
            self._components.made[_STATUS] = Component("Status", "ErrorStatus", _status_schema())
        return reference(_STATUS)

    def failure(self) -> JsonObject:
        """A reference to the component of what ends a stream that failed."""
        if _FAILURE not in self._components.made:
            failure = Component("StreamFailure", "StreamFailure", _failure_schema(self.status()))
            self._components.made[_FAILURE] = failure
        return reference(_FAILURE)


def described(text: str, *headers: str) -> JsonObject:
    """The beginning of a Response Object. headers: names of those that it has, besides the request's id."""
    names = sorted((*headers, "X-Request-Id"))
    return {
        "description": text,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
    }


def shared(name: str) -> JsonObject:
    """A reference to an answer of SHARED."""
    return {"$ref": f"#/components/responses/{name}"}


def reason_phrase(status: str) -> str:
    """What HTTP calls a status, as a sentence."""
    try:
        return f"{HTTPStatus(int(status)).phrase}."
    except ValueError:
        return SHARED["Error"][0]


def _status_schema() -> JsonObject:
    details = {**ENTRY, "required": ["@type"]}
    return {
        "type": "object",
        "description": "An error.",
        "properties": {
            "code": {
                "type": "integer",
                "format": "int32",
                "description": "A code of google.rpc.Code, such as 5, NOT_FOUND.",
            },
            "message": {"type": "string", "description": "What is wrong, for people."},
            "details": {
                "type": "array",
                "items": details,
                "description": "What is wrong, for programs: messages such as google.rpc.ErrorInfo.",
            },
        },
        "required": ["code", "message", "details"],
    }


def _failure_schema(status: JsonObject) -> JsonObject:
    return {
        "type": "object",
        "description": "The last item of a stream that failed after it had begun.",
        "properties": {"error": status},
        "required": ["error"],
    }
