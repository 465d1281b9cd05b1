"""HTML from the templates in `site`, autoescaped."""

from functools import cache
from typing import Any

import jinja2
import markupsafe

from howmuch.runtime.html import page_templates


def render(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> jinja2.Environment:
    environment = page_templates(__package__, "site")
    environment.filters["marked"] = _marked
    return environment


def _marked(text: str) -> markupsafe.Markup:
    """Renders `code`, the only CommonMark markup that is common in comments."""
    parts = text.split("`")
    marked = [
        markupsafe.Markup("<code>{}</code>").format(part) if index % 2 else markupsafe.escape(part)
        for index, part in enumerate(parts)
    ]
    return markupsafe.Markup("").join(marked)
