"""Streaming responses: messages in a framing, heartbeats, failures, and the end at a shutdown."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc.aio

from howmuch.gateway.exchange import ClientGone, Exchange
from howmuch.gateway.headers import from_metadata
from howmuch.gateway.options import GatewayOptions
from howmuch.gateway.replies import Reply
from howmuch.gateway.status import Refusal
from howmuch.gateway.stopping import gateway_stops, why_cancelled
from howmuch.gateway.streams import ARRAY, NDJSON, SSE, Framing, Raw

Ended = asyncio.Future[None]

_SAME_MOMENT = 0.05
"""Seconds in which the status of a call that fails at once follows its metadata."""


class StreamAnswers:
    """The streaming responses of one route.

    printed: prints a message. refusal: of a failed call. raw: google.api.HttpBody.
    """

    def __init__(
        self,
        options: GatewayOptions,
        printed: Callable[[bytes], Awaitable[Reply]],
        refusal: Callable[[grpc.aio.AioRpcError, Exchange], Refusal],
        *,
        raw: bool,
    ) -> None:
        self._refusal = refusal
        self._options = options
        self._printed = printed
        self._raw = raw

    async def send(self, exchange: Exchange, call: Any, ended: Ended) -> None:
        """Sends the response. ended: done when it has to end. Raises as the call before its first message."""
        framing = self._framing(exchange)
        # An incomplete document has no error item, and documents end soon.
        exchange.ends_early = not self._raw
        begun: asyncio.Future[Any] = asyncio.ensure_future(call.initial_metadata())
        replies = self._replies(call, framing, begun, ended if exchange.ends_early else None)
        try:
            # A failure before the beginning has its own status.
            first = await anext(replies, None)
            quiet = first is not None and not first.body and not self._raw
            # Before a heartbeat, the service's metadata may not have arrived yet.
            headers = [] if quiet and not begun.done() else from_metadata(await begun)
            content_type = framing.media_type
            if isinstance(framing, Raw) and first is not None:
                content_type = first.content_type
            await exchange.start_stream(content_type, headers)
            if exchange.method == "HEAD":
                await exchange.send_part(b"", last=True)
                return
            beginning = framing.start(first.body, first.event_id) if first else framing.start(None)
            await exchange.send_part(beginning)
            try:
                async for reply in replies:
                    await exchange.send_part(framing.next(reply.body, reply.event_id))
            except (grpc.aio.AioRpcError, Refusal) as error:
                refused = error if isinstance(error, Refusal) else self._refusal(error, exchange)
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
            raise why_cancelled() from None
        finally:
            begun.cancel()

    async def _replies(
        self, call: Any, framing: Framing, begun: asyncio.Future[Any], ended: Ended | None
    ) -> AsyncIterator[Reply]:
        """The responses as they arrive, with empty replies as heartbeats if the framing has them.

        An empty reply comes at once when the call has begun without a message, so that the client knows it.
        A raw stream skips it: its media type is in its first message. Raises Refusal when `ended` is done.
        """
        messages = aiter(call)
        first = asyncio.ensure_future(anext(messages, None))
        waiting: asyncio.Future[bytes | None] | None = first
        beat = self._options.heartbeat_seconds if framing.heartbeat else None
        ends: list[asyncio.Future[Any]] = [] if ended is None else [ended]
        try:
            if not self._raw:
                either: list[asyncio.Future[Any]] = [first, begun, *ends]
                await asyncio.wait(either, timeout=beat, return_when=asyncio.FIRST_COMPLETED)
                # A call that fails at once begins in the same moment.
                await asyncio.wait(
                    [first, *ends], timeout=_SAME_MOMENT, return_when=asyncio.FIRST_COMPLETED
                )
                if not first.done() and not any(each.done() for each in ends):
                    yield Reply(framing.media_type, b"")
            while True:
                waiting = waiting or asyncio.ensure_future(anext(messages, None))
                both: list[asyncio.Future[Any]] = [waiting, *ends]
                done, _ = await asyncio.wait(
                    both, timeout=beat, return_when=asyncio.FIRST_COMPLETED
                )
                if ended in done:
                    raise gateway_stops()
                if not done:
                    yield Reply(framing.media_type, b"")
                    continue
                wire = waiting.result()
                waiting = None
                if wire is None:
                    return
                yield await self._printed(wire)
        finally:
            if waiting is not None:
                waiting.cancel()

    def _framing(self, exchange: Exchange) -> Framing:
        if self._raw:
            return Raw()
        accepts = exchange.headers.accepts
        choices = (each for each in (NDJSON, SSE) if accepts(each.media_type.decode()))
        return next(choices, ARRAY)()
