"""Errors as the gateway answers them: google.rpc.Status in JSON, without a word about its inside."""

import re

from tests.gateway.http_client import Reply
from tests.gateway.messages import parsed_json

_INSIDE = re.compile(
    r"127\.0\.0\.1|localhost|ipv[46]|\btcp\b|socket|errno|recvmsg|RST_STREAM|GOAWAY|http2|grpc(?!-timeout)|"
    r"Traceback|\.py\b|uvicorn|metadata size|deserializ",
    re.IGNORECASE,
)


def check_status(reply: Reply, http_status: int, code: int) -> dict[str, object]:
    """The body of an error, once it is what it has to be."""
    assert (reply.status, reply.complete) == (http_status, True), reply
    assert reply.values("content-type") == ["application/json"]
    status: dict[str, object] = parsed_json(reply.content)
    assert set(status) == {"code", "message", "details"}
    assert status["code"] == code, status
    assert status["message"]
    assert not _INSIDE.search(reply.content.decode()), status
    return status


def reason_of(status: dict[str, object]) -> str:
    """What a program is to go by."""
    details = status["details"]
    assert isinstance(details, list)
    return next(str(detail["reason"]) for detail in details if "ErrorInfo" in detail["@type"])
