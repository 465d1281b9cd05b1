"""Calls to the upstream and their HTTP responses, unary and streaming."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc.aio
from google.rpc import code_pb2

from howmuch.gateway.bodies import Shapes
from howmuch.gateway.call_errors import call_refusal
from howmuch.gateway.codec import Codec
from howmuch.gateway.concurrency_limit import ConcurrencyLimit
from howmuch.gateway.exchange import ClientGone, Exchange
from howmuch.gateway.headers import from_metadata
from howmuch.gateway.in_process import InProcessCall
from howmuch.gateway.json_element_cache import JsonElementCache
from howmuch.gateway.options import GatewayOptions
from howmuch.gateway.replies import JSON_TYPE, Reply, etag_of, printer
from howmuch.gateway.requests import RequestReader
from howmuch.gateway.routes import Route
from howmuch.gateway.status import Refusal, refusal
from howmuch.gateway.streams import ARRAY, NDJSON, SSE, Framing, Raw
from howmuch.gateway.upstream import Upstream
from howmuch.runtime.networks import Network

_JSON_TYPES = (JSON_TYPE.decode(), NDJSON.media_type.decode())


class Endpoint:
    """Serves one route. Everything that does not depend on a request is prepared once."""

    def __init__(
        self,
        route: Route,
        codec: Codec,
        shapes: Shapes,
        upstream: Upstream,
        options: GatewayOptions,
        trusted: list[Network],
        limit: ConcurrencyLimit,
        elements: JsonElementCache | None,
    ) -> None:
        self._codec = codec
        self._options = options
        self._trusted = trusted
        self._limit = limit
        self._reader = RequestReader(route, codec, shapes, options)
        self._print, self._raw = printer(route, codec, elements)
        self._call = upstream.method(route)
        self._takes_stream = route.method.client_streaming
        self._gives_stream = route.method.server_streaming
        self._cacheable = route.http_method == "GET" and not self._gives_stream

    async def serve(self, exchange: Exchange, texts: tuple[str, ...]) -> None:
        """Answers an exchange. texts: raw texts of the path variables.

        Raises Refusal before the response has begun, and ClientGone.
        """
        options = self._options
        headers = exchange.headers
        exchange.html_errors = self._raw
        longest = options.max_stream_seconds if self._gives_stream else options.max_deadline_seconds
        default = longest if self._gives_stream else options.default_deadline_seconds
        timeout = headers.timeout_seconds(default, longest)
        metadata = headers.metadata(
            exchange.request_id, exchange.client, self._trusted, exchange.traceparent
        )
        request = await self._request(exchange, texts)
        with self._limit:
            # grpc.aio copies a list twice, but not an iterator.
            call = self._call(request, timeout=timeout, metadata=iter(metadata))
            exchange.connection.on_gone = call.cancel
            try:
                if self._gives_stream:
                    await self._answer_stream(exchange, call)
                else:
                    await self._answer_one(exchange, call)
            except grpc.aio.AioRpcError as error:
                raise exchange.fault or call_refusal(error, self._codec) from None
            except ClientGone as gone:
                raise exchange.fault or gone from None
            finally:
                exchange.connection.on_gone = None
                call.cancel()
                if isinstance(call, InProcessCall):
                    exchange.call_log = call.line()

    async def _request(self, exchange: Exchange, texts: tuple[str, ...]) -> Any:
        """The request message on the wire, or a stream of them. Raises Refusal, ClientGone."""
        reader = self._reader
        query = exchange.query
        if not reader.takes_body:
            message = reader.without_body(texts, query)
            return _stream([message]) if self._takes_stream else message
        content_type = exchange.headers.get(b"content-type")
        if reader.raw_body:
            if self._takes_stream:
                return self._upload(exchange, texts, content_type)
            return reader.with_raw_body(texts, query, content_type, await exchange.body())
        body = await exchange.body()
        media_type = _check_media_type(content_type) if body else ""
        if self._takes_stream:
            lines = media_type == NDJSON.media_type.decode()
            return _stream(reader.stream(texts, query, body, lines=lines))
        return reader.with_body(texts, query, body)

    def _upload(
        self, exchange: Exchange, texts: tuple[str, ...], content_type: str
    ) -> AsyncIterator[bytes]:
        """A message for each part of the body; the first also has the fields of path and query."""
        target = self._reader.target(texts, exchange.query)

        async def messages() -> AsyncIterator[bytes]:
            first = target.query + target.path
            content = content_type
            try:
                async for part in exchange.parts():
                    yield first + self._reader.raw_part(content, part)
                    first, content = b"", ""
                if first or content:
                    yield first + self._reader.raw_part(content, b"")
            except (Refusal, ClientGone) as error:
                exchange.fault = error
                if exchange.connection.on_gone is not None:
                    exchange.connection.on_gone()

        return messages()

    async def _answer_one(self, exchange: Exchange, call: Any) -> None:
        try:
            wire = await call
        except asyncio.CancelledError:
            raise _why_cancelled() from None
        headers = from_metadata(await call.initial_metadata())
        headers += from_metadata(await call.trailing_metadata())
        reply = self._printed(wire)
        names = dict(headers)
        etag = names.get(b"etag", b"")
        if not etag and (self._cacheable or reply.etag):
            etag = etag_of(reply, wire)
            headers.append((b"etag", etag))
        if b"cache-control" not in names:
            control = b"private, no-cache" if self._cacheable else b"no-store"
            headers.append((b"cache-control", control))
        if self._cacheable and exchange.headers.matches_etag(etag):
            await exchange.answer(304, b"", headers)
            return
        await exchange.answer(200, reply.body, headers, content_type=reply.content_type)

    async def _answer_stream(self, exchange: Exchange, call: Any) -> None:
        framing = self._framing(exchange)
        replies = self._replies(call, framing)
        try:
            # Wait for the first message, since a failure before it has its own status.
            first = await anext(replies, None)
            # Before a heartbeat, the service's metadata has not arrived yet.
            quiet = first is not None and not first.body and framing.heartbeat
            headers = [] if quiet else from_metadata(await call.initial_metadata())
            content_type = framing.media_type
            if isinstance(framing, Raw) and first is not None:
                content_type = first.content_type
            await exchange.start_stream(content_type, headers)
            if exchange.method == "HEAD":
                await exchange.send_part(b"", last=True)
                return
            await exchange.send_part(framing.start(first.body if first else b""))
            try:
                async for reply in replies:
                    await exchange.send_part(framing.next(reply.body))
            except (grpc.aio.AioRpcError, Refusal) as error:
                refused = error if isinstance(error, Refusal) else call_refusal(error, self._codec)
                item = framing.error(refused.to_json())
                if item is None:  # Then the response must not look complete.
                    exchange.connection.abort()
                else:
                    await exchange.send_part(item, last=True)
            else:
                await exchange.send_part(framing.end(), last=True)
        except asyncio.CancelledError:
            if exchange.started:
                exchange.connection.abort()
                raise ClientGone from None
            raise _why_cancelled() from None

    async def _replies(self, call: Any, framing: Framing) -> AsyncIterator[Reply]:
        """The responses as they arrive, with empty replies as heartbeats if the framing has them."""
        messages = aiter(call)
        waiting: asyncio.Future[bytes | None] | None = None
        beat = self._options.heartbeat_seconds if framing.heartbeat else None
        try:
            while True:
                waiting = waiting or asyncio.ensure_future(anext(messages, None))
                done, _ = await asyncio.wait([waiting], timeout=beat)
                if not done:
                    yield Reply(framing.media_type, b"")
                    continue
                wire = waiting.result()
                waiting = None
                if wire is None:
                    return
                yield self._printed(wire)
        finally:
            if waiting is not None:
                waiting.cancel()

    def _framing(self, exchange: Exchange) -> Framing:
        if self._raw:
            return Raw()
        accepts = exchange.headers.accepts
        choices = (each for each in (NDJSON, SSE) if accepts(each.media_type.decode()))
        return next(choices, ARRAY)()

    def _printed(self, wire: bytes) -> Reply:
        try:
            return self._print(wire)
        except ValueError:
            raise refusal(
                code_pb2.INTERNAL,
                "ANSWER_NOT_PRINTABLE",
                "The response of the service cannot be converted to JSON.",
            ) from None


def _why_cancelled() -> ClientGone | Refusal:
    """The client disconnected, or the task was cancelled at the end of the shutdown's grace period."""
    task = asyncio.current_task()
    if task is None or not task.cancelling():
        return ClientGone()
    return refusal(
        code_pb2.UNAVAILABLE,
        "GATEWAY_STOPS",
        "The gateway is shutting down and cannot wait for the service any longer. Try again.",
    )


async def _stream(messages: list[bytes]) -> AsyncIterator[bytes]:
    for message in messages:
        yield message


def _check_media_type(content_type: str) -> str:
    """The media type of a JSON body, without parameters. Raises Refusal 415."""
    media_type, _, parameters = content_type.lower().partition(";")
    media_type = media_type.strip()
    charset = parameters.partition("charset=")[2].split(";")[0].strip(' "')
    known = not media_type or media_type in _JSON_TYPES or media_type.endswith("+json")
    if known and charset in ("", "utf-8", "utf8", "us-ascii"):
        return media_type
    raise refusal(
        code_pb2.INVALID_ARGUMENT,
        "CONTENT_TYPE_UNKNOWN",
        f"The Content-Type is {content_type[:60]!r}; only application/json in UTF-8 is accepted.",
        http_status=415,
        headers=[(b"accept", JSON_TYPE)],
    )
