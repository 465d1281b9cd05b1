"""CORS: cross-origin requests from an allow-list of origins."""

import re
from collections.abc import Sequence

from howmuch.gateway.headers import RequestHeaders
from howmuch.gateway.options import GatewayOptions
from howmuch.gateway.status import Headers

_EXPOSED = ("etag", "location", "retry-after", "www-authenticate", "x-request-id")
_MAX_AGE = b"7200"
_ORIGIN = re.compile(r"https?://[^/?#\s]+")


class Cors:
    """See the options cors_origins, cors_credentials and cors_expose_headers. Raises ValueError."""

    def __init__(self, options: GatewayOptions) -> None:
        self._any = "*" in options.cors_origins
        self._origins = frozenset(options.cors_origins)
        self._credentials = options.cors_credentials
        if self._any and self._credentials:
            raise ValueError("cors_credentials: name the origins in cors_origins, not *")
        exposed = [*_EXPOSED, *(name.lower() for name in options.cors_expose_headers)]
        self._exposed = ", ".join(dict.fromkeys(exposed)).encode()

    def add_headers(self, request: RequestHeaders, headers: Headers) -> None:
        """Adds the headers that let a page of an allowed origin use the response, also an error."""
        if not self._origins:
            return
        headers.append((b"vary", b"Origin" if self._any else b"Origin, Referer"))
        origin = request.get(b"origin")
        # An <img> sends no Origin by default.
        if self._allows(origin or _origin_of(request.get(b"referer"))):
            headers.append((b"cross-origin-resource-policy", b"cross-origin"))
        if not origin or not self._allows(origin):
            return
        headers += self._allowing(origin)
        headers.append((b"access-control-expose-headers", self._exposed))

    def _allows(self, origin: str) -> bool:
        return self._any or origin in self._origins

    def _allowing(self, origin: str) -> Headers:
        """The headers that allow an origin."""
        allowing = [(b"access-control-allow-origin", b"*" if self._any else origin.encode())]
        if self._credentials:
            allowing.append((b"access-control-allow-credentials", b"true"))
        return allowing

    def is_preflight(self, method: str, request: RequestHeaders) -> bool:
        """Whether a browser asks if a page of another origin may send a request."""
        asks = request.get(b"access-control-request-method")
        return method == "OPTIONS" and bool(self._origins) and bool(asks)

    def preflight(self, request: RequestHeaders, methods: Sequence[str]) -> Headers:
        """The additional headers of the response to a preflight request."""
        wanted = request.get(b"access-control-request-method")
        origin = request.get(b"origin")
        if not wanted or not self._allows(origin):
            return []
        headers = [
            (b"access-control-allow-methods", ", ".join(methods).encode()),
            (b"access-control-max-age", _MAX_AGE),
        ]
        asked = request.get(b"access-control-request-headers")
        if asked:
            headers.append((b"access-control-allow-headers", asked.encode("latin-1")))
        return headers


def _origin_of(url: str) -> str:
    """The origin of an address, in lower case. Empty means none."""
    found = _ORIGIN.match(url.lower())
    return found[0] if found else ""
