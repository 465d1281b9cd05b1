"""CORS: cross-origin requests from an allow-list of origins."""

from collections.abc import Sequence

from howmuch.gateway.headers import RequestHeaders
from howmuch.gateway.status import Headers

_EXPOSED = b"etag, location, retry-after, www-authenticate, x-request-id"
_MAX_AGE = b"7200"


class Cors:
    """origins: such as https://app.example.com; `*` allows all, without credentials."""

    def __init__(self, origins: Sequence[str]) -> None:
        self._any = "*" in origins
        self._origins = frozenset(origins)

    def add_headers(self, request: RequestHeaders, headers: Headers) -> None:
        """Adds the headers that let a page of an allowed origin read the response, also an error."""
        if not self._origins:
            return
        headers.append((b"vary", b"Origin"))
        origin = request.get(b"origin")
        if not origin or not (self._any or origin in self._origins):
            return
        headers.append((b"access-control-allow-origin", b"*" if self._any else origin.encode()))
        headers.append((b"access-control-expose-headers", _EXPOSED))

    def is_preflight(self, method: str, request: RequestHeaders) -> bool:
        """Whether a browser asks if a page of another origin may send a request."""
        asks = request.get(b"access-control-request-method")
        return method == "OPTIONS" and bool(self._origins) and bool(asks)

    def preflight(self, request: RequestHeaders, methods: Sequence[str]) -> Headers:
        """The additional headers of the response to a preflight request."""
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
