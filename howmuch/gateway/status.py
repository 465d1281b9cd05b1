"""Statuses as HTTP: the table of google/rpc/code.proto, and google.rpc.Status as JSON."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from google.rpc import code_pb2, status_pb2

from howmuch.gateway.codec import Codec

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
"""The domain of the ErrorInfo of what the gateway itself refuses."""

Headers = list[tuple[bytes, bytes]]


class Refusal(Exception):
    """A request that is answered with an error.

    code: of google.rpc.Code. http_status: where it is not the one of the code. message: a finished sentence.
    details: in JSON, each with its @type.
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

    def to_json(self) -> bytes:
        """The body."""
        value = {"code": self.code, "message": self.message, "details": list(self.details)}
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "replace")  # A quoted value may hold half of a surrogate pair.


def invalid(field: str, reason: str, description: str, *, http_status: int = 400) -> Refusal:
    """A refusal of what a field of the request holds. reason: UPPER_SNAKE, for programs."""
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
    """A refusal that is about no one field."""
    return Refusal(
        code, message, http_status=http_status, details=[_error_info(reason)], headers=headers
    )


def from_upstream(code: int, message: str, details_bin: bytes | None, codec: Codec) -> Refusal:
    """The status that a call ended with. details_bin: the metadata `grpc-status-details-bin`."""
    headers: Headers = []
    details: list[Mapping[str, Any]] = []
    if details_bin:
        try:
            status = status_pb2.Status.FromString(details_bin)
        except ValueError:
            status = status_pb2.Status()
        for packed in status.details:
            details.append(_detail(packed.type_url, packed.value, codec))
            headers += _retry_after(details[-1])
    if code == code_pb2.UNAUTHENTICATED:
        headers.append((b"www-authenticate", b"Bearer"))
    return Refusal(code, message, details=details, headers=headers)


def _error_info(reason: str) -> Mapping[str, Any]:
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": DOMAIN,
    }


def _detail(type_url: str, value: bytes, codec: Codec) -> Mapping[str, Any]:
    name = type_url.rpartition("/")[2]
    if codec.knows(name):
        try:
            content = codec.to_value(name)(value)
        except ValueError:
            pass
        else:
            fields = content if isinstance(content, dict) else {"value": content}
            return {"@type": type_url, **fields}
    # Kept as it came: who knows the type can decode it.
    return {"@type": type_url, "value": base64.b64encode(value).decode()}


def _retry_after(detail: Mapping[str, Any]) -> Headers:
    """A header of whole seconds, rounded up, from a RetryInfo."""
    if not detail["@type"].endswith("/google.rpc.RetryInfo"):
        return []
    try:
        seconds = float(str(detail.get("retryDelay", "0s")).removesuffix("s"))
    except ValueError:
        return []
    return [(b"retry-after", str(max(1, -int(-seconds // 1))).encode())]
