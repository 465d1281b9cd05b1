"""Calls to the upstream and their HTTP responses, unary and streaming."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import grpc.aio
from google.rpc import code_pb2

from howmuch.gateway.bodies import Shapes
from howmuch.gateway.call_errors import call_refusal
from howmuch.gateway.caller_names import CallerNames, Sent
from howmuch.gateway.codec import Codec, TooDeepError
from howmuch.gateway.concurrency_limit import ConcurrencyLimit
from howmuch.gateway.credentials import Guard
from howmuch.gateway.etags import etag_of
from howmuch.gateway.exchange import ClientGone, Exchange
from howmuch.gateway.headers import from_metadata
from howmuch.gateway.in_process import InProcessCall
from howmuch.gateway.json_element_cache import JsonElementCache
from howmuch.gateway.json_text import MAX_DEPTH
from howmuch.gateway.media_types import check_media_type
from howmuch.gateway.options import GatewayOptions, Preconditions
from howmuch.gateway.preconditions import checks_if_match, has_failed
from howmuch.gateway.replies import Reply, printer
from howmuch.gateway.requests import SMALL_BODY_BYTES, RequestReader
from howmuch.gateway.routes import Route, resolve
from howmuch.gateway.session_cookie import CookieAnswers, Cookies, not_accepted
from howmuch.gateway.status import Headers, Refusal, invalid, refusal
from howmuch.gateway.stopping import why_cancelled
from howmuch.gateway.stream_answers import StreamAnswers
from howmuch.gateway.stream_limits import Streams
from howmuch.gateway.streams import NDJSON
from howmuch.gateway.templates import FieldPath
from howmuch.gateway.threads import LARGE_BYTES, Threads
from howmuch.gateway.upstream import Upstream
from howmuch.gateway.wire import Encode, encoder
from howmuch.runtime.networks import Network

_LAST_EVENT_ID = b"last-event-id"


@dataclass(frozen=True, slots=True)
class Shared:
    """The parts that all endpoints share.

    guard: None means that the service alone checks credentials. names_in_path: of the variables of a route.
    cookies: None means that no cookie counts.
    """

    codec: Codec
    shapes: Shapes
    upstream: Upstream
    options: GatewayOptions
    trusted: list[Network]
    limit: ConcurrencyLimit
    streams: Streams
    threads: Threads
    elements: JsonElementCache | None
    guard: Guard | None
    names_in_path: Callable[[Route], Mapping[FieldPath, str]]
    cookies: Cookies | None


class Endpoint:
    """Serves one route. Everything that does not depend on a request is prepared once."""

    def __init__(self, route: Route, shared: Shared) -> None:
        codec, options = shared.codec, shared.options
        self._codec = codec
        self._options = options
        self._trusted = shared.trusted
        self._limit = shared.limit
        self._streams = shared.streams
        self._threads = shared.threads
        self._reader = RequestReader(route, codec, shared.shapes, options)
        self._print, self._raw = printer(route, codec, shared.elements)
        self._call = shared.upstream.method(route)
        self._takes_stream = route.method.client_streaming
        self._resume = _resumption(route, codec, options)
        cookie = options.session_cookie
        self._cookies = shared.cookies
        self._sets_cookie: CookieAnswers | None = None
        if cookie is not None and route.grpc_path == cookie.set_by:
            self._sets_cookie = CookieAnswers(cookie, route, codec)
        self._ends_cookie = cookie is not None and route.grpc_path in cookie.ended_by
        self._gives_stream = route.method.server_streaming
        self._cacheable = route.http_method == "GET" and not self._gives_stream
        self._guard = shared.guard
        self._needs_credentials = self._guard is not None
        self._most_bytes = options.max_request_bytes
        if self._guard is not None and self._guard.is_public(route.method):
            self._guard = None
            self._needs_credentials = False
            assert options.credentials is not None
            self._most_bytes = min(self._most_bytes, options.credentials.public_bytes)
        self._preconditions: Preconditions | None = None
        if checks_if_match(route, options.preconditions):
            self._preconditions = options.preconditions
        self._route = route
        self._names_in_path = shared.names_in_path
        self._names: CallerNames | None = None
        self._stream_answers = StreamAnswers(options, self._printed, self._refusal, raw=self._raw)

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
        if exchange.cookie_ignored and self._needs_credentials:
            raise not_accepted(exchange.cookie_ignored)
        if self._guard is not None and (self._reader.takes_body or self._gives_stream):
            await self._guard.admit(exchange, metadata)
        request = await self._request(exchange, texts)
        gives_cookie = self._sets_cookie is not None and self._sets_cookie.is_asked(request)
        if gives_cookie and self._sets_cookie is not None:
            self._sets_cookie.check_origin(headers, secure=exchange.secure)
        with self._admit(exchange) as ended:
            # grpc.aio copies a list twice, but not an iterator.
            call = self._call(request, timeout=timeout, metadata=iter(metadata))
            exchange.connection.on_gone = call.cancel
            try:
                if self._gives_stream:
                    await self._stream_answers.send(exchange, call, ended)
                else:
                    await self._answer_one(exchange, call, gives_cookie=gives_cookie)
            except grpc.aio.AioRpcError as error:
                raise exchange.fault or self._refusal(error, exchange) from None
            except ClientGone as gone:
                raise exchange.fault or gone from None
            finally:
                exchange.connection.on_gone = None
                call.cancel()
                if isinstance(call, InProcessCall):
                    exchange.call_log = call.line()

    def _refusal(self, error: grpc.aio.AioRpcError, exchange: Exchange) -> Refusal:
        """The response for a failed call. Fields have the names that the caller gave them."""
        if self._names is None:
            self._names = CallerNames(self._route, self._names_in_path(self._route))
        sent = Sent(exchange.query, exchange.sent_body, self._by_header(exchange))
        refused = self._names.in_refusal(call_refusal(error, self._codec), sent)
        conditions = self._preconditions
        if conditions is not None and has_failed(conditions, exchange.headers.if_match(), refused):
            refused.http_status = 412
        return refused

    def _admit(self, exchange: Exchange) -> AbstractContextManager[Any]:
        """Counts the call. Yields a future for a stream: it is done when the stream has to end."""
        if self._takes_stream or self._gives_stream:
            return self._streams.admit(exchange)
        return self._limit

    async def _request(self, exchange: Exchange, texts: tuple[str, ...]) -> Any:
        """The request message on the wire, or a stream of them. Raises Refusal, ClientGone."""
        reader = self._reader
        query = exchange.query
        if not reader.takes_body:
            message = reader.without_body(texts, query) + self._resumed(exchange)
            return _stream([message]) if self._takes_stream else message
        content_type = exchange.headers.get(b"content-type")
        if reader.raw_body:
            if self._takes_stream:
                return self._upload(exchange, texts, content_type)
            body = await exchange.body(self._most_bytes)
            return reader.with_raw_body(texts, query, content_type, body)
        body = exchange.sent_body = await exchange.body(self._most_bytes)
        media_type = check_media_type(content_type) if body else ""
        large = len(body) > SMALL_BODY_BYTES
        if self._takes_stream:
            lines = media_type == NDJSON.media_type.decode()
            if large:
                read = self._threads.request(reader.stream, texts, query, body, lines=lines)
                return _stream(await read)
            return _stream(reader.stream(texts, query, body, lines=lines))
        if large:
            return await self._threads.request(reader.with_body, texts, query, body)
        return reader.with_body(texts, query, body)

    def _by_header(self, exchange: Exchange) -> Mapping[str, str]:
        """Fields of the request that headers have set, with the names of these."""
        sent = self._resume is not None and exchange.headers.get(_LAST_EVENT_ID)
        return {self._resume.field: _LAST_EVENT_ID.decode()} if self._resume and sent else {}

    def _resumed(self, exchange: Exchange) -> bytes:
        """The field from which a stream of events continues. Empty means that the query decides."""
        last = exchange.headers.get(_LAST_EVENT_ID)
        if self._resume is None or not last:
            return b""
        try:
            return self._resume.encode(last)
        except ValueError as error:
            said = f"Header last-event-id: expected {error}, not {last[:60]!r}."
            raise invalid("last-event-id", "HEADER_INVALID", said) from None

    def _upload(
        self, exchange: Exchange, texts: tuple[str, ...], content_type: str
    ) -> AsyncIterator[bytes]:
        """A message for each part of the body; the first also has the fields of path and query."""
        target = self._reader.right_target(texts, exchange.query)

        async def messages() -> AsyncIterator[bytes]:
            first = target.query + target.path
            content = content_type
            try:
                async for part in exchange.parts(self._most_bytes):
                    yield first + self._reader.raw_part(content, part)
                    first, content = b"", ""
                if first or content:
                    yield first + self._reader.raw_part(content, b"")
            except (Refusal, ClientGone) as error:
                exchange.fault = error
                if exchange.connection.on_gone is not None:
                    exchange.connection.on_gone()

        return messages()

    async def _answer_one(self, exchange: Exchange, call: Any, *, gives_cookie: bool) -> None:
        headers: Headers = []
        try:
            wire = await call
            if gives_cookie and self._sets_cookie is not None:
                reply, set_cookies = self._sets_cookie.answer(
                    wire, time.time(), secure=exchange.secure
                )
                headers += set_cookies
            else:
                reply = await self._printed(wire)
        except asyncio.CancelledError:
            raise why_cancelled() from None
        if self._ends_cookie and exchange.by_cookie and self._cookies is not None:
            headers += self._cookies.clearing(secure=exchange.secure)
        headers += from_metadata(await call.initial_metadata())
        headers += from_metadata(await call.trailing_metadata())
        names = dict(headers)
        etag = names.get(b"etag", b"")
        if not etag and (self._cacheable or reply.etag):
            etag = etag_of(reply.etag, wire, cacheable=self._cacheable)
            headers.append((b"etag", etag))
        if b"cache-control" not in names:
            control = b"private, no-cache" if self._cacheable else b"no-store"
            headers.append((b"cache-control", control))
        if self._cacheable and exchange.headers.matches_etag(etag):
            await exchange.answer(304, b"", headers)
            return
        await exchange.answer(200, reply.body, headers, content_type=reply.content_type)

    async def _printed(self, wire: bytes) -> Reply:
        try:
            if len(wire) > LARGE_BYTES:
                return await self._threads.answer(self._print, wire)
            reply = self._print(wire)
            if self._resume is None:
                return reply
            return replace(reply, event_id=self._resume.event_id(wire))
        except TooDeepError:
            said = f"The response of the service nests deeper than {MAX_DEPTH} levels."
            raise refusal(code_pb2.INTERNAL, "ANSWER_TOO_DEEP", said, http_status=502) from None
        except ValueError:
            raise refusal(
                code_pb2.INTERNAL,
                "ANSWER_NOT_PRINTABLE",
                "The response of the service cannot be converted to JSON.",
            ) from None


class _Resumption(NamedTuple):
    """Last-Event-ID of a stream. encode: writes it to `field` of the request. event_id: of a message."""

    field: str
    encode: Encode
    event_id: Callable[[bytes], str]


def _resumption(route: Route, codec: Codec, options: GatewayOptions) -> _Resumption | None:
    for each in options.resumable:
        if each.method == route.grpc_path:
            field = resolve(route.method.input_type, [each.request_field])
            event_id = codec.scalar(route.method.output_type.full_name, each.item_field)
            return _Resumption(each.request_field, encoder(field, codec), event_id)
    return None


async def _stream(messages: list[bytes]) -> AsyncIterator[bytes]:
    for message in messages:
        yield message
