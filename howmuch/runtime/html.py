"""HTML pages: templates that escape their values, and hashes for the Content-Security-Policy."""

import base64
import hashlib

import jinja2


def page_templates(package: str, directory: str = "") -> jinja2.Environment:
    """The templates in a directory of a package. A missing value is an error."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader(package, directory),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
    )


def hash_source(text: str) -> str:
    """The hash of an inline style or script, as a Content-Security-Policy names it."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
