"""A static response, such as a page or a file."""

import hashlib
from dataclasses import dataclass, field

from howmuch.gateway.status import Headers

PAGE_HEADERS: Headers = [
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
]
"""Security headers of pages, beside their Content-Security-Policy."""


@dataclass(frozen=True, slots=True)
class Page:
    """compress: whether the gateway may compress the body."""

    body: bytes
    content_type: bytes
    etag: bytes = b""
    headers: Headers = field(default_factory=list)
    status: int = 200
    compress: bool = True


def strong_etag(body: bytes) -> bytes:
    return b'"%s"' % hashlib.blake2b(body, digest_size=12).hexdigest().encode()


def with_charset(media_type: str) -> bytes:
    """The Content-Type of a file, which is in UTF-8 if it is a text."""
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    return (media_type + charset).encode()
