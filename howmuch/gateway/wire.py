"""Encodes single fields from the text of a path or query parameter.

Requests are concatenated from such fields: on the wire the last scalar wins, and messages merge.
"""

import base64
import binascii
import json
import math
import re
import struct
from collections.abc import Callable, Sequence

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor

from howmuch.gateway.codec import Codec, CodecError
from howmuch.gateway.descriptors import FIELD_MASK, enum_of, message_of

Encode = Callable[[str], bytes]
"""Text to a field on the wire, with its tag. Raises ValueError, whose text is the broken rule."""

VARINT, FIXED64, DELIMITED, FIXED32 = 0, 1, 2, 5

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,19})")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_MASK_PATH = re.compile(r"\*|[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_UPPER = re.compile(r"[A-Z]")
_SPECIALS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_FLOAT32_MAX = 3.4028234663852886e38

_SMALL = [bytes([value]) for value in range(0x80)]

F = FieldDescriptor
_INTEGERS = {
    **dict.fromkeys((F.TYPE_INT32, F.TYPE_SINT32, F.TYPE_SFIXED32), range(-(2**31), 2**31)),
    **dict.fromkeys((F.TYPE_UINT32, F.TYPE_FIXED32), range(2**32)),
    **dict.fromkeys((F.TYPE_INT64, F.TYPE_SINT64, F.TYPE_SFIXED64), range(-(2**63), 2**63)),
    **dict.fromkeys((F.TYPE_UINT64, F.TYPE_FIXED64), range(2**64)),
}
"""Type to its values."""
_FIXED = {F.TYPE_FIXED32: "<I", F.TYPE_SFIXED32: "<i", F.TYPE_FIXED64: "<Q", F.TYPE_SFIXED64: "<q"}


def varint(value: int) -> bytes:
    """value: 0 to 2**64-1."""
    if value < 0x80:
        return _SMALL[value]
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def tag(number: int, wire_type: int) -> bytes:
    return varint(number << 3 | wire_type)


def delimited(number: int, value: bytes) -> bytes:
    """A string, bytes or message field."""
    return tag(number, DELIMITED) + varint(len(value)) + value


def encoder(path: Sequence[FieldDescriptor], codec: Codec) -> Encode:
    """Encodes the last field of the path, wrapped in its outer messages."""
    *outer, last = path
    encode = _encoder(last, codec)
    for field in reversed(outer):
        encode = _wrapped(tag(field.number, DELIMITED), encode)
    return encode


def rule_of(field: FieldDescriptor) -> str:
    """The rule for a single value of the field: `a whole number from -1 to 1`."""
    if values := _INTEGERS.get(field.type):
        return f"a whole number from {values.start} to {values.stop - 1}"
    kind = enum_of(field)
    if kind is not None:
        return f"one of {', '.join(kind.values_by_name)}"
    message = message_of(field)
    return message_rule(message.full_name) if message is not None else _SCALAR_RULES[field.type]


def message_rule(name: str) -> str:
    """The rule for a message in JSON. name: its full name."""
    return _MESSAGE_RULES.get(name, "an object")


_SCALAR_RULES = {
    F.TYPE_BOOL: "true or false",
    F.TYPE_STRING: "a string",
    F.TYPE_BYTES: "bytes in base64",
    F.TYPE_DOUBLE: "a number, NaN, Infinity or -Infinity",
    F.TYPE_FLOAT: "a number of single precision, NaN, Infinity or -Infinity",
}
_MESSAGE_RULES = {
    "google.protobuf.Timestamp": "a time such as 2026-11-22T09:30:00Z",
    "google.protobuf.Duration": "seconds such as 3.5s",
    FIELD_MASK: "field names such as displayName,settings.theme",
    "google.protobuf.BoolValue": "true or false",
    "google.protobuf.StringValue": "a string",
    "google.protobuf.BytesValue": "bytes in base64",
    "google.protobuf.DoubleValue": _SCALAR_RULES[F.TYPE_DOUBLE],
    "google.protobuf.FloatValue": _SCALAR_RULES[F.TYPE_FLOAT],
    "google.protobuf.Int32Value": "a whole number of 32 bits",
    "google.protobuf.UInt32Value": "a whole number of 32 bits, not negative",
    "google.protobuf.Int64Value": "a whole number of 64 bits",
    "google.protobuf.UInt64Value": "a whole number of 64 bits, not negative",
    "google.protobuf.ListValue": "a list",
    "google.protobuf.Value": "a JSON value without infinite numbers",
    "google.protobuf.Any": "an object with an @type that the server knows",
}


def _encoder(field: FieldDescriptor, codec: Codec) -> Encode:
    message = message_of(field)
    if message is not None:
        if message.full_name == FIELD_MASK:
            return lambda text: delimited(field.number, field_mask(text))
        return _by_codec(field, message.full_name, codec)
    if field.type in _INTEGERS:
        return _integer(field)
    kind = enum_of(field)
    if kind is not None:
        return _enum(field, kind)
    return _SCALARS[field.type](field)


def _integer(field: FieldDescriptor) -> Encode:
    values = _INTEGERS[field.type]
    zigzag = field.type in {F.TYPE_SINT32, F.TYPE_SINT64}
    fixed = _FIXED.get(field.type)
    wire_type = VARINT
    if fixed:
        wire_type = FIXED32 if struct.calcsize(fixed) == 4 else FIXED64
    start = tag(field.number, wire_type)

    def encode(text: str) -> bytes:
        value = int(text) if _INTEGER.fullmatch(text) else values.stop
        if value not in values:
            raise ValueError(rule_of(field))
        if fixed:
            return start + struct.pack(fixed, value)
        if zigzag:
            value = value << 1 ^ value >> 63
        return start + varint(value & 0xFFFFFFFFFFFFFFFF)

    return encode


def _enum(field: FieldDescriptor, kind: EnumDescriptor) -> Encode:
    numbers = {name: value.number for name, value in kind.values_by_name.items()}
    start = tag(field.number, VARINT)

    def encode(text: str) -> bytes:
        number = numbers.get(text)
        if number is None and _INTEGER.fullmatch(text):
            number = int(text)
        if number is None or not -(2**31) <= number < 2**31:
            raise ValueError(rule_of(field))
        return start + varint(number & 0xFFFFFFFFFFFFFFFF)

    return encode


def _bool(field: FieldDescriptor) -> Encode:
    start = tag(field.number, VARINT)
    values = {"false": start + b"\0", "true": start + b"\1"}

    def encode(text: str) -> bytes:
        if text not in values:
            raise ValueError(rule_of(field))
        return values[text]

    return encode


def _floating(field: FieldDescriptor) -> Encode:
    single = field.type == F.TYPE_FLOAT
    start = tag(field.number, FIXED32 if single else FIXED64)

    def encode(text: str) -> bytes:
        value = _SPECIALS.get(text)
        if value is None:
            if not _NUMBER.fullmatch(text):
                raise ValueError(rule_of(field))
            value = float(text)
            if abs(value) > (_FLOAT32_MAX if single else 1.7976931348623157e308):
                raise ValueError(rule_of(field))
        return start + struct.pack("<f" if single else "<d", value)

    return encode


_SCALARS: dict[int, Callable[[FieldDescriptor], Encode]] = {
    F.TYPE_BOOL: _bool,
    F.TYPE_STRING: lambda field: lambda text: delimited(field.number, text.encode()),
    F.TYPE_BYTES: lambda field: lambda text: delimited(field.number, _from_base64(text)),
    F.TYPE_FLOAT: _floating,
    F.TYPE_DOUBLE: _floating,
}


def _by_codec(field: FieldDescriptor, name: str, codec: Codec) -> Encode:
    """Well-known types, from their JSON; only booleans and small numbers are without quotes."""
    to_wire = codec.from_json(name)
    bare = name in {f"google.protobuf.{kind}Value" for kind in ("Bool", "Int32", "UInt32")}

    def encode(text: str) -> bytes:
        if bare and text == "null":  # In JSON it would mean "not set".
            raise ValueError(rule_of(field))
        try:
            return delimited(field.number, to_wire((text if bare else json.dumps(text)).encode()))
        except CodecError:
            raise ValueError(rule_of(field)) from None

    return encode


def field_mask(text: str) -> bytes:
    """A google.protobuf.FieldMask from paths with commas between them, in JSON or proto names."""
    out = []
    for path in text.split(",") if text else ():
        if not _MASK_PATH.fullmatch(path):
            raise ValueError(_MESSAGE_RULES[FIELD_MASK])
        out.append(delimited(1, _UPPER.sub(lambda found: "_" + found[0].lower(), path).encode()))
    return b"".join(out)


def _from_base64(text: str) -> bytes:
    """Decodes base64 or base64url, padded or not. Raises ValueError with the rule."""
    standard = text.replace("-", "+").replace("_", "/")
    try:
        if _BASE64.fullmatch(standard):
            bare = standard.rstrip("=")
            return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except binascii.Error:
        pass
    raise ValueError("bytes in base64")


def _wrapped(start: bytes, encode: Encode) -> Encode:
    def wrapped(text: str) -> bytes:
        inner = encode(text)
        return start + varint(len(inner)) + inner

    return wrapped
