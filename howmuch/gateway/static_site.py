"""A web app that the gateway serves beside the API: its files, and one page for its own addresses."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from howmuch.gateway import percent
from howmuch.gateway.headers import RequestHeaders
from howmuch.gateway.page import PAGE_HEADERS, Page, strong_etag, with_charset
from howmuch.gateway.routes import Route
from howmuch.gateway.static_files import StaticFile, read_files
from howmuch.gateway.status import Headers

_INDEX = "index.html"
_HASHED = "assets"
"""Directory of files whose names have a hash of their content, as Vite writes them."""

_POLICY: Headers = [
    (
        b"content-security-policy",
        b"default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none';"
        b" img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'",
    ),
    *PAGE_HEADERS,
]
"""Also of scripts, because a service worker has the policy of its own file."""
_FOREVER = (b"cache-control", b"public, max-age=31536000, immutable")
_CHECKED = (b"cache-control", b"no-cache")

_CODINGS = ("br", "gzip")
"""The smallest first."""


class StaticSite:
    """The files are read once. Paths whose first segment is one of `reserved` are not of the site.

    Raises ValueError, with a text of one line, for a directory that cannot be served.
    """

    def __init__(self, directory: Path, reserved: Iterable[str]) -> None:
        self._reserved = frozenset(reserved)
        try:
            files = read_files(directory)
            if _INDEX not in files:
                raise ValueError(f"{directory} has no {_INDEX}")
        except ValueError as error:
            raise ValueError(
                f"http.site: {error}; name the directory of a built web app"
            ) from error
        self._files = {f"/{name}": _forms(name, file) for name, file in files.items()}
        self._index = self._files["/"] = self._files[f"/{_INDEX}"]
        self._fallback = {
            coding: replace(page, headers=[*page.headers, (b"vary", b"accept")])
            for coding, page in self._index.items()
        }

    def find(self, method: str, path: str, headers: RequestHeaders) -> Page | None:
        """The file at a raw path, else the page of the app if a browser asks for a page.

        None means that the path is not one of the site.
        """
        try:
            path = percent.decode(path.encode(), keep_slashes=True)
        except ValueError:
            return None
        segments = path.split("/")[1:]
        if not segments or segments[0] in self._reserved:
            return None
        forms = self._files.get(path)
        if forms is None and method in ("GET", "HEAD") and headers.accepts("text/html"):
            forms = self._fallback if _is_page(segments) else None
        return _accepted(forms, headers) if forms else None


def first_segments(routes: Iterable[Route]) -> set[str]:
    """The literals with which the paths of routes begin."""
    return {
        route.template.segments[0]
        for route in routes
        if route.template.segments and isinstance(route.template.segments[0], str)
    }


def _is_page(segments: list[str]) -> bool:
    """Whether a path may be an address of the app: no file, and in its shortest form."""
    *folders, last = segments
    return (
        segments[0] != _HASHED
        and "." not in last
        and all(each and not each.startswith(".") for each in folders)
        and all(each.isprintable() for each in segments)
    )


def _accepted(forms: Mapping[str, Page], headers: RequestHeaders) -> Page:
    for coding in _CODINGS:
        if coding in forms and headers.accepts_coding(coding):
            return forms[coding]
    return forms[""]


def _forms(name: str, file: StaticFile) -> dict[str, Page]:
    """The responses for a file by content coding; the empty one is the file as it is."""
    headers = [_FOREVER if name.startswith(f"{_HASHED}/") else _CHECKED, *_POLICY]
    if len(file.bodies) > 1:
        headers.append((b"vary", b"accept-encoding"))
    return {
        coding: Page(
            body,
            with_charset(file.media_type),
            strong_etag(body),
            [*headers, (b"content-encoding", coding.encode())] if coding else headers,
            compress=file.compressible and not coding,
        )
        for coding, body in file.bodies.items()
    }
