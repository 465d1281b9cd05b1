"""Calls to a service in the same process, past gRPC's channel and server: `howmuch run` has both ends in it.

To the gateway such a call looks like one of grpc.aio's.
"""

import asyncio
from collections.abc import Callable, Generator, Iterable
from typing import Any

import grpc
import grpc.aio
import structlog
from google.rpc import code_pb2

from howmuch.runtime.in_process import Answer, Begin, Metadata

log = structlog.get_logger()

_CODES: dict[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}


def direct_method(begin: Begin, max_response_bytes: int) -> Callable[..., "DirectCall"]:
    """What makes a call, as a multicallable of a channel does."""

    def call(
        request: bytes, *, timeout: float, metadata: Iterable[tuple[str, str | bytes]]
    ) -> DirectCall:
        return DirectCall(begin, request, tuple(metadata), timeout, max_response_bytes)

    return call


class DirectCall:
    """One call: what the gateway uses of grpc.aio.UnaryUnaryCall. Made in the loop that waits for it."""

    def __init__(
        self,
        begin: Begin,
        request: bytes,
        metadata: Metadata,
        timeout: float,
        max_response_bytes: int,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[Answer] = self._loop.create_future()
        self._most = max_response_bytes
        self._timer = self._loop.call_later(timeout, self._expire)
        self._leave = begin(request, metadata, timeout, self._tell)

    def __await__(self) -> Generator[Any, None, bytes]:
        """The response. Raises AioRpcError, and CancelledError after `cancel`."""
        answer = yield from self._answer.__await__()
        if answer.code == code_pb2.OK and len(answer.wire) > self._most:
            too_large = f"CLIENT: Received message larger than max ({len(answer.wire)})"
            answer = Answer(code=code_pb2.RESOURCE_EXHAUSTED, message=too_large)
        if answer.code == code_pb2.OK:
            return answer.wire
        raise grpc.aio.AioRpcError(
            _CODES[answer.code],
            grpc.aio.Metadata(*answer.initial_metadata),
            grpc.aio.Metadata(*answer.trailing_metadata),
            answer.message,
        )

    async def initial_metadata(self) -> Metadata:
        """What would have come before the response."""
        return self._answer.result().initial_metadata

    async def trailing_metadata(self) -> Metadata:
        """What came with the response."""
        return self._answer.result().trailing_metadata

    def line(self) -> dict[str, object]:
        """What the line about the request says of the call; nothing where it has not come to an end."""
        ended = self._answer.done() and not self._answer.cancelled()
        line = self._answer.result().line if ended else None
        if not line:
            return {}
        return {
            "rpc": line["method"],
            "code": line["code"],
            "rpc_duration_ms": line["duration_ms"],
            "user_id": line["user_id"],
        }

    def cancel(self) -> None:
        """Nobody waits for the answer any more. Does nothing once it is there."""
        if not self._answer.done():
            self._answer.cancel()
            self._leave()
        self._timer.cancel()

    def _tell(self, answer: Answer) -> None:
        try:
            self._loop.call_soon_threadsafe(self._set, answer)
        except RuntimeError:
            # The loop is closed when its gateway has stopped without waiting any longer.
            _log(answer)

    def _set(self, answer: Answer) -> None:
        if self._answer.done():
            _log(answer)
        else:
            self._answer.set_result(answer)

    def _expire(self) -> None:
        if not self._answer.done():
            self._leave()
            self._set(Answer(code=code_pb2.DEADLINE_EXCEEDED, message="Deadline Exceeded"))


def _log(answer: Answer) -> None:
    """The line about a call for which nobody waits any more: that of its request was written without it."""
    if answer.line:
        log.info("rpc", **answer.line)
