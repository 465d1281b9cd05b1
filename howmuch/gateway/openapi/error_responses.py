"""Error responses: their schema, and the errors that the comment of a method lists."""

import re
from collections import defaultdict
from http import HTTPStatus
from itertools import pairwise
from typing import NamedTuple

from google.rpc import code_pb2

from howmuch.gateway.openapi.components import Component, Components, Names, reference
from howmuch.gateway.openapi.options import JsonObject
from howmuch.gateway.openapi.wellknown import ENTRY
from howmuch.gateway.status import HTTP_STATUS

_STATUS = "#status"
_FAILURE = "#failure of a stream"
_WRONG_TYPE = "name: expected a string, not 5."
_EXAMPLE = {
    "code": code_pb2.INVALID_ARGUMENT,
    "message": _WRONG_TYPE,
    "details": [
        {
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [{"field": "name", "description": _WRONG_TYPE}],
        }
    ],
}

_STATUS_SCHEMA: JsonObject = {
    "type": "object",
    "description": "An error.",
    "properties": {
        "code": {
            "type": "integer",
            "format": "int32",
            "description": "A code of google.rpc.Code, such as 5, NOT_FOUND.",
        },
        "message": {"type": "string", "description": "The error in a sentence, for people."},
        "details": {
            "type": "array",
            "items": {**ENTRY, "required": ["@type"]},
            "description": "Details of the error, for programs: messages such as google.rpc.ErrorInfo.",
        },
    },
    "required": ["code", "message", "details"],
}

HEADERS: dict[str, JsonObject] = {
    "ETag": {
        "description": "The version of the resource, for If-None-Match, and for If-Match of operations that"
        " have it.",
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "Seconds to wait before a retry.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "Set-Cookie": {
        "description": "The session cookie: set if the request asks for it, removed when its session ends.",
        "schema": {"type": "string"},
    },
    "WWW-Authenticate": {"description": "The way to sign in.", "schema": {"type": "string"}},
    "X-Request-Id": {
        "description": "Names the request; quote it when you report a problem.",
        "required": True,
        "schema": {"type": "string"},
    },
}
"""Response headers by component name."""


class Shared(NamedTuple):
    """A response that many operations share. header: besides X-Request-Id; empty means none."""

    description: str
    header: str = ""


SHARED = {
    "BadRequest": Shared("The request breaks a rule; `details` name the field and the rule."),
    "CookieNotAccepted": Shared(
        "COOKIE_NOT_ACCEPTED: the session cookie does not count in this request; the message says why."
    ),
    "Error": Shared("An error, with the HTTP status of its code.", "Retry-After"),
    "NotModified": Shared("The version that was read before is still current.", "ETag"),
    "PreconditionFailed": Shared(
        "The If-Match header does not have the current ETag; nothing was written. Read again, and reapply the"
        " change."
    ),
    "Unauthenticated": Shared("The token is missing, wrong or expired.", "WWW-Authenticate"),
}
"""By component name."""

GENERAL = {
    "400": SHARED["BadRequest"].description,
    "401": SHARED["Unauthenticated"].description,
    "403": SHARED["CookieNotAccepted"].description,
}
"""Descriptions by HTTP status."""
ERROR_HEADERS = {
    "401": "WWW-Authenticate",
    **dict.fromkeys(("429", "503", "default"), "Retry-After"),
}
"""By HTTP status."""

_CODE_LINE = re.compile(rf"^(?:{'|'.join(code_pb2.Code.keys())})(?=[,:])", re.MULTILINE)


class MethodComment(NamedTuple):
    """A comment without its error lines. errors: these lines by HTTP status."""

    text: str
    errors: dict[str, str]


def split_errors(comment: str) -> MethodComment:
    """Splits off the error lines of a method's comment.

    An error line begins with a code of google.rpc.Code and a colon or comma, `NOT_FOUND: no such shelf.`,
    and ends at the next error line or the end of the paragraph.
    """
    kept = []
    errors: dict[str, list[str]] = defaultdict(list)
    for paragraph in comment.split("\n\n"):
        starts = [found.start() for found in _CODE_LINE.finditer(paragraph)]
        kept.append(paragraph[: starts[0]] if starts else paragraph)
        for start, end in pairwise([*starts, len(paragraph)]):
            line = " ".join(paragraph[start:end].split())
            code = _CODE_LINE.match(line)
            assert code is not None
            errors[str(HTTP_STATUS[code_pb2.Code.Value(code[0])])].append(line)
    left = "\n\n".join(part.strip() for part in kept if part.strip())
    return MethodComment(left, {status: "\n\n".join(each) for status, each in errors.items()})


class Errors:
    """The error responses and the shared responses."""

    def __init__(self, components: Components) -> None:
        self._components = components

    def shared(self) -> JsonObject:
        """The responses that operations refer to, by component name."""
        return {
            name: (self.error if name != "NotModified" else described)(*each)
            for name, each in SHARED.items()
        }

    def error(self, description: str, header: str = "") -> JsonObject:
        """The Response Object of an error."""
        content: JsonObject = {"schema": self.status()}
        if description == SHARED["BadRequest"].description:
            content["example"] = _EXAMPLE
        return {**described(description, header), "content": {"application/json": content}}

    def status(self) -> JsonObject:
        """A reference to the component of google.rpc.Status."""
        if _STATUS not in self._components.made:
            names = Names("Status", "ErrorStatus")
            self._components.made[_STATUS] = Component(names, dict(_STATUS_SCHEMA))
        return reference(_STATUS)

    def failure(self) -> JsonObject:
        """A reference to the component of the last item of a failed stream."""
        if _FAILURE not in self._components.made:
            schema = {
                "type": "object",
                "description": "The last item of a stream that failed after it had begun.",
                "properties": {"error": self.status()},
                "required": ["error"],
            }
            names = Names("StreamFailure", "StreamFailure")
            self._components.made[_FAILURE] = Component(names, schema)
        return reference(_FAILURE)


def described(text: str, *headers: str) -> JsonObject:
    """A Response Object without content. headers: besides X-Request-Id; an empty one means none."""
    names = sorted(filter(None, (*headers, "X-Request-Id")))
    return {
        "description": text,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
    }


def shared(name: str) -> JsonObject:
    return {"$ref": f"#/components/responses/{name}"}


def reason_phrase(status: str) -> str:
    """HTTP's phrase for a status, as a sentence."""
    try:
        return f"{HTTPStatus(int(status)).phrase}."
    except ValueError:
        return SHARED["Error"].description
