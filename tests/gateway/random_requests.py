"""Requests at random, from what is nearly right to what is nothing: the same ones for the same seed."""

import gzip
import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from howmuch.gateway.descriptors import Descriptors
from howmuch.gateway.routes import ANY_METHOD, Route, RouteTable
from tests.gateway import schema
from tests.gateway.random_values import (
    GOOD,
    HEADERS,
    IN_TARGETS,
    OF_ANY_HEADER,
    PLAIN,
    SEGMENTS,
    TOKENS,
    WELL_KNOWN,
    WILD,
    F,
)

EVERYTHING = schema.methods()["Bodies.Create"].request_class.DESCRIPTOR
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "PURGE", "TRACE")
VARIABLE = re.compile(r"\{([^=}]+)=?([^}]*)\}|\*\*|\*")


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
    return RouteTable.from_descriptors(Descriptors(schema.descriptor_set())).routes


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
        return replace(spoilt, body=gzip.compress(request.body, 1, mtime=0))
    return spoilt
