"""The gateway's side of calls to a service in the same process: they look like calls of grpc.aio.

Without it the gateway calls the service through a gRPC channel. docs/speed.md has its savings.
"""

import asyncio
from collections.abc import Callable, Generator, Iterable
from typing import Any

import grpc
import grpc.aio
import structlog
from google.rpc import code_pb2

from howmuch.runtime.in_process import CallResult, Metadata, StartCall

log = structlog.get_logger()

_CODES: dict[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}


def in_process_method(start: StartCall, max_response_bytes: int) -> Callable[..., "InProcessCall"]:
    """A function that makes calls, like a multicallable of a channel."""

    def call(
        request: bytes, *, timeout: float, metadata: Iterable[tuple[str, str | bytes]]
    ) -> InProcessCall:
        return InProcessCall(start, request, tuple(metadata), timeout, max_response_bytes)

    return call


class InProcessCall:
    """One call, with the part of grpc.aio.UnaryUnaryCall that the gateway uses. Made in the event loop."""

    def __init__(
        self,
        start: StartCall,
        request: bytes,
        metadata: Metadata,
        timeout: float,
        max_response_bytes: int,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._result: asyncio.Future[CallResult] = self._loop.create_future()
        self._most = max_response_bytes
        self._timer = self._loop.call_later(timeout, self._expire)
        self._leave = start(request, metadata, timeout, self._tell)

    def __await__(self) -> Generator[Any, None, bytes]:
        """The response. Raises AioRpcError, and CancelledError after `cancel`."""
        result = yield from self._result.__await__()
        if result.code == code_pb2.OK and len(result.wire) > self._most:
            too_large = f"CLIENT: Received message larger than max ({len(result.wire)})"
            result = CallResult(code=code_pb2.RESOURCE_EXHAUSTED, message=too_large)
        if result.code == code_pb2.OK:
            return result.wire
        raise grpc.aio.AioRpcError(
            _CODES[result.code],
            grpc.aio.Metadata(*result.initial_metadata),
            grpc.aio.Metadata(*result.trailing_metadata),
            result.message,
        )

    async def initial_metadata(self) -> Metadata:
        """Sent before the response."""
        return self._result.result().initial_metadata

    async def trailing_metadata(self) -> Metadata:
        """Sent after the response."""
        return self._result.result().trailing_metadata

    def line(self) -> dict[str, object]:
        """The call's part of the log line about the request. Empty means that the call has not ended."""
        ended = self._result.done() and not self._result.cancelled()
        line = self._result.result().line if ended else None
        if not line:
            return {}
        return {
            "rpc": line["method"],
            "code": line["code"],
            "rpc_duration_ms": line["duration_ms"],
            "user_id": line["user_id"],
        }

    def cancel(self) -> None:
        """Cancels the call, unless it has ended."""
        if not self._result.done():
            self._result.cancel()
            self._leave()
        self._timer.cancel()

    def _tell(self, result: CallResult) -> None:
        try:
            self._loop.call_soon_threadsafe(self._set, result)
        except RuntimeError:
            # The gateway has stopped without waiting for the call, and its event loop is closed.
            _log(result)

    def _set(self, result: CallResult) -> None:
        if self._result.done():
            _log(result)
        else:
            self._result.set_result(result)

    def _expire(self) -> None:
        if not self._result.done():
            self._leave()
            self._set(CallResult(code=code_pb2.DEADLINE_EXCEEDED, message="Deadline Exceeded"))


def _log(result: CallResult) -> None:
    """Logs a call that outlived its request, whose line was written without it."""
    if result.line:
        log.info("rpc", **result.line)
