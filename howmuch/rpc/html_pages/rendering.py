"""Pages from templates. Each is one answer: its style and script are in it.

The texts of a script are in attributes of its form, so that style and script are always the same. The
policy that goes with a page names them by their hashes and forbids all others.
"""

from functools import cache
from importlib import resources
from typing import Any

import grpc
import jinja2
from google.api.httpbody_pb2 import HttpBody
from markupsafe import Markup

from howmuch.runtime.html import hash_source, page_templates

SCRIPTS = ("page.js", "join.js")


def render_page(
    context: grpc.ServicerContext,
    template: str,
    words: Any,
    *,
    script: str = "",
    **values: Any,
) -> HttpBody:
    """A page, with the headers that go with it. words: for the template.

    script: one of SCRIPTS. Empty means that the page has none.
    """
    html = _environment().get_template(template).render(words=words, **values)
    # The gateway passes these on, and then leaves out its own policy.
    context.send_initial_metadata(
        (("content-security-policy", _policy(script)), ("cache-control", "no-store"))
    )
    return HttpBody(content_type="text/html; charset=utf-8", data=html.encode())


@cache
def _text(name: str) -> str:
    return (resources.files(__package__) / name).read_text(encoding="utf-8")


@cache
def _policy(script: str) -> str:
    scripts = f" script-src {_source(script)}; connect-src 'self';" if script else ""
    return (
        f"default-src 'none';{scripts} style-src {_source('page.css')};"
        " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )


def _source(name: str) -> str:
    return hash_source(_text(name))


@cache
def _environment() -> jinja2.Environment:
    environment = page_templates(__package__)
    for name in ("page.css", *SCRIPTS):
        # Our own file, unescaped: the policy has the hash of this very text.
        environment.globals[name.replace(".", "_")] = Markup(_text(name))  # noqa: S704
    return environment
