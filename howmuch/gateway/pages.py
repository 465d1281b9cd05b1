"""What the gateway serves itself: a start page, the OpenAPI document, and Swagger UI for it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from howmuch.gateway.descriptors import Descriptors
from howmuch.gateway.options import GatewayOptions
from howmuch.gateway.routes import RouteTable
from howmuch.gateway.status import Headers


@dataclass(frozen=True, slots=True)
class Page:
    """A body that is always the same."""

    body: bytes
    content_type: bytes
    etag: bytes = b""
    headers: Headers = field(default_factory=list)
    status: int = 200


def make_pages(
    descriptors: Descriptors, table: RouteTable, options: GatewayOptions
) -> Mapping[str, Page]:
    """Path to page."""
    return {}


def _tag(body: bytes) -> bytes:
    return b'"%s"' % hashlib.blake2b(body, digest_size=12).hexdigest().encode()
