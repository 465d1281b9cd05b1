"""Hooks of mkdocs: adds the pages that are generated from code, and rewrites links out of docs/."""

from docs_api import api_pages
from docs_commands import commands_page
from docs_errors import errors_page
from docs_links import INCLUDED, ROOT, for_site, source_pages
from docs_settings import settings_page
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

_REST = """\
# REST

The [OpenAPI 3.1 document](openapi.json) ([the same in YAML](openapi.yaml)) has every operation, with
examples. A running server has it at `/openapi.json`, and Swagger UI for it at `/docs`. [The
methods](api/index.md) are listed with their paths, [the error reasons](errors.md) with their HTTP statuses;
what REST does beyond that is in [The gateway](../gateway.md).
"""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages that are not in docs/."""
    pages = {
        "reference/rest.md": _REST,
        "reference/errors.md": errors_page(),
        "reference/cli.md": commands_page(),
        "reference/settings.md": settings_page(),
        **{f"reference/api/{name}": text for name, text in api_pages().items()},
        **{page: (ROOT / source).read_text() for source, page in INCLUDED.items()},
    }
    for page, text in pages.items():
        files.append(File.generated(config, page, content=text))
    for name in ("openapi.json", "openapi.yaml"):
        path = ROOT / "gen" / "openapi" / name
        files.append(File.generated(config, f"reference/{name}", abs_src_path=str(path)))
    own = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "docs").rglob("*.md"))]
    for page, text in source_pages([*own, *INCLUDED]).items():
        # They are reached by links alone.
        files.append(
            File.generated(config, page, content=text, inclusion=InclusionLevel.NOT_IN_NAV)
        )
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """The page with its links as the site has them."""
    place = page.file.src_uri
    included = {site: source for source, site in INCLUDED.items()}
    if place in included:
        return for_site(markdown, included[place])
    # Generated pages already have the links of the site.
    return markdown if page.file.generated_by else for_site(markdown, f"docs/{place}")
