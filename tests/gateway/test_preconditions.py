"""If-Match: what the service gets, and 412 only if this header is at fault."""

import grpc
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from howmuch.gateway.options import Preconditions
from tests.gateway.backend import Backend
from tests.gateway.http_client import Headers, send
from tests.gateway.own_service import Behaviour, running_service
from tests.gateway.statuses import check_status

ABORTED = 10
SHELF = """
    package library.v1;
    message Book { string id = 1; string etag = 2; }
    service Shelf {
      rpc LendBook(Book) returns (Book) {
        option (google.api.http) = { post: "/v1/books/{id}:lend" body: "*" };
      }
    }
"""
NAMES = ("library.v1.Shelf",)


@pytest.mark.parametrize(
    ("headers", "received"),
    [
        ({"if-match": '"a", W/"b"'}, ['"a", W/"b"']),
        ({"if-match": ['"a"', '"b"']}, ['"a", "b"']),
        ({"if-match": ['"a;h=0123456789abcdef01234567"', '"b,c"', "*"]}, ['"a", "b,c", *']),
    ],
)
def test_if_match_is_one_list(
    gateway_port: int, backend: Backend, headers: Headers, received: list[str]
) -> None:
    """Lines of a list are one value, since a service that reads one of them would ignore the others."""
    backend.answer({})
    assert send(gateway_port, "GET", "/v1/resp", headers).status == 200
    [call] = backend.calls()
    assert call.values("if-match") == received


def test_if_none_match_is_one_list(gateway_port: int, backend: Backend) -> None:
    """In lines and with commas inside of tags; a part of a tag is no tag."""
    backend.answer({"initial_metadata": {"etag": '"a,b"'}})
    for given, status in (
        (['"a,b"', '"other"'], 304),
        ('"other", W/"a,b"', 304),
        ('"x,"a,b""', 200),
        ('"a"', 200),
    ):
        assert send(gateway_port, "GET", "/v1/resp", {"if-none-match": given}).status == status


def aborting(reason: str, current: str) -> Behaviour:
    """Aborts each call. current: etag in the error; empty means none."""
    info = ErrorInfo(reason=reason, metadata={"current_etag": current} if current else {})
    detail = AnyMessage()
    detail.Pack(info)
    rich = Status(code=ABORTED, message="Changed.", details=[detail]).SerializeToString()

    def abort(request: bytes, context: grpc.ServicerContext) -> bytes:
        context.set_trailing_metadata((("grpc-status-details-bin", rich),))
        context.abort(grpc.StatusCode.ABORTED, "Changed.")
        raise AssertionError

    return abort


@pytest.mark.parametrize(
    ("preconditions", "current", "if_match", "status"),
    [
        (Preconditions(NAMES), "", '"v1"', 412),
        (Preconditions(NAMES, "STALE", "current_etag"), "v2", '"v0", "v1"', 412),
        (Preconditions(NAMES, "STALE", "current_etag"), "v2", '"v22"', 412),
        # The header has the current etag, so another one is stale.
        (Preconditions(NAMES, "STALE", "current_etag"), "v2", '"v0", "v2"', 409),
        (
            Preconditions(NAMES, "STALE", "current_etag"),
            "v2",
            '"v2;h=0123456789abcdef01234567"',
            409,
        ),
        # Without the header, and for any version.
        (Preconditions(NAMES), "", "", 409),
        (Preconditions(NAMES), "", "*", 409),
        # Another reason, and a method that says nothing about If-Match.
        (Preconditions(NAMES, "OTHER"), "", '"v1"', 409),
        (Preconditions(("library.v1.Shel",)), "", '"v1"', 409),
    ],
)
def test_only_a_failing_if_match_is_412(
    preconditions: Preconditions, current: str, if_match: str, status: int
) -> None:
    """With the body of any error. An etag in the body that is stale, and other conflicts, stay 409."""
    headers = {"if-match": if_match} if if_match else {}
    behave = aborting("STALE", current)
    with running_service(SHELF, behave, preconditions=preconditions) as port:
        reply = send(port, "POST", "/v1/books/a:lend", headers, b"{}")
    check_status(reply, status, ABORTED)
