"""Answers that nest deep."""

from typing import Any

import grpc
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc.status_pb2 import Status

from howmuch.gateway.wire import delimited
from tests.gateway.http_client import Reply, send
from tests.gateway.own_service import running_service
from tests.gateway.statuses import check_status, reason_of

INTERNAL, NOT_FOUND = 13, 5
SHELF = """
    package library.v1;
    message Book { %s Book sequel = 4; }
    message Books { repeated Book books = 1; }
    service Shelf {
      rpc Get(Book) returns (Book) { option (google.api.http) = { get: "/v1/book" }; }
      rpc Part(Book) returns (Book) {
        option (google.api.http) = { get: "/v1/sequel" response_body: "sequel" };
      }
      rpc List(Book) returns (Books) { option (google.api.http) = { get: "/v1/books" }; }
    }
"""


def deep(levels: int) -> bytes:
    wire = b""
    for _ in range(levels):
        wire = delimited(4, wire)
    return wire


def answer(target: str, wire: bytes, more: str = "") -> Reply:
    with running_service(SHELF % more, lambda request, context: wire) as port:
        return send(port, "GET", target)


@pytest.mark.parametrize("more", ["", "float weight = 1;"])
def test_answer_of_100_levels_is_printed(more: str) -> None:
    assert answer("/v1/book", deep(100), more).content == b'{"sequel":' * 100 + b"{}" + b"}" * 100


@pytest.mark.parametrize(
    ("target", "levels"),
    [("/v1/book", 101), ("/v1/book", 5000), ("/v1/sequel", 200), ("/v1/books", 200)],
)
def test_answer_that_nests_deeper_is_a_fault_of_the_service(target: str, levels: int) -> None:
    """It is 502, which names the reason, and not an unknown error of the gateway."""
    wire = deep(levels)
    if target == "/v1/books":
        wire = delimited(1, wire)
    status = check_status(answer(target, wire), 502, INTERNAL)
    assert reason_of(status) == "ANSWER_TOO_DEEP"


def test_detail_that_nests_deeper_stays_as_it_came() -> None:
    """The error arrives without it."""
    detail = AnyMessage(type_url="type.googleapis.com/library.v1.Book", value=deep(200))
    rich = Status(code=NOT_FOUND, message="No.", details=[detail]).SerializeToString()

    def fail(request: bytes, context: grpc.ServicerContext) -> Any:
        context.set_trailing_metadata((("grpc-status-details-bin", rich),))
        context.abort(grpc.StatusCode.NOT_FOUND, "No.")

    with running_service(SHELF % "", fail) as port:
        check_status(send(port, "GET", "/v1/book"), 404, NOT_FOUND)
