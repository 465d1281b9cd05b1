"""Oneofs whose members come from different parts of a request."""

import grpc
import pytest

from tests.gateway.http_client import send
from tests.gateway.own_service import running_service
from tests.gateway.statuses import check_status, reason_of

INVALID_ARGUMENT = 3
SHELF = """
    package library.v1;
    message Book { string title = 1; }
    message Entry { oneof content { Book book = 1; string note = 2; } string shelf = 3; }
    service Shelf {
      rpc Add(Entry) returns (Book) {
        option (google.api.http) = { post: "/v1/entries" body: "book" };
      }
    }
"""


@pytest.mark.parametrize("body", [b'{"title":"a"}', b"{}", b""])
def test_query_cannot_set_the_oneof_of_the_body(body: bytes) -> None:
    """Only one of the two would reach the service; which one, the caller cannot see."""
    received = []

    def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
        received.append(request)
        return b""

    with running_service(SHELF, answer) as port:
        status = check_status(
            send(port, "POST", "/v1/entries?note=b", {}, body), 400, INVALID_ARGUMENT
        )
        assert reason_of(status) == "ONEOF_TWICE"
        assert received == []
        assert send(port, "POST", "/v1/entries?shelf=b", {}, body).status == 200
