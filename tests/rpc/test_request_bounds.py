"""Requests that would take far more memory than bytes are refused before they are decoded."""

from typing import Any

import pytest
from google.protobuf.message import Message

from howmuch.errors import ResourceExhausted
from howmuch.rpc.intake.bounds import MOST_SUBMESSAGES, MOST_TEXT_BYTES, check_bounds
from howmuch.v1 import expense_pb2, expense_service_pb2, user_service_pb2

BATCH = expense_service_pb2.BatchCreateExpensesRequest
CREATE = expense_service_pb2.CreateExpenseRequest
MOST_BYTES = 4 * 1024 * 1024


def delimited(field: int, content: bytes) -> bytes:
    length, size = b"", len(content)
    while size > 0x7F:
        length += bytes([size & 0x7F | 0x80])
        size >>= 7
    return bytes([field << 3 | 2]) + length + bytes([size]) + content


def times(part: bytes) -> bytes:
    return part * (MOST_BYTES // len(part))


EMPTY_EXPENSE = b"\x12\x00"
WIDE: dict[str, tuple[type[Message], bytes]] = {
    "empty expenses": (BATCH, times(EMPTY_EXPENSE)),
    "within one expense": (CREATE, delimited(2, times(b"\x3a\x00"))),
    "one in each": (BATCH, times(delimited(2, b"\x3a\x00"))),
    "empty strings": (CREATE, delimited(2, delimited(11, delimited(1, times(b"\x0a\x00"))))),
    "unknown groups": (CREATE, times(b"\xab\x01\xac\x01")),
    "unknown numbers": (CREATE, times(b"\x98\x06\x01")),
}


@pytest.mark.parametrize("case", WIDE)
def test_message_of_too_many_parts_is_refused(case: str) -> None:
    """Whatever the parts are, and wherever they are."""
    kind, wire = WIDE[case]
    with pytest.raises(ResourceExhausted) as refused:
        check_bounds(wire, kind)
    assert refused.value.reason == "REQUEST_TOO_COMPLEX"


def batch(count: int) -> Any:
    return BATCH(event_id="evt", expenses=[expense_pb2.Expense()] * count)


def test_the_bound_is_exact() -> None:
    """As many as may be pass; with one more they do not."""
    check_bounds(batch(MOST_SUBMESSAGES).SerializeToString(), BATCH)
    with pytest.raises(ResourceExhausted):
        check_bounds(batch(MOST_SUBMESSAGES + 1).SerializeToString(), BATCH)


def test_text_of_too_many_bytes_is_refused() -> None:
    """As many as may be pass, which is more than any rule allows; with one more they do not."""
    long = "a" * MOST_TEXT_BYTES
    for kind, most, more in (
        (user_service_pb2.LogInRequest, {"email": long}, {"email": long + "a"}),
        (CREATE, {"expense": {"notes": long}}, {"expense": {"notes": long + "a"}}),
    ):
        check_bounds(kind(**most).SerializeToString(), kind)
        with pytest.raises(ResourceExhausted) as refused:
            check_bounds(kind(**more).SerializeToString(), kind)
        assert refused.value.reason == "REQUEST_TOO_COMPLEX"


@pytest.mark.parametrize("end", [b"\x12", b"\x12\xff", b"\x12" + b"\xff" * 11, b"\x0f"])
def test_malformed_message_is_left_to_the_decoder(end: bytes) -> None:
    check_bounds(batch(60).SerializeToString() * 900 + end, BATCH, most=10**6)
