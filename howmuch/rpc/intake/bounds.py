"""Bounds of a serialized message, checked before it is decoded.

A submessage takes two bytes on the wire, and fifty and more in memory: a request of four megabytes can have
two million of them. A text with one wide character takes four times its bytes, in each copy.
"""

from functools import cache
from typing import Any

from google.protobuf.message import Message

from howmuch.errors import ResourceExhausted

MOST_SUBMESSAGES = 50_000
MOST_VALUES = 250_000
"""Fields and elements with a value, in a request."""
MOST_TEXT_BYTES = 1024 * 1024
"""Of one text. The longest that is allowed has 10,000 characters of up to four bytes."""

_SMALLEST_SUBMESSAGE = 2
"""Bytes: a tag, and the length 0."""

_VARINT, _FIXED64, _LENGTH, _GROUP, _GROUP_END, _FIXED32 = range(6)


class _Fields(dict[int, "_Fields"]):
    """Number to fields of each submessage of a message type. texts: numbers of its string fields."""

    def __init__(self, texts: frozenset[int]) -> None:
        super().__init__()
        self.texts = texts


@cache
def _fields_of(message: Any) -> _Fields:
    known: dict[str, _Fields] = {}

    def fields(each: Any) -> _Fields:
        if each.full_name not in known:
            texts = {field.number for field in each.fields if field.type == field.TYPE_STRING}
            found = known[each.full_name] = _Fields(frozenset(texts))
            for field in each.fields:
                if field.message_type is not None:
                    found[field.number] = fields(field.message_type)
        return known[each.full_name]

    return fields(message)


def check_bounds(
    wire: bytes,
    message: type[Message],
    most: int = MOST_SUBMESSAGES,
    most_values: int = MOST_VALUES,
) -> None:
    """Raises ResourceExhausted for more than `most` submessages or `most_values` values, or a text too long.

    Malformed bytes pass: decoding refuses them.
    """
    # A message that is too short for the bounds needs no look.
    if len(wire) < min(_SMALLEST_SUBMESSAGE * min(most, most_values), MOST_TEXT_BYTES):
        return
    try:
        _scan(wire, _fields_of(message.DESCRIPTOR), most, most_values)
    except IndexError:
        return


def _scan(wire: bytes, fields: _Fields, most: int, most_values: int) -> None:
    """Reads tags and lengths, and skips contents. IndexError for a message that ends too early."""
    at, end = 0, len(wire)
    submessages = values = 0
    above: list[tuple[int, _Fields]] = []
    while True:
        while at >= end:
            if not above:
                return
            end, fields = above.pop()
        tag = wire[at]
        at += 1
        if tag > 0x7F:
            tag, at = _varint(wire, at - 1)
        values += 1
        if values > most_values:
            raise _too_many("fields and elements", most_values)
        kind = tag & 7
        if kind == _LENGTH:
            length = wire[at]
            at += 1
            if length > 0x7F:
                length, at = _varint(wire, at - 1)
            inner = fields.get(tag >> 3)
            if inner is None:
                if length > MOST_TEXT_BYTES and tag >> 3 in fields.texts:
                    raise _too_long(length)
                at += length
                continue
            submessages += 1
            if submessages > most:
                raise _too_many("messages within it", most)
            if length:
                above.append((end, fields))
                end, fields = min(at + length, end), inner
        elif kind == _VARINT:
            while wire[at] > 0x7F:
                at += 1
            at += 1
        elif kind == _GROUP:
            submessages += 1
            if submessages > most:
                raise _too_many("messages within it", most)
        elif kind != _GROUP_END:
            at += 8 if kind == _FIXED64 else 4


def _varint(wire: bytes, at: int) -> tuple[int, int]:
    """The number at a position, and the position after it. IndexError for one of more than ten bytes."""
    value = 0
    for shift in range(0, 70, 7):
        byte = wire[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise IndexError


def _too_long(length: int) -> ResourceExhausted:
    return ResourceExhausted(
        "REQUEST_TOO_COMPLEX",
        f"A text of the request has {length:,} bytes; at most {MOST_TEXT_BYTES:,} are read of one text.",
        retry_after_seconds=None,
        metadata={"most": str(MOST_TEXT_BYTES)},
    )


def _too_many(things: str, most: int) -> ResourceExhausted:
    return ResourceExhausted(
        "REQUEST_TOO_COMPLEX",
        f"The request has more than {most} {things}, the most that one request may have. Send several smaller"
        " requests.",
        retry_after_seconds=None,
        metadata={"most": str(most)},
    )
