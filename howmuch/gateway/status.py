"""Errors as HTTP: status codes by the table of google/rpc/code.proto, google.rpc.Status as JSON."""

import json
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

from google.rpc import code_pb2

HTTP_STATUS: Mapping[int, int] = {
    code_pb2.OK: 200,
    code_pb2.CANCELLED: 499,
    code_pb2.UNKNOWN: 500,
    code_pb2.INVALID_ARGUMENT: 400,
    code_pb2.DEADLINE_EXCEEDED: 504,
    code_pb2.NOT_FOUND: 404,
    code_pb2.ALREADY_EXISTS: 409,
    code_pb2.PERMISSION_DENIED: 403,
    code_pb2.RESOURCE_EXHAUSTED: 429,
    code_pb2.FAILED_PRECONDITION: 400,
    code_pb2.ABORTED: 409,
    code_pb2.OUT_OF_RANGE: 400,
    code_pb2.UNIMPLEMENTED: 501,
    code_pb2.INTERNAL: 500,
    code_pb2.UNAVAILABLE: 503,
    code_pb2.DATA_LOSS: 500,
    code_pb2.UNAUTHENTICATED: 401,
}

DOMAIN = "gateway"
"""ErrorInfo.domain of the gateway's own errors."""

RETRY_SECONDS: Mapping[int, int] = {429: 5, 503: 1}
"""Retry-After of each HTTP status that clients repeat, if the error names no time."""

MOST_VIOLATIONS = 20
"""Wrong fields of one error."""
MOST_COUNTED = 100
"""Wrong fields that are looked for. A larger body is not searched any further."""

Headers = list[tuple[bytes, bytes]]


class Refusal(Exception):
    """A request that gets an error response.

    code: number of google.rpc.Code. message: a whole sentence. http_status: 0 means that of the code.
    details: JSON objects with an @type.
    """

    def __init__(
        self,
        code: int,
        message: str,
        *,
        http_status: int = 0,
        details: Sequence[Mapping[str, Any]] = (),
        headers: Sequence[tuple[bytes, bytes]] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.http_status = http_status or HTTP_STATUS.get(code, 500)
        self.details = details
        self.headers = list(headers)
        self.more = 0
        """Wrong fields that the details leave out."""

    @property
    def reason(self) -> str:
        """The reason in google.rpc.ErrorInfo. Empty means that the details hold none."""
        return str(self._error_info.get("reason", ""))

    @property
    def metadata(self) -> Mapping[str, str]:
        """The metadata in google.rpc.ErrorInfo."""
        found: Mapping[str, str] = self._error_info.get("metadata", {})
        return found

    @property
    def _error_info(self) -> Mapping[str, Any]:
        of_error_info = (d for d in self.details if d["@type"].endswith("/google.rpc.ErrorInfo"))
        return next(of_error_info, {})

    @property
    def violations(self) -> Sequence[Mapping[str, str]]:
        """The wrong fields in google.rpc.BadRequest: `field`, `description`, `reason`."""
        of_bad_request = (d for d in self.details if d["@type"].endswith("/google.rpc.BadRequest"))
        found: Sequence[Mapping[str, str]] = next(of_bad_request, {}).get("fieldViolations", ())
        return found

    def retry_after(self) -> Headers:
        """Retry-After, if the status asks for it and the headers lack it."""
        if self.http_status not in RETRY_SECONDS or any(
            n == b"retry-after" for n, _ in self.headers
        ):
            return []
        return [(b"retry-after", b"%d" % RETRY_SECONDS[self.http_status])]

    def to_json(self) -> bytes:
        value = {"code": self.code, "message": self.message, "details": list(self.details)}
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "replace")  # A quoted value may hold half of a surrogate pair.


class Refusals:
    """Gathers refusals of fields, so that the client is told of all of them at once.

    Each check runs in a `with` block, which ends at its first refusal. `raise_any` follows the last one.
    """

    def __init__(self) -> None:
        self._found: list[Refusal] = []
        self._count = 0

    def __enter__(self) -> None:
        return

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if not isinstance(error, Refusal) or error.http_status != 400:
            return False
        # A refusal of the whole body or query ends the request.
        if not error.violations or not all(each["field"] for each in error.violations):
            return False
        self.add(error)
        return True

    def __bool__(self) -> bool:
        return self._count > 0

    @property
    def is_full(self) -> bool:
        """Whether as many fields are wrong as are looked for."""
        return self._count >= MOST_COUNTED

    def add(self, error: Refusal) -> None:
        """Adds the wrong fields of a refusal."""
        self._count += len(error.violations) + error.more
        if len(self._found) < MOST_VIOLATIONS:
            self._found.append(error)

    def together(self) -> Refusal:
        """One refusal for all that were added, at least one; its reason is that of the first."""
        violations = [violation for each in self._found for violation in each.violations]
        return invalid_fields(violations, self._count)

    def raise_any(self) -> None:
        """Raises Refusal if a check failed."""
        if self:
            raise self.together()


def invalid(field: str, reason: str, description: str, *, http_status: int = 400) -> Refusal:
    """A refusal of the value of one field. field: its path. reason: UPPER_SNAKE, for programs."""
    violation = {"field": field, "description": description, "reason": reason}
    return invalid_fields([violation], 1, http_status=http_status)


def invalid_fields(
    violations: Sequence[Mapping[str, str]], count: int, *, http_status: int = 400
) -> Refusal:
    """A refusal of several fields, as in google.rpc.BadRequest. count: of all that are wrong."""
    violations = violations[:MOST_VIOLATIONS]
    more = count - len(violations)
    sentences = [violation["description"] for violation in violations]
    if more:
        least = "At least " if count >= MOST_COUNTED else ""
        sentences.append(f"{least}{more} more {'fields are' if more > 1 else 'field is'} wrong.")
    error = Refusal(
        code_pb2.INVALID_ARGUMENT,
        " ".join(sentences),
        http_status=http_status,
        details=[
            _error_info(violations[0]["reason"]),
            {
                "@type": "type.googleapis.com/google.rpc.BadRequest",
                "fieldViolations": [dict(violation) for violation in violations],
            },
        ],
    )
    error.more = more
    return error


def refusal(
    code: int,
    reason: str,
    message: str,
    *,
    http_status: int = 0,
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> Refusal:
    """A refusal that concerns no single field."""
    details = [_error_info(reason)]
    return Refusal(code, message, http_status=http_status, details=details, headers=headers)


def _error_info(reason: str) -> Mapping[str, Any]:
    type_url = "type.googleapis.com/google.rpc.ErrorInfo"
    return {"@type": type_url, "reason": reason, "domain": DOMAIN}
