"""The body `null`, as clients send it for a call without values."""

import grpc
import pytest

from tests.gateway.http_client import send
from tests.gateway.own_service import running_service

SHELF = """
    package library.v1;
    message Named { string id = 1; }
    message Titled { string id = 1; string title = 2; }
    message Held { google.protobuf.Empty nothing = 1; Titled book = 2; }
    service Shelf {
      rpc Ping(google.protobuf.Empty) returns (Named) {
        option (google.api.http) = { post: "/v1/ping" body: "*" };
      }
      rpc Lend(Named) returns (Named) {
        option (google.api.http) = { post: "/v1/books/{id}:lend" body: "*" };
      }
      rpc Hold(Held) returns (Named) {
        option (google.api.http) = { post: "/v1/hold" body: "nothing" };
      }
      rpc Add(Titled) returns (Named) {
        option (google.api.http) = { post: "/v1/books/{id}" body: "*" };
      }
      rpc Wrap(Held) returns (Named) {
        option (google.api.http) = { post: "/v1/wrap" body: "book" };
      }
    }
"""


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/v1/ping", 200),
        ("/v1/books/a:lend", 200),
        ("/v1/hold", 200),
        ("/v1/books/a", 400),
        ("/v1/wrap", 400),
    ],
)
def test_null_is_empty_where_a_body_can_have_no_fields(target: str, status: int) -> None:
    """Elsewhere it hides a mistake: an object was expected."""
    received = []

    def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
        received.append(request)
        return b""

    with running_service(SHELF, answer) as port:
        assert send(port, "POST", target, {}, b" null\n").status == status
        if status == 200:
            assert send(port, "POST", target, {}, b"{}").status == 200
            assert received[0] == received[1]
