"""Cross-origin requests, for an allow-list of origins."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from howmuch.gateway.headers import RequestHeaders
from howmuch.gateway.status import Headers

if TYPE_CHECKING:
    from howmuch.gateway.exchange import Exchange

_EXPOSED = b"etag, location, retry-after, www-authenticate, x-request-id"
_MAX_AGE = b"7200"


class Cors:
    """origins: such as https://app.example.com; `*`: all of them, without cookies."""

    def __init__(self, origins: Sequence[str]) -> None:
        self._any = "*" in origins
        self._origins = frozenset(origins)

    def add_headers(self, request: RequestHeaders, headers: Headers) -> None:
        """Adds to an answer, an error too, what lets the page of an allowed origin read it."""
        if not self._origins:
            return
        headers.append((b"vary", b"Origin"))
        origin = request.get(b"origin")
        if not origin or not (self._any or origin in self._origins):
            return
        headers.append((b"access-control-allow-origin", b"*" if self._any else origin.encode()))
        headers.append((b"access-control-expose-headers", _EXPOSED))

    def is_preflight(self, exchange: "Exchange") -> bool:
        """Whether a browser asks if a page of another origin may send a request."""
        return (
            exchange.method == "OPTIONS"
            and bool(self._origins)
            and bool(exchange.headers.get(b"access-control-request-method"))
        )

    def preflight(self, request: RequestHeaders, methods: Sequence[str]) -> Headers:
        """What the answer to a preflight has besides."""
        wanted = request.get(b"access-control-request-method")
        origin = request.get(b"origin")
        if not wanted or not (self._any or origin in self._origins):
            return []
        headers = [
            (b"access-control-allow-methods", ", ".join(methods).encode()),
            (b"access-control-max-age", _MAX_AGE),
        ]
        asked = request.get(b"access-control-request-headers")
        if asked:
            headers.append((b"access-control-allow-headers", asked.encode("latin-1")))
        return headers
