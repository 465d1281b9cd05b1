"""Errors for people: a route that answers with a document says in one what is wrong, to who asks for HTML."""

from functools import cache

from howmuch.gateway.site_templates import render
from howmuch.gateway.status import Headers, Refusal
from howmuch.runtime.html import hash_source

HTML_TYPE = b"text/html; charset=utf-8"


def error_page(error: Refusal, request_id: str) -> tuple[bytes, Headers]:
    """The page, and what its answer says besides. It is in English, as the errors are."""
    title = "Something went wrong" if error.http_status >= 500 else "That did not work"
    page = render("error.html", title=title, message=error.message, request_id=request_id)
    return page.encode("utf-8", "replace"), [(b"content-security-policy", _policy())]


@cache
def _policy() -> bytes:
    style = hash_source(render("error.css"))
    policy = f"default-src 'none'; style-src {style}; base-uri 'none'; frame-ancestors 'none'"
    return policy.encode()
