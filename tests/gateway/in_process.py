"""The gateway without its sockets: its application, called as its server calls it, many times a second."""

import asyncio
import gzip
import json
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import grpc.aio
from google.protobuf import json_format

from howmuch.gateway.application import Application
from howmuch.gateway.descriptors import Descriptors
from howmuch.gateway.options import GatewayOptions
from howmuch.gateway.routes import RouteTable
from tests.gateway import schema
from tests.gateway.messages import described, parsed_json
from tests.gateway.random_requests import Request

HANG_SECONDS = 20.0
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9a-z-]+")
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
ECHOES = "transcode.conformance.v1.Everything"


Call = tuple[str, list[bytes]]


@dataclass
class Answer:
    """What came of a request; calls: method and messages, on the wire, of each call that it made."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    complete: bool = False
    broken: bool = False
    calls: list[Call] = field(default_factory=list)


class Direct:
    """Made and used in one event loop; the upstream, in the same, answers with what it is asked."""

    async def open(self, options: GatewayOptions) -> None:
        self._calls: dict[str, list[Call]] = {}
        self._count = 0
        self._server = grpc.aio.server(handlers=[_Echo(self._calls)])
        port = self._server.add_insecure_port("127.0.0.1:0")
        await self._server.start()
        descriptors = Descriptors(schema.descriptor_set())
        table = RouteTable.from_descriptors(descriptors)
        self._application = Application(descriptors, table, f"127.0.0.1:{port}", options)
        await self._application.open()

    async def close(self) -> None:
        await self._application.close()
        await self._server.stop(None)

    async def ask_all(self, requests: Sequence[Request]) -> list[Answer]:
        """All at once."""
        async with asyncio.timeout(HANG_SECONDS):
            return list(await asyncio.gather(*map(self.ask, requests)))

    async def ask(self, request: Request) -> Answer:
        self._count += 1
        request_id = f"r{self._count}"
        calls = self._calls[request_id] = []
        exchange = _Exchange(request, request_id)
        await self._application(exchange.scope, exchange.receive, exchange.send)
        del self._calls[request_id]
        exchange.answer.calls = calls
        return exchange.answer


class _Exchange:
    """Holds the application to the rules of ASGI and of HTTP, as its server does."""

    def __init__(self, request: Request, request_id: str) -> None:
        self.answer = Answer()
        self.on_gone: Any = None
        headers = [(n.encode(), v.encode("latin-1", "replace")) for n, v in request.headers]
        headers = [(name, value) for name, value in headers if name != b"content-length"]
        headers += [(b"content-length", b"%d" % len(request.body))] if request.body else []
        self.scope = {
            "type": "http",
            "method": request.method,
            "raw_path": request.path.encode(),
            "query_string": request.query.encode(),
            "headers": [*headers, (b"x-request-id", request_id.encode())],
            "client": ("192.0.2.1", 1),
            "extensions": {"gateway.connection": {"self": self}},
        }
        size = max(1, -(-len(request.body) // request.pieces))
        self._parts = [request.body[i : i + size] for i in range(0, len(request.body), size)] or [
            b""
        ]
        self._length = -1

    async def send_whole(self, status: int, headers: Any, body: bytes) -> None:
        sent = b"" if self.scope["method"] == "HEAD" else body
        assert dict(headers).get(b"content-length", b"0") == b"%d" % len(body)
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": sent})

    def abort(self) -> None:
        self.answer.broken = True

    def unframed(self) -> bool:
        return False

    async def receive(self) -> dict[str, Any]:
        if not self._parts:
            await asyncio.sleep(HANG_SECONDS)
            return {"type": "http.disconnect"}
        part = self._parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(self._parts)}

    async def send(self, message: Any) -> None:
        answer = self.answer
        assert not answer.complete, f"more after the end: {message}"
        if message["type"] == "http.response.start":
            assert answer.status == 0, f"a second status: {message}"
            answer.status, answer.headers = message["status"], list(message["headers"])
            for name, value in answer.headers:
                assert _NAME.fullmatch(name), (name, value)
                assert _VALUE.fullmatch(value), (name, value)
            return
        assert answer.status, f"a body before the status: {message}"
        answer.body += message.get("body", b"")
        answer.complete = not message.get("more_body", False)


class _Echo(grpc.GenericRpcHandler):
    def __init__(self, calls: dict[str, list[Call]]) -> None:
        self._calls = calls
        self._methods = {method.path: method for method in schema.methods().values()}

    def service(self, details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[Any, Any]":
        method = self._methods[details.method]
        echoes = {
            each.DESCRIPTOR.full_name for each in (method.request_class, method.response_class)
        }

        async def serve(request: Any, context: Any) -> AsyncIterator[bytes]:
            messages = [m async for m in request] if method.streams_requests else [request]
            request_id = dict(context.invocation_metadata())["x-request-id"]
            self._calls[request_id].append((method.name, messages))
            for message in messages or [b""]:
                yield message if echoes == {ECHOES} else b""

        async def serve_one(request: Any, context: Any) -> bytes:
            return [answer async for answer in serve(request, context)][-1]

        make = {
            (False, False): grpc.unary_unary_rpc_method_handler,
            (False, True): grpc.unary_stream_rpc_method_handler,
            (True, False): grpc.stream_unary_rpc_method_handler,
            (True, True): grpc.stream_stream_rpc_method_handler,
        }[method.streams_requests, method.streams_responses]
        return make(serve if method.streams_responses else serve_one)


def check(request: Request, answer: Answer) -> None:
    """What has to be so, whatever was asked."""
    assert answer.complete, "no complete answer"
    assert not answer.broken, "the connection was broken"
    assert 200 <= answer.status < 500, answer.body[:300]
    headers = dict(answer.headers)
    assert headers[b"x-request-id"]
    if answer.status == 204 or request.method == "HEAD" or answer.status == 304:
        return
    content_type = headers.get(b"content-type", b"").split(b";")[0]
    body = answer.body
    if headers.get(b"content-encoding") == b"gzip":
        return
    if content_type == b"application/json":
        document = parsed_json(body)
        if answer.status >= 400:
            assert set(document) == {"code", "message", "details"}
            assert answer.calls == [], "refused, and called"
    elif content_type == b"application/x-ndjson":
        for line in body.splitlines():
            parsed_json(line)
    if answer.status == 200 and content_type == b"application/json":
        assert len(answer.calls) <= 1


def check_meaning(request: Request, answer: Answer) -> None:
    """To the official parser the service was sent what the body and the path mean, and so was the client."""
    if not answer.calls:
        return
    [(name, messages)] = answer.calls
    method = schema.methods()[name]
    if name in WHOLE_BODIES:
        official = method.request_class()
        text = unpacked(request).removeprefix(b"\xef\xbb\xbf")
        if text:
            json_format.Parse(text, official, descriptor_pool=schema.pool())
        set_from_path(official, WHOLE_BODIES[name], request.path)
        check_same(official, method.request_class.FromString(messages[0]))
    echoes = method.response_class is method.request_class
    if echoes and name.startswith(("Bodies.", "Paths.", "Query.")) and is_json(answer):
        sent = method.request_class.FromString(messages[0])
        # Of an enum with one value JSON has but that one.
        sent.null_value = 0
        check_same(schema.message(method.response_class, parsed_json(answer.body)), sent)


def check_same(left: Any, right: Any) -> None:
    """Equal messages, but for the host in the type of an Any, which the gateway writes as is usual."""
    for message in (left, right):
        if message.any.type_url:
            message.any.type_url = message.any.type_url.rpartition("/")[2]
    if left.SerializeToString(deterministic=True) != right.SerializeToString(deterministic=True):
        assert described(left) == described(right)


# Methods whose body is the whole request, and the field that their path sets.
WHOLE_BODIES = {
    "Bodies.Create": "",
    "Bodies.CreateIn": "id",
    "Bodies.CreateNested": "sub.name",
    "Paths.CancelOp": "name",
    "Paths.BatchOps": "",
    "Paths.MethodPost": "",
}


def set_from_path(message: Any, field: str, path: str) -> None:
    """field: `sub.name`; the last segment of the path is its text, or `ops/` and the last segment."""
    last = path.rsplit("/", 1)[1]
    if field == "name":
        kept = re.split("(%2[Ff])", "ops/" + last.removesuffix(":cancel"))
        message.name = "".join(
            part if part[:2] == "%2" and part[2:] in "fF" else unquote(part) for part in kept
        )
    elif field:
        *outer, name = field.split(".")
        for each in outer:
            message = getattr(message, each)
        setattr(message, name, unquote(last))


def unpacked(request: Request) -> bytes:
    codings = [value for name, value in request.headers if name == "content-encoding"]
    return gzip.decompress(request.body) if codings[-1:] == ["gzip"] else request.body


def is_json(answer: Answer) -> bool:
    headers = dict(answer.headers)
    whole = headers.get(b"content-type") == b"application/json" and b"content-length" in headers
    return whole and answer.body != b"" and b"content-encoding" not in headers


def shown(request: Request) -> str:
    """For the report of a failure."""
    return json.dumps(
        {
            "method": request.method,
            "target": f"{request.path}?{request.query}",
            "headers": request.headers,
            "body": repr(request.body[:2000]),
        }
    )
