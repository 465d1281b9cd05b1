"""A client that writes HTTP/2 frames itself, so that it can leave calls half-sent and answers unread."""

import socket
import struct
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7
END_STREAM, ACK, END_HEADERS = 1, 1, 4
INITIAL_WINDOW_SIZE = 4
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_FRAME_HEADER = 9
_MOST_DATA = 16_384

Metadata = Sequence[tuple[str, str | bytes]]


def message(wire: bytes) -> bytes:
    """A message as gRPC frames it."""
    return struct.pack(">BI", 0, len(wire)) + wire


class RawHttp2:
    """One connection. window: bytes of answers that the server may send on each stream, 0 for none.

    It answers settings and pings, and remembers the streams that the server has ended.
    """

    def __init__(self, target: str, *, window: int = 65_535) -> None:
        host, _, port = target.rpartition(":")
        self._socket = socket.create_connection((host, int(port)), timeout=30)
        self._lock = threading.Lock()
        self._next_stream = 1
        self.ended: set[int] = set()
        """Streams that the server has ended or reset."""
        self.answered: set[int] = set()
        """Streams on which a message came."""
        self._pong = threading.Event()
        self._socket.sendall(_PREFACE)
        self._frame(SETTINGS, 0, 0, struct.pack(">HI", INITIAL_WINDOW_SIZE, window))
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

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
        self._socket.close()

    def begin(self, path: str, metadata: Metadata = ()) -> int:
        """Sends the headers of a call, and returns its stream."""
        fields = [
            (":method", "POST"),
            (":scheme", "http"),
            (":path", path),
            (":authority", "localhost"),
            ("content-type", "application/grpc"),
            ("te", "trailers"),
            *metadata,
        ]
        with self._lock:
            stream, self._next_stream = self._next_stream, self._next_stream + 2
            block = b"".join(_literal(name) + _literal(value, b"") for name, value in fields)
            self._write(HEADERS, END_HEADERS, stream, block)
        return stream

    def send(self, stream: int, data: bytes, *, last: bool = False) -> None:
        """Sends bytes of a call. It keeps no account of the server's window."""
        for at in range(0, len(data) or 1, _MOST_DATA):
            ends = last and at + _MOST_DATA >= len(data)
            self._frame(DATA, END_STREAM if ends else 0, stream, data[at : at + _MOST_DATA])

    def half_sent(self, path: str, metadata: Metadata = ()) -> int:
        """Begins a call, and sends three bytes of a message."""
        stream = self.begin(path, metadata)
        self.send(stream, message(b"x" * 100)[:3])
        return stream

    def wait_until_read(self) -> None:
        """Until the server has read all that was sent before."""
        self._pong.clear()
        self._frame(PING, 0, 0, bytes(8))
        assert self._pong.wait(30)

    def _frame(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        with self._lock:
            self._write(kind, flags, stream, payload)

    def _write(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        length = struct.pack(">I", len(payload))[1:]
        self._socket.sendall(length + struct.pack(">BBI", kind, flags, stream) + payload)

    def _read(self) -> None:
        buffer = b""
        while True:
            while len(buffer) < _FRAME_HEADER or len(buffer) < _FRAME_HEADER + _length(buffer):
                try:
                    data = self._socket.recv(65_536)
                except OSError:
                    return
                if not data:
                    return
                buffer += data
            length = _length(buffer)
            kind, flags, stream = struct.unpack(">BBI", buffer[3:_FRAME_HEADER])
            payload = buffer[_FRAME_HEADER : _FRAME_HEADER + length]
            buffer = buffer[_FRAME_HEADER + length :]
            if kind in (SETTINGS, PING) and not flags & ACK:
                answer = payload if kind == PING else b""
                try:
                    self._frame(kind, ACK, 0, answer)
                except OSError:
                    return
            elif kind == PING:
                self._pong.set()
            elif kind == DATA:
                self.answered.add(stream)
            if kind == RESET or (kind in (DATA, HEADERS) and flags & END_STREAM):
                self.ended.add(stream)


def _length(buffer: bytes) -> int:
    return int.from_bytes(buffer[:3], "big")


def _literal(text: str | bytes, prefix: bytes = b"\x00") -> bytes:
    """A string of HPACK without compression. prefix: marks the name of a new field."""
    raw = text.encode() if isinstance(text, str) else text
    assert len(raw) < 127
    return prefix + bytes([len(raw)]) + raw
