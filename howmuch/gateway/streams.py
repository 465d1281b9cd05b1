"""Framings of a message stream: JSON array, JSON lines, server-sent events, raw bytes."""

from typing import ClassVar


class Framing:
    """Writes messages, already JSON, one after another. heartbeat: whether an empty message is a heartbeat.

    Without heartbeats an empty first message means an empty stream.
    """

    media_type: ClassVar[bytes]
    heartbeat: ClassVar[bool] = False

    def start(self, first: bytes) -> bytes:
        """The beginning and the first message."""
        return self.next(first) if first else b""

    def next(self, message: bytes) -> bytes:
        raise NotImplementedError

    def end(self) -> bytes:
        """The end of a complete stream."""
        return b""

    def error(self, status: bytes) -> bytes | None:
        """The item that reports a failure. None means that only a broken connection can report it."""
        return None


class ARRAY(Framing):
    """A JSON array. Only a complete stream gets the closing bracket."""

    media_type = b"application/json"

    def start(self, first: bytes) -> bytes:
        return b"[" + first

    def next(self, message: bytes) -> bytes:
        return b",\n" + message

    def end(self) -> bytes:
        return b"]"


class NDJSON(Framing):
    """One message in each line; a last line `{"error": ...}` reports a failure."""

    media_type = b"application/x-ndjson"

    def next(self, message: bytes) -> bytes:
        return message + b"\n"

    def error(self, status: bytes) -> bytes | None:
        return b'{"error":%s}\n' % status


class SSE(Framing):
    """Server-sent events. JSON has no raw line break, so a message is one `data` line."""

    media_type = b"text/event-stream"
    heartbeat = True

    def start(self, first: bytes) -> bytes:
        return self.next(first)

    def next(self, message: bytes) -> bytes:
        """An event; a comment for an empty message."""
        return b"data: %s\n\n" % message if message else b":\n\n"

    def error(self, status: bytes) -> bytes | None:
        return b"event: error\ndata: %s\n\n" % status


class Raw(Framing):
    """The bytes of google.api.HttpBody, with the media type of the first message."""

    media_type = b"application/octet-stream"

    def next(self, message: bytes) -> bytes:
        return message
