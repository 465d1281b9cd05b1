"""The gateway's own pages: a page for developers, the OpenAPI document, and Swagger UI."""

import asyncio
import mimetypes
from collections.abc import Mapping
from importlib import resources
from typing import Any

from swagger_ui_bundle import swagger_ui_path

from howmuch.gateway.descriptors import Descriptors
from howmuch.gateway.options import GatewayOptions
from howmuch.gateway.page import PAGE_HEADERS, Page, strong_etag, with_charset
from howmuch.gateway.routes import RouteTable
from howmuch.gateway.site_templates import render
from howmuch.gateway.status import Headers

# howmuch.gateway.openapi is imported lazily: many gateways never need it.

_SWAGGER_UI = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
_OWN = ("site.css", "docs.js")
_PATHS = {"/", "/developers", "/docs", "/openapi.json", "/openapi.yaml"}
_PATHS |= {f"/docs/{name}" for name in _SWAGGER_UI + _OWN}

OWN_SEGMENTS = frozenset(path.split("/")[1] for path in _PATHS) - {""}
"""The first segments of all pages but `/`, where a web app may be."""

# Pages load files only from this origin. Swagger UI needs inline styles.
_PAGE_POLICY: Headers = [
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
        b" connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    *PAGE_HEADERS,
]


class DocsSite:
    """The pages, built lazily, so start-up does not pay for them."""

    def __init__(
        self, descriptors: Descriptors, table: RouteTable, options: GatewayOptions
    ) -> None:
        self._descriptors = descriptors
        self._table = table
        self._options = options
        self._pages: Mapping[str, Page] = {}
        self._building = asyncio.Lock()

    def has(self, path: str) -> bool:
        mine = path in _PATHS and (path != "/" or self._options.site is None)
        return self._options.docs and mine

    async def get(self, path: str) -> Page:
        """The page at a path for which `has` is true."""
        async with self._building:
            if not self._pages:
                self._pages = await asyncio.to_thread(self._build)
        return self._pages[path]

    def _build(self) -> Mapping[str, Page]:
        from howmuch.gateway.openapi import to_json, to_yaml

        document = build_document(self._descriptors, self._table, self._options)
        developers = _html("developers.html", **_operations(document))
        pages = {
            "/": developers,
            "/developers": developers,
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
    """The OpenAPI document of the routes."""
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
            session_cookie=options.session_cookie,
            resumable=options.resumable,
            idempotency_keys=info.idempotency_keys,
            preconditions=options.preconditions,
        ),
    )


def _operations(document: Mapping[str, Any]) -> dict[str, Any]:
    """The values of developers.html: operations by tag, in the order of the document."""
    operations: dict[str, list[dict[str, str]]] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and "responses" in operation:
                summary = operation.get("summary", "")
                row = {"method": method.upper(), "path": path, "summary": summary}
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
    headers = [(b"cache-control", b"no-cache"), *(headers or [])]
    return Page(body, with_charset(content_type), strong_etag(body), headers)
