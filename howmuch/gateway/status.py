"""Errors as HTTP: status codes by the table of google/rpc/code.proto, google.rpc.Status as JSON."""

import json
from collections.abc import Mapping, Sequence
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

    @property
    def reason(self) -> str:
        """The reason in google.rpc.ErrorInfo. Empty means that the details hold none."""
        of_error_info = (d for d in self.details if d["@type"].endswith("/google.rpc.ErrorInfo"))
        return str(next(of_error_info, {}).get("reason", ""))

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


def invalid(field: str, reason: str, description: str, *, http_status: int = 400) -> Refusal:
    """A refusal of the value of one field. field: its path. reason: UPPER_SNAKE, for programs."""
    return Refusal(
        code_pb2.INVALID_ARGUMENT,
        description,
        http_status=http_status,
        details=[
            _error_info(reason),
            {
                "@type": "type.googleapis.com/google.rpc.BadRequest",
                "fieldViolations": [{"field": field, "description": description, "reason": reason}],
            },
        ],
    )


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
