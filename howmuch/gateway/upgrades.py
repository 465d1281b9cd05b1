"""Bodies of requests that ask for another protocol (RFC 9110, 7.8).

The parser ends such a request at its headers, also if they announce a body. The gateway ignores the upgrade,
so a second parser reads the body and the requests behind it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import httptools

_CALLBACKS = (
    "on_message_begin",
    "on_url",
    "on_header",
    "on_headers_complete",
    "on_body",
    "on_message_complete",
)
_FRAMING = (b"content-length", b"transfer-encoding")


def has_body(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Whether a body follows the headers of a request. Their framing has been checked."""
    return any(name in _FRAMING and value.strip(b"0") for name, value in headers)


def parser_of_body(protocol: Any, headers: Sequence[tuple[bytes, bytes]]) -> Any:
    """A parser that calls `protocol` from the body on. headers: of the request."""
    callbacks = _Callbacks(protocol)
    parser = httptools.HttpRequestParser(callbacks)
    framing = [b"%s: %s\r\n" % header for header in headers if header[0] in _FRAMING]
    parser.feed_data(b"POST / HTTP/1.1\r\nhost: gateway\r\n%s\r\n" % b"".join(framing))
    callbacks.begin()
    return parser


class _Callbacks:
    """The callbacks of a protocol, which are not called before `begin`."""

    def __init__(self, protocol: Any) -> None:
        self._begun = False
        for name in _CALLBACKS:
            setattr(self, name, self._from_beginning(getattr(protocol, name)))

    def begin(self) -> None:
        self._begun = True

    def _from_beginning(self, callback: Callable[..., None]) -> Callable[..., None]:
        def call(*arguments: Any) -> None:
            if self._begun:
                callback(*arguments)

        return call
