"""A connection to the gateway that stays: any bytes out, one reply after the other in."""

import socket
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import h11

from tests.gateway.http_client import RECEIVE_BYTES, WAIT_SECONDS, Headers, Reply, request_bytes

KEPT: Mapping[str, str] = {"connection": "keep-alive"}


class WireClient:
    """receive_buffer: bytes that the system keeps for this client; a small one makes a slow reader."""

    def __init__(self, port: int, *, receive_buffer: int = 0) -> None:
        self.port = port
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(WAIT_SECONDS)
        self.socket.connect(("127.0.0.1", port))
        self.informational: list[int] = []  # statuses below 200 that came before replies
        self._left = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def write(
        self, method: str, target: str, headers: Headers | None = None, body: bytes | None = None
    ) -> None:
        """A request that leaves the connection open, unless its headers say otherwise."""
        self.send(request_bytes(self.port, method, target, {**KEPT, **(headers or {})}, body))

    def ask(
        self, method: str, target: str, headers: Headers | None = None, body: bytes | None = None
    ) -> Reply:
        self.write(method, target, headers, body)
        return self.reply(method)

    def reply(self, method: str = "GET") -> Reply:
        """The next reply. Its status is 0 where the connection ended before it had one."""
        parser = h11.Connection(h11.CLIENT)
        parser.send(h11.Request(method=method, target="/", headers=[("host", "127.0.0.1")]))
        parser.send(h11.EndOfMessage())
        if self._left:
            parser.receive_data(self._left)
            self._left = b""
        head, body, complete = None, b"", False
        while not complete:
            try:
                event = parser.next_event()
                if event is h11.NEED_DATA:
                    parser.receive_data(self.socket.recv(RECEIVE_BYTES))
                    continue
            except (h11.RemoteProtocolError, ConnectionError):
                break
            if isinstance(event, h11.InformationalResponse):
                self.informational.append(event.status_code)
            elif isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                complete = True
            elif isinstance(event, h11.ConnectionClosed):
                break
        self._left = parser.trailing_data[0]
        if head is None:
            return Reply(0, (), b"", complete=False)
        headers = tuple((name.decode(), value.decode("latin-1")) for name, value in head.headers)
        return Reply(head.status_code, headers, body, complete)

    def read_until(self, wanted: bytes, times: int = 1) -> bytes:
        """What comes, as it comes, until this is in it so often or the connection ends."""
        got, self._left = self._left, b""
        while got.count(wanted) < times:
            try:
                piece = self.socket.recv(RECEIVE_BYTES)
            except ConnectionError:
                return got
            if not piece:
                return got
            got += piece
        return got

    def read_all(self) -> bytes:
        """What comes until the connection ends."""
        got, self._left = self._left, b""
        while True:
            try:
                piece = self.socket.recv(RECEIVE_BYTES)
            except ConnectionError:
                return got
            if not piece:
                return got
            got += piece

    def is_open(self, seconds: float) -> bool:
        """Whether nothing comes for so long: no bytes, and no end."""
        self.socket.settimeout(seconds)
        try:
            self.socket.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            return True
        except ConnectionError:
            return False
        else:
            return False
        finally:
            self.socket.settimeout(WAIT_SECONDS)
