"""HTML error pages, for routes that return documents and clients that accept HTML."""

from functools import cache
from typing import NamedTuple

from howmuch.gateway.site_templates import render
from howmuch.gateway.status import Headers, Refusal
from howmuch.runtime.html import hash_source

HTML_TYPE = b"text/html; charset=utf-8"


class ErrorPage(NamedTuple):
    body: bytes
    headers: Headers


def error_page(error: Refusal, request_id: str) -> ErrorPage:
    """The page of an error, in English, with its Content-Security-Policy."""
    title = "Something went wrong" if error.http_status >= 500 else "That did not work"
    page = render("error.html", title=title, message=error.message, request_id=request_id)
    return ErrorPage(page.encode("utf-8", "replace"), [(b"content-security-policy", _policy())])


@cache
def _policy() -> bytes:
    style = hash_source(render("error.css"))
    policy = f"default-src 'none'; style-src {style}; base-uri 'none'; frame-ancestors 'none'"
    return policy.encode()
