"""Values of responses as JSON prints them: float32 in its shortest form, aliases by their first name."""

import random
import struct

import grpc
import pytest

from tests.gateway.http_client import send
from tests.gateway.messages import parsed_json
from tests.gateway.own_service import running_service

SHELF = """
    package library.v1;
    enum State {
      option allow_alias = true;
      STATE_UNSPECIFIED = 0; LENT = 1; BORROWED = 1;
    }
    message Book {
      float weight = 1;
      repeated float sizes = 2;
      map<string, float> marks = 3;
      Book sequel = 4;
      State state = 5;
      repeated State states = 6;
      double price = 7;
      google.protobuf.Any extra = 8;
      int64 pages = 9;
      map<string, State> by_place = 10;
      string etag = 11;
    }
    message Books { repeated Book books = 1; }
    message Weight { float weight = 1; }
    service Shelf {
      rpc Get(Book) returns (Book) { option (google.api.http) = { get: "/v1/book" }; }
      rpc Part(Book) returns (Book) {
        option (google.api.http) = { get: "/v1/sizes" response_body: "sizes" };
      }
      rpc State(Book) returns (Book) {
        option (google.api.http) = { get: "/v1/state" response_body: "state" };
      }
      rpc Sequel(Book) returns (Book) {
        option (google.api.http) = { get: "/v1/sequel" response_body: "sequel" };
      }
      rpc List(Book) returns (Books) { option (google.api.http) = { get: "/v1/books" }; }
    }
"""


def single(number: int, value: float) -> bytes:
    return bytes([number << 3 | 5]) + struct.pack("<f", value)


def nested(number: int, value: bytes) -> bytes:
    return bytes([number << 3 | 2, len(value)]) + value


WEIGHT = single(1, 0.1)
PAGES = bytes([9 << 3, 5])


@pytest.mark.parametrize(
    ("target", "wire", "printed"),
    [
        ("/v1/book", WEIGHT, '{"weight":0.1}'),
        ("/v1/book", single(1, 16777216.0), '{"weight":16777216.0}'),
        ("/v1/book", single(1, 3.4e38), '{"weight":3.4e+38}'),
        ("/v1/book", single(1, 1e-45), '{"weight":1e-45}'),
        ("/v1/book", single(1, float("nan")), '{"weight":"NaN"}'),
        ("/v1/book", single(1, float("-inf")), '{"weight":"-Infinity"}'),
        ("/v1/book", nested(2, struct.pack("<2f", 0.1, 2.5)), '{"sizes":[0.1,2.5]}'),
        ("/v1/book", nested(3, nested(1, b"a") + single(2, 0.3)), '{"marks":{"a":0.3}}'),
        ("/v1/book", nested(4, WEIGHT + PAGES), '{"sequel":{"weight":0.1,"pages":"5"}}'),
        ("/v1/book", b"\x39" + struct.pack("<d", 0.1), '{"price":0.1}'),
        ("/v1/book", b"\x28\x01", '{"state":"LENT"}'),
        ("/v1/book", b"\x28\x07", '{"state":7}'),
        ("/v1/book", b"\x32\x02\x01\x00", '{"states":["LENT","STATE_UNSPECIFIED"]}'),
        ("/v1/book", nested(10, nested(1, b"a") + b"\x10\x01"), '{"byPlace":{"a":"LENT"}}'),
        ("/v1/sizes", nested(2, struct.pack("<f", 0.1)), "[0.1]"),
        ("/v1/state", b"\x28\x01", '"LENT"'),
        ("/v1/sequel", nested(4, WEIGHT), '{"weight":0.1}'),
        ("/v1/books", nested(1, WEIGHT), '{"books":[{"weight":0.1}]}'),
    ],
)
def test_value_is_printed_as_it_was_written(target: str, wire: bytes, printed: str) -> None:
    """As the reference implementations print it, so that a client sees what the service set."""

    def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
        return wire

    with running_service(SHELF, answer) as port:
        reply = send(port, "GET", target)
    assert (reply.status, reply.content.decode()) == (200, printed)


def test_every_float_reads_back_as_itself() -> None:
    """The shortest form loses nothing."""
    chance = random.Random(18)
    floats = struct.pack("<25I", *(chance.getrandbits(31) % 0x7F800000 for _ in range(25)))
    with running_service(SHELF, lambda request, context: nested(2, floats)) as port:
        printed = parsed_json(send(port, "GET", "/v1/sizes").content)
    assert struct.pack("<25f", *printed) == floats
    assert [float(f"{number:.9g}") for number in printed] == printed
