"""Framings of a message stream: JSON array, JSON lines, server-sent events, raw bytes."""

from typing import ClassVar


class Framing:
    """Writes messages, already JSON, one after another. heartbeat: whether an empty message is one."""

    media_type: ClassVar[bytes]
    heartbeat: ClassVar[bool] = False

    def start(self, first: bytes | None, event_id: str = "") -> bytes:
        """The beginning and the first message. first: empty for a heartbeat; None means an empty stream."""
        return b"" if first is None else self.next(first, event_id)

    def next(self, message: bytes, event_id: str = "") -> bytes:
        """A message. event_id: empty means none."""
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

    def __init__(self) -> None:
        self._separator = b""

    def start(self, first: bytes | None, event_id: str = "") -> bytes:
        return b"[" + (self.next(first) if first else b"")

    def next(self, message: bytes, event_id: str = "") -> bytes:
        separator, self._separator = self._separator, b",\n"
        return separator + message

    def end(self) -> bytes:
        return b"]"


class NDJSON(Framing):
    """One message in each line, and empty lines; a last line `{"error": ...}` reports a failure."""

    media_type = b"application/x-ndjson"
    heartbeat = True

    def next(self, message: bytes, event_id: str = "") -> bytes:
        return message + b"\n"

    def error(self, status: bytes) -> bytes | None:
        return b'{"error":%s}\n' % status


class SSE(Framing):
    """Server-sent events. JSON has no raw line break, so a message is one `data` line."""

    media_type = b"text/event-stream"
    heartbeat = True

    def start(self, first: bytes | None, event_id: str = "") -> bytes:
        return self.next(first, event_id) if first else b": connected\n\n"

    def next(self, message: bytes, event_id: str = "") -> bytes:
        """An event; a comment for an empty message."""
        if not message:
            return b":\n\n"
        line = b"id: %s\n" % event_id.encode() if event_id else b""
        return b"%sdata: %s\n\n" % (line, message)

    def error(self, status: bytes) -> bytes | None:
        return b"event: error\ndata: %s\n\n" % status


class Raw(Framing):
    """The bytes of google.api.HttpBody, with the media type of the first message."""

    media_type = b"application/octet-stream"

    def next(self, message: bytes, event_id: str = "") -> bytes:
        return message
