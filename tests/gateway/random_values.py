"""What random requests are made of: good values, wild ones, and pieces that break things."""

import string
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

F = FieldDescriptor
# What a path or a query can have in it once the HTTP parser has let it through.
IN_TARGETS = "".join(c for c in string.printable if c.isprintable() and c not in ' ?#"')
PLAIN = ["a", "0", "1", "true", "RED", "AA==", "2026-01-01T00:00:00Z", "caf%C3%A9"]
SEGMENTS = [
    *[
        "a",
        "0",
        "-1",
        "x.y",
        "true",
        "RED",
        "1e3",
        "..",
        ".",
        "~",
        "special",
        "fixed",
        "*",
        "**",
        "a:b",
        ":",
        "a:",
        "a:meta",
        "+",
        "&",
        "=",
        ";",
    ],
    *["%2F", "a%2fb", "%00", "%C3%A9", "%FF", "%", "%4", "%zz", "%2B"],
    *["9223372036854775807", "9223372036854775808", "2026-01-01T00:00:00Z"],
    "",
    "a" * 300,
]
WILD: list[Any] = [
    *(None, True, False, 0, -0.0, 1, -1, 1.5, 3.4e39, 1e308),
    *(2**31, 2**63, -(2**63) - 1, 2**64, 10**40),
    *[
        "a",
        "0",
        "-0",
        "1.0",
        "1e2",
        "NaN",
        "Infinity",
        "-Infinity",
        "null",
        "true",
        "RED",
        "AA==",
        "_-8",
        "A",
        "3.5s",
        "1e3s",
    ],
    *["-0.000000001s", "2026-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "a,b_c", "aB,cD.eF"],
    *["0001-01-01T00:00:00+00:01", "9999-12-31T23:59:60Z", "é", "🎉"],
    *("", " 1", "\0", "a" * 200),
    *([], {}, [None], [1, "1"], [[]], {"a": 1}, {"": None}, {"1": "x"}, {"true": 5}),
    *({"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1s"}, {"@type": "x"}),
    *({"@type": "type.googleapis.com/transcode.conformance.v1.Sub", "name": "n"}, {"name": "n"}),
]
TOKENS = [
    *b'null NaN -Infinity 1e400 - 01 "\\ud800" "\\ud83c\\udf89" [[[ } , : " \\ "id":"q", /**/'.split(),
    *(b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xc0\x80", b"\n"),
]
GOOD: dict[int, list[Any]] = {
    F.TYPE_STRING: ["", "a", "é\n", "x/y"],
    F.TYPE_BYTES: ["", "AA==", "_-8"],
    F.TYPE_BOOL: [True, False],
    F.TYPE_ENUM: ["RED", 2, -1, "ULTRAVIOLET", 77],
    F.TYPE_DOUBLE: [0, 1.5, "NaN", -1e300, "1.5"],
    F.TYPE_FLOAT: [0, 1.5, "Infinity", 3e38],
}
WELL_KNOWN: dict[str, list[Any]] = {
    "Timestamp": ["2026-01-01T00:00:00Z", "1970-01-01T00:00:00.000000001+14:00"],
    "Duration": ["0s", "-3.5s", "315576000000s"],
    "FieldMask": ["", "a", "fooBar,baz.quxQuux"],
    "Struct": [{}, {"a": None, "b": [1, {"c": "d"}]}],
    "Value": [None, 1, "x", [1, None], {"a": {"b": 1.5}}],
    "ListValue": [[], [1, "x", None]],
    "Any": [{"@type": "type.googleapis.com/google.protobuf.Int64Value", "value": "5"}],
    "StringValue": ["", "a", None],
    "BytesValue": ["AA=="],
    "BoolValue": [True, None],
    "DoubleValue": [1.5, "NaN"],
}
OF_ANY_HEADER = ("", "é", "a\tb", "x" * 500, "\xff\xfe", ",", '"', ";q=", "\\")
HEADERS: dict[str, tuple[str, ...]] = {
    "content-type": (
        "application/json",
        "application/x-ndjson",
        "text/plain",
        "application/json;charset=x",
    ),
    "content-encoding": ("gzip", "identity", "br"),
    "content-length": (),
    "accept": ("*/*", "application/x-ndjson", "text/event-stream", "application/json;q=0"),
    "accept-encoding": ("gzip", "*;q=0", "gzip;q=0.5, br"),
    "grpc-timeout": ("20S", "5", "1H", "-1S"),
    "x-server-timeout": ("20", "nan", "1e9", "99999999"),
    "connection": ("close", "x-a, X-B", "authorization", "keep-alive,"),
    "if-none-match": ("*", '"a"', 'W/"a", "b"'),
    "origin": ("https://app.example.com", "null"),
    "x-forwarded-for": ("1.2.3.4", "::1, x"),
    "x-raw-bin": ("AA==", "A", "AA,AA"),
    "authorization": ("Bearer x",),
    "grpc-metadata-a": ("1",),
    "x-a": ("1",),
    "te": ("trailers",),
    "access-control-request-method": ("GET",),
    "access-control-request-headers": ("x-a",),
}
