"""How a stream of messages is written: as a JSON array, as lines, as server-sent events, or as it is."""

from typing import ClassVar


class Framing:
    """Puts messages, each already JSON, one after the other. An empty message is a heartbeat or none at all.

    heartbeat: whether an empty message is worth sending.
    """

    media_type: ClassVar[bytes]
    heartbeat: ClassVar[bool] = False

    def start(self, first: bytes) -> bytes:
        """Before and with the first message; empty where there is none."""
        return self.next(first) if first else b""

    def next(self, message: bytes) -> bytes:
        """A further message."""
        raise NotImplementedError

    def end(self) -> bytes:
        """After the last message of a stream that is complete."""
        return b""

    def error(self, status: bytes) -> bytes | None:
        """What tells of a failure; None where only a broken connection can."""
        return None


class ARRAY(Framing):
    """One JSON array, each message as soon as it is there."""

    media_type = b"application/json"

    def start(self, first: bytes) -> bytes:
        """The bracket that opens."""
        return b"[" + first

    def next(self, message: bytes) -> bytes:
        """A comma and the message."""
        return b",\n" + message

    def end(self) -> bytes:
        """The bracket that closes. An array that failed never gets it."""
        return b"]"


class NDJSON(Framing):
    """One message in each line."""

    media_type = b"application/x-ndjson"

    def next(self, message: bytes) -> bytes:
        """A line."""
        return message + b"\n"

    def error(self, status: bytes) -> bytes | None:
        """A last line that is no message."""
        return b'{"error":%s}\n' % status


class SSE(Framing):
    """Server-sent events: EventSource in browsers. JSON has no raw line break, so a message is one line."""

    media_type = b"text/event-stream"
    heartbeat = True

    def start(self, first: bytes) -> bytes:
        """The first event, or a comment that keeps the connection."""
        return self.next(first)

    def next(self, message: bytes) -> bytes:
        """An event, or a comment."""
        return b"data: %s\n\n" % message if message else b":\n\n"

    def error(self, status: bytes) -> bytes | None:
        """An event of the name error."""
        return b"event: error\ndata: %s\n\n" % status


class Raw(Framing):
    """google.api.HttpBody: the bytes themselves, of the type of the first."""

    media_type = b"application/octet-stream"

    def next(self, message: bytes) -> bytes:
        """The bytes."""
        return message
