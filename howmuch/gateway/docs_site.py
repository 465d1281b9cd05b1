"""What the gateway serves itself: a start page, the OpenAPI document, and Swagger UI for it."""

import asyncio
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from swagger_ui_bundle import swagger_ui_path

from howmuch.gateway.descriptors import Descriptors
from howmuch.gateway.options import GatewayOptions
from howmuch.gateway.routes import RouteTable
from howmuch.gateway.site_templates import render
from howmuch.gateway.status import Headers

# The generator of the document is imported when the first page is made: many gateways never need it.

_SWAGGER_UI = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
_OWN = ("site.css", "docs.js")
_PATHS = frozenset(
    {
        "/",
        "/docs",
        "/openapi.json",
        "/openapi.yaml",
        *(f"/docs/{name}" for name in _SWAGGER_UI + _OWN),
    }
)

# Pages load what they need from here and nothing from elsewhere. Swagger UI sets styles of elements.
_PAGE_POLICY: Headers = [
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
        b" connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
]


@dataclass(frozen=True, slots=True)
class Page:
    """A body that is always the same."""

    body: bytes
    content_type: bytes
    etag: bytes = b""
    headers: Headers = field(default_factory=list)
    status: int = 200


class Pages:
    """The pages, made when the first is asked for: who never looks does not wait for them at the start."""

    def __init__(
        self, descriptors: Descriptors, table: RouteTable, options: GatewayOptions
    ) -> None:
        self._descriptors = descriptors
        self._table = table
        self._options = options
        self._pages: Mapping[str, Page] = {}
        self._making = asyncio.Lock()

    def has(self, path: str) -> bool:
        """Whether there is a page at a path."""
        return self._options.docs and path in _PATHS

    async def get(self, path: str) -> Page:
        """The page at a path that `has` knows."""
        async with self._making:
            if not self._pages:
                self._pages = await asyncio.to_thread(self._make)
        return self._pages[path]

    def _make(self) -> Mapping[str, Page]:
        from howmuch.gateway.openapi import to_json, to_yaml

        document = build_document(self._descriptors, self._table, self._options)
        pages = {
            "/": _html("start.html", **_start_page(document)),
            "/docs": _html("docs.html", info=document["info"]),
            "/openapi.json": _page(to_json(document), "application/json"),
            "/openapi.yaml": _page(to_yaml(document), "application/yaml"),
        }
        own = resources.files(__package__) / "site"
        for folder, names in ((swagger_ui_path, _SWAGGER_UI), (own, _OWN)):
            for name in names:
                kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
                pages[f"/docs/{name}"] = _page((folder / name).read_bytes(), kind)
        return pages


def build_document(
    descriptors: Descriptors, table: RouteTable, options: GatewayOptions
) -> dict[str, Any]:
    """The OpenAPI document of what the gateway serves."""
    from howmuch.gateway.openapi import OpenApiOptions, openapi_document

    info = options.info
    return openapi_document(
        descriptors,
        table,
        OpenApiOptions(
            title=info.title,
            version=info.version,
            servers=info.servers,
            public_when=info.public_option,
            update_mask=options.update_mask,
            ignore_unknown_fields=options.ignore_unknown_fields,
        ),
    )


def _start_page(document: Mapping[str, Any]) -> dict[str, Any]:
    """What start.html shows: the operations by tag, in the order of the document."""
    operations: dict[str, list[dict[str, str]]] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and "responses" in operation:
                row = {
                    "method": method.upper(),
                    "path": path,
                    "summary": operation.get("summary", ""),
                }
                operations.setdefault(operation["tags"][0], []).append(row)
    summaries = {tag["name"]: tag.get("description", "") for tag in document.get("tags", [])}
    return {
        "info": document["info"],
        "description": document["info"].get("description", "").split("\n\n"),
        "tags": [
            {"name": name, "summary": summaries.get(name, "").split("\n\n")[0], "operations": rows}
            for name, rows in operations.items()
        ],
    }


def _html(template: str, **values: Any) -> Page:
    return _page(render(template, **values).encode(), "text/html", _PAGE_POLICY)


def _page(body: bytes, content_type: str, headers: Headers | None = None) -> Page:
    etag = b'"%s"' % hashlib.blake2b(body, digest_size=12).hexdigest().encode()
    charset = "; charset=utf-8" if content_type.startswith("text/") else ""
    return Page(
        body,
        (content_type + charset).encode(),
        etag,
        [(b"cache-control", b"no-cache"), *(headers or [])],
    )
