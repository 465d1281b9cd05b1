"""The messages of a stream, each as soon as it has come, whichever way they are written."""

import codecs
import json
from collections.abc import Iterator
from typing import Any

ARRAY, NDJSON, SSE = "application/json", "application/x-ndjson", "text/event-stream"


class StreamEndedError(Exception):
    """The stream said that it failed. status: a google.rpc.Status in JSON."""

    def __init__(self, status: Any) -> None:
        super().__init__(status)
        self.status = status


def messages_of(parts: Iterator[bytes], media_type: str) -> Iterator[Any]:
    """The messages in a body that comes in parts. Raises StreamEndedError."""
    return {ARRAY: _in_array, NDJSON: _in_lines, SSE: _in_events}[media_type](parts)


def _in_lines(parts: Iterator[bytes]) -> Iterator[Any]:
    for line in filter(None, _lines(parts)):  # An empty line keeps the connection.
        message = json.loads(line)
        if message.keys() == {"error"}:
            raise StreamEndedError(message["error"])
        yield message


def _in_events(parts: Iterator[bytes]) -> Iterator[Any]:
    failed = False
    for line in _lines(parts):
        if line == b"event: error":
            failed = True
        elif line and not line.startswith((b":", b"id: ")):  # A comment keeps the connection.
            name, _, data = line.partition(b": ")
            assert name == b"data", line
            if failed:
                raise StreamEndedError(json.loads(data))
            yield json.loads(data)


def _lines(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Lines that end with LF: all other breaks are text in JSON."""
    rest = b""
    for part in parts:
        *lines, rest = (rest + part).split(b"\n")
        yield from lines
    assert not rest, rest


def _in_array(parts: Iterator[bytes]) -> Iterator[Any]:
    decoder, rest, separator = json.JSONDecoder(), "", "["
    for text_part in codecs.iterdecode(parts, "utf-8"):
        rest += text_part
        while rest.startswith(separator):
            text = rest.removeprefix(separator).lstrip()
            try:
                message, end = decoder.raw_decode(text)
            except json.JSONDecodeError:
                break  # It has not come whole.
            yield message
            rest, separator = text[end:], ","
    assert rest == "]", rest
