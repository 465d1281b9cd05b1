"""Fewer system calls for an answer."""

import asyncio
from typing import Any


class Coalescing:
    """A transport that sends what is written in one turn of the event loop as one piece.

    Head and body of an answer are written one after the other, and each system call costs more than all
    else that is done for a small answer.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._pending: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Sends at the end of this turn."""
        if not self._pending:
            self._loop.call_soon(self._flush)
        self._pending.append(data)

    def close(self) -> None:
        """Closes once all that was written has been sent."""
        self._flush()
        self._transport.close()

    def write_eof(self) -> None:
        """Sends no more after what was written."""
        self._flush()
        if not self._transport.is_closing():
            self._transport.write_eof()

    def _flush(self) -> None:
        if self._pending:
            data = b"".join(self._pending)
            self._pending.clear()
            if not self._transport.is_closing():
                self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
