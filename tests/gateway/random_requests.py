"""Requests at random, from what is nearly right to what is nothing: the same ones for the same seed."""

import gzip
import json
import random
import re
import string
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from howmuch.gateway.routes import ANY_METHOD, Route, RouteTable
from tests.gateway import schema

F = FieldDescriptor
EVERYTHING = schema.methods()["Bodies.Create"].request_class.DESCRIPTOR
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "PURGE", "TRACE")
VARIABLE = re.compile(r"\{([^=}]+)=?([^}]*)\}|\*\*|\*")
# What a path or a query can have in it once the HTTP parser has let it through.
IN_TARGETS = "".join(c for c in string.printable if c.isprintable() and c not in ' ?#"')
PLAIN = ["a", "0", "1", "true", "RED", "AA==", "2026-01-01T00:00:00Z", "caf%C3%A9"]
SEGMENTS = [
    *(
        "a",
        "0",
        "-1",
        "x.y",
        "true",
        "RED",
        "1e3",
        "..",
        ".",
        "",
        "~",
        "special",
        "fixed",
        "*",
        "**",
    ),
    *(
        "a:b",
        ":",
        "a:",
        "a:meta",
        "%2F",
        "a%2fb",
        "%00",
        "%C3%A9",
        "%FF",
        "%",
        "%4",
        "%zz",
        "+",
        "%2B",
    ),
    *(
        "9223372036854775807",
        "9223372036854775808",
        "2026-01-01T00:00:00Z",
        "a" * 300,
        "&",
        "=",
        ";",
    ),
]
WILD: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        -0.0,
        1,
        -1,
        1.5,
        2**31,
        2**63,
        -(2**63) - 1,
        2**64,
        1e308,
        10**40,
        3.4e39,
    ),
    *(
        "",
        "a",
        "0",
        "-0",
        "1.0",
        "1e2",
        " 1",
        "NaN",
        "Infinity",
        "-Infinity",
        "null",
        "true",
        "RED",
    ),
    *(
        "AA==",
        "_-8",
        "A",
        "3.5s",
        "-0.000000001s",
        "1e3s",
        "2026-01-01T00:00:00Z",
        "a,b_c",
        "aB,cD.eF",
    ),
    *(
        "2026-02-30T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:60Z",
        "é",
        "\0",
        "\U0001f389",
    ),
    *([], {}, [None], [1, "1"], [[]], {"a": 1}, {"": None}, {"1": "x"}, {"true": 5}, "a" * 200),
    *({"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1s"}, {"@type": "x"}),
    *({"@type": "type.googleapis.com/transcode.conformance.v1.Sub", "name": "n"}, {"name": "n"}),
]
TOKENS = [
    *(
        b"null",
        b"NaN",
        b"-Infinity",
        b"1e400",
        b"-",
        b"01",
        b'"\\ud800"',
        b'"\\ud83c\\udf89"',
        b"[[[",
        b"}",
    ),
    *(
        b",",
        b":",
        b'"',
        b"\\",
        b"\x00",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xc0\x80",
        b'"id":"q",',
        b"/**/",
        b"\n",
    ),
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


@dataclass(frozen=True)
class Request:
    """As the HTTP parser hands it on. route: what it began as."""

    route: Route
    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    pieces: int = 1


def all_routes() -> tuple[Route, ...]:
    return RouteTable.from_descriptor_set(schema.descriptor_set()).routes


def random_request(rng: random.Random, routes: Sequence[Route], spoils: float = 0.12) -> Request:
    """Of a route, with what it takes. spoils: how likely each of its parts is spoilt."""
    route = rng.choice(routes)
    method = rng.choice(METHODS) if route.http_method == ANY_METHOD else route.http_method
    body = json_body(rng, route) if route.body else b""
    if route.method.client_streaming and rng.random() < 0.9:
        body = b"[" + b",".join([body] * rng.randrange(3)) + b"]"
    query = "" if route.body == "*" and rng.random() < 0.8 else random_query(rng)
    request = Request(route, method, random_path(rng, route.template.text), query, (), body)
    for spoil in (spoil_path, spoil_query, spoil_body, spoil_body, spoil_headers):
        if rng.random() < spoils:
            request = spoil(rng, request)
    return request


def random_path(rng: random.Random, template: str) -> str:
    def fill(found: re.Match[str]) -> str:
        if found[2]:
            return VARIABLE.sub(fill, found[2])
        several = found[0] == "**"
        count = rng.randrange(4) if several else 1
        return "/".join(rng.choice(SEGMENTS if rng.random() < 0.3 else PLAIN) for _ in range(count))

    return VARIABLE.sub(fill, template)


def random_query(rng: random.Random) -> str:
    pairs = []
    for _ in range(rng.choice((0, 0, 1, 1, 2, 5))):
        name, value = random_parameter(rng)
        value = value.encode("utf-8", "replace").decode("latin-1") if rng.random() < 0.8 else value
        plain = IN_TARGETS.replace("&", "").replace("%", "").replace("+", "")
        quoted = "".join(c if c in plain else f"%{ord(c) % 256:02X}" for c in value)
        pairs.append(f"{name}={quoted}" if rng.random() < 0.95 else name)
    return "&".join(pairs)


def random_parameter(rng: random.Random) -> tuple[str, str]:
    field = rng.choice(EVERYTHING.fields)
    name = rng.choice((field.name, field.json_name))
    inner = field.message_type
    if inner is not None and inner.name == "Sub":
        field = rng.choice(inner.fields)
        name += "." + field.json_name
    value = single_json(rng, field, 9) if rng.random() < 0.8 else rng.choice((*WILD, *SEGMENTS))
    text = value if isinstance(value, str) else json.dumps(value)
    if rng.random() < 0.05:
        name = rng.choice(("nope", "sub.child.child.name", "a.b", "", "sub.", "duration.nanos"))
    return name, text


def json_body(rng: random.Random, route: Route) -> bytes:
    message = route.method.input_type
    if route.body == "*":
        value = json_of(rng, message, 0)
    else:
        value = field_json(rng, message.fields_by_name[route.body], 0)
    text = json.dumps(
        value,
        ensure_ascii=rng.random() < 0.5,
        separators=(",", ":") if rng.random() < 0.7 else (" ,\n", "\t: "),
    )
    return text.encode("utf-8", "replace")


def json_of(rng: random.Random, message: Descriptor, depth: int) -> Any:
    """A value for a message: mostly a good one."""
    kind = message.full_name.rpartition(".")[2]
    if message.full_name.startswith("google.protobuf."):
        return rng.choice(WELL_KNOWN.get(kind, [0, "1", -1 if kind.startswith("I") else 7]))
    value = {}
    for _ in range(rng.choice((0, 1, 1, 2, 3, 8)) if depth < 5 else 0):
        field = rng.choice(message.fields)
        name = field.json_name if rng.random() < 0.9 else field.name
        value[name] = rng.choice(WILD) if rng.random() < 0.04 else field_json(rng, field, depth)
    return value


def field_json(rng: random.Random, field: FieldDescriptor, depth: int) -> Any:
    inner = field.message_type
    if inner is not None and inner.GetOptions().map_entry:
        keys = {F.TYPE_BOOL: ("true", "false"), F.TYPE_INT32: ("1", "-7")}
        names = keys.get(inner.fields_by_name["key"].type, ("a", "é", ""))
        value = inner.fields_by_name["value"]
        return {rng.choice(names): single_json(rng, value, depth) for _ in range(rng.randrange(3))}
    if field.is_repeated:
        return [single_json(rng, field, depth) for _ in range(rng.randrange(4))]
    return single_json(rng, field, depth)


def single_json(rng: random.Random, field: FieldDescriptor, depth: int) -> Any:
    if field.message_type is not None:
        return json_of(rng, field.message_type, depth + 1)
    return rng.choice(GOOD.get(field.type, [0, 1, "1", 2**31 - 1, 1.0, "1e2"]))


def spoil_path(rng: random.Random, request: Request) -> Request:
    path = request.path
    at = rng.randrange(len(path) + 1)
    path = rng.choice(
        (
            path[:at] + rng.choice(IN_TARGETS) + path[at:],
            path[:at] + path[at + 1 :],
            path[:at] + path[at // 2 :],
            path + rng.choice(("/", ":", ":cancel", ":meta", "/..", "//", "%2f")),
            path.upper(),
            "/" + path,
        )
    )
    return replace(request, path=path if path.startswith("/") else "/" + path)


def spoil_query(rng: random.Random, request: Request) -> Request:
    query = "&".join([request.query, random_query(rng)]).strip("&")
    at = rng.randrange(len(query) + 1)
    return replace(request, query=query[:at] + rng.choice(IN_TARGETS) + query[at:])


def spoil_body(rng: random.Random, request: Request) -> Request:
    body = request.body
    at, to = sorted(rng.randrange(len(body) + 1) for _ in range(2))
    body = rng.choice(
        (
            body[:at] + rng.choice(TOKENS) + body[at:],
            body[:at] + body[to:],
            body[:to] + body[at:],
            body[:at] + bytes([rng.randrange(256)]) + body[at + 1 :],
            body + body,
            b"",
            rng.randbytes(rng.randrange(50)),
            b"[" * rng.choice((3, 99, 100, rng.randrange(900, 1000), 5000)) + body,
        )
    )
    return replace(request, body=body)


def spoil_headers(rng: random.Random, request: Request) -> Request:
    """Never a deadline that a call could miss: that would be a failure in its own right."""
    headers = list(request.headers)
    for _ in range(rng.randrange(1, 5)):
        name = rng.choice(list(HEADERS))
        headers.append((name, rng.choice((*HEADERS[name], *OF_ANY_HEADER))))
    spoilt = replace(
        request,
        headers=tuple(headers),
        pieces=rng.randrange(1, 4),
        method=request.method if rng.random() < 0.9 else rng.choice(METHODS),
    )
    if ("content-encoding", "gzip") in headers and rng.random() < 0.8:
        return replace(spoilt, body=gzip.compress(request.body, 1))
    return spoilt


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
