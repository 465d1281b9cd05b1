"""Failed gRPC calls as HTTP errors, without details that only operators should see."""

import base64
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import grpc.aio
from google.rpc import code_pb2, status_pb2

from howmuch.gateway.codec import Codec
from howmuch.gateway.headers import from_metadata
from howmuch.gateway.status import Headers, Refusal, refusal
from howmuch.runtime.grpc_channel import MAX_METADATA_BYTES

_STATUS_DETAILS = "grpc-status-details-bin"

# gRPC's core puts addresses and system calls into the statuses that it creates.
_OF_THE_CORE = re.compile(
    r"ipv[46]:|unix:|failed to connect|connection attempt|connections to all backends|name resolution"
    r"|DNS resolution|Socket closed|tcp |GOAWAY|RST_STREAM|stream removed|recvmsg|sendmsg|Endpoint"
    r"|handshak|keepalive|Connection (?:reset|refused)|Broken pipe|OS Error|HTTP proxy",
    re.IGNORECASE,
)
_CUT_OFF = re.compile(r"Received RST_STREAM|Stream removed|Received http2 header", re.IGNORECASE)
_TOO_LARGE = re.compile(r"\b(CLIENT|SERVER): Received message larger than max")

_METADATA_TOO_LARGE = re.compile(r"(Stream removed \()?received metadata size exceeds")
"""The core of the gateway refuses metadata of a response by removing the stream; a service just says so."""


class _Status(NamedTuple):
    """http_status: 0 means that of the code."""

    code: int
    message: str
    http_status: int = 0


def call_refusal(error: grpc.aio.AioRpcError, codec: Codec) -> Refusal:
    """The error response for a failed call, with its details and metadata."""
    if found := _METADATA_TOO_LARGE.match(error.details() or ""):
        return _metadata_refusal(of_response=bool(found[1]))
    code, message, http_status = _public_status(error)
    packed: Any = None
    metadata_headers: Headers = []
    for metadata in (error.initial_metadata(), error.trailing_metadata()):
        metadata_headers += from_metadata(metadata or ())
        for name, value in metadata or ():
            packed = value if name == _STATUS_DETAILS else packed
    details = _details(packed, codec)
    headers = [header for detail in details for header in _retry_after(detail)]
    if code == code_pb2.UNAUTHENTICATED:
        headers.append((b"www-authenticate", b"Bearer"))
    return Refusal(
        code,
        message,
        http_status=http_status,
        details=details,
        headers=headers + metadata_headers,
    )


def _metadata_refusal(*, of_response: bool) -> Refusal:
    if of_response:
        return refusal(
            code_pb2.INTERNAL,
            "ANSWER_HEADERS_TOO_LARGE",
            f"The service sent more than {MAX_METADATA_BYTES // 1024} KiB of metadata with its response.",
            http_status=502,
        )
    return refusal(
        code_pb2.INVALID_ARGUMENT,
        "HEADERS_TOO_LARGE",
        "The headers of the request are larger than the service accepts.",
        http_status=431,
    )


def _public_status(error: grpc.aio.AioRpcError) -> _Status:
    code: int = error.code().value[0]
    message = error.details() or ""
    if code == code_pb2.RESOURCE_EXHAUSTED and (found := _TOO_LARGE.search(message)):
        if found[1] == "CLIENT":
            return _Status(code_pb2.INTERNAL, "The response of the service is too large.")
        return _Status(code, "The request is larger than the service accepts.", 413)
    if code == code_pb2.DEADLINE_EXCEEDED:
        from_grpc = "deadline exceeded" in message.lower()
        return _Status(code, "The service did not answer in time." if from_grpc else message)
    of_the_core = _OF_THE_CORE if code == code_pb2.UNAVAILABLE else _CUT_OFF
    if of_the_core.search(message):
        down = "The service is not available. Try again in a moment."
        return _Status(code_pb2.UNAVAILABLE, down)
    return _Status(code, message)


def _details(packed: bytes | None, codec: Codec) -> list[Mapping[str, Any]]:
    try:
        status = status_pb2.Status.FromString(packed or b"")
    except ValueError:
        return []
    return [_detail(each.type_url, each.value, codec) for each in status.details]


def _detail(type_url: str, value: bytes, codec: Codec) -> Mapping[str, Any]:
    """A detail as JSON; one of an unknown type keeps its bytes, in base64."""
    name = type_url.rpartition("/")[2]
    if codec.knows(name):
        try:
            content = codec.to_value(name)(value)
        except ValueError:
            pass
        else:
            fields = content if isinstance(content, dict) else {"value": content}
            return {"@type": type_url, **fields}
    return {"@type": type_url, "value": base64.b64encode(value).decode()}


def _retry_after(detail: Mapping[str, Any]) -> Headers:
    """Retry-After from a RetryInfo: whole seconds, rounded up."""
    if not detail["@type"].endswith("/google.rpc.RetryInfo"):
        return []
    try:
        seconds = float(str(detail.get("retryDelay", "0s")).removesuffix("s"))
    except ValueError:
        return []
    return [(b"retry-after", str(max(1, -int(-seconds // 1))).encode())]
