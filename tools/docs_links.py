"""Turns links within the repository into links of the site.

A page below docs/ has the same path on the site, and README.md is the start page. Every other linked file,
such as a test, becomes a page below `source/`. So the site needs no other host.
"""

import ast
import posixpath
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# Files outside docs/ that have a page on the site.
_ELSEWHERE = {
    "README.md": "index.md",
    "proto/howmuch/v1": "reference/api/index.md",
    "gen/openapi": "reference/rest.md",
    "SECURITY.md": "project/security.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changelog.md",
}
INCLUDED = {source: page for source, page in _ELSEWHERE.items() if source.endswith(".md")}
"""Pages of the site that lie outside docs/, by their paths in the repository."""

# A link, or a fence or span of code, in which nothing is one.
_LINK = re.compile(r"^```.*?^```|`[^`\n]+`|(\]\()([^)\s]+)(\))", re.DOTALL | re.MULTILINE)
_LANGUAGES = {".py": "python", ".yaml": "yaml", ".yml": "yaml", ".json": "json", ".proto": "proto"}


def targets(markdown: str) -> Iterator[str]:
    """Targets of the links of a page, without other sites and anchors on the page itself."""
    for found in _LINK.finditer(markdown):
        if found[2] and not re.match(r"[a-z]+:|#", found[2]):
            yield found[2]


def for_site(markdown: str, source: str) -> str:
    """A page with its links as the site has them. source: its path in the repository."""
    here = posixpath.dirname(page_of(source))

    def rewritten(found: re.Match[str]) -> str:
        link = found[2]
        if not link or re.match(r"[a-z]+:|#", link):
            return found[0]
        path, hash_, anchor = link.partition("#")
        page = page_of(_resolved(source, path))
        return f"{found[1]}{posixpath.relpath(page, here or '.')}{hash_}{anchor}{found[3]}"

    return _LINK.sub(rewritten, markdown)


def page_of(path: str) -> str:
    """Path on the site of a file of the repository."""
    if path in _ELSEWHERE:
        return _ELSEWHERE[path]
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    return f"source/{path}" if path.endswith(".md") else f"source/{path}.md"


def source_pages(sources: Iterable[str]) -> dict[str, str]:
    """The pages below source/ that these pages lead to, in Markdown, by their places on the site.

    sources: paths in the repository. The pages may lead to more, and those are there as well.
    """
    pages: dict[str, str] = {}
    waiting = list(sources)
    while waiting:
        source = waiting.pop()
        for target in targets((ROOT / source).read_text()):
            path = _resolved(source, target.partition("#")[0])
            page = page_of(path)
            if page.startswith("source/") and page not in pages:
                pages[page] = _page(path)
                if path.endswith(".md"):
                    waiting.append(path)
    return pages


def _resolved(source: str, link: str) -> str:
    """The path in the repository that a page links to; of a directory its README, where it has one."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(source), link))
    return f"{path}/README.md" if (ROOT / path / "README.md").is_file() else path


def _page(path: str) -> str:
    """A file as a page; a directory as one with all the files in it that are code."""
    file = ROOT / path
    if path.endswith(".md"):
        return for_site(file.read_text(), path)
    lines = ["---", "search:", "  exclude: true", "---", f"# {path}", ""]
    if file.is_dir():
        for each in sorted(each for each in file.rglob("*") if each.suffix in _LANGUAGES):
            name = each.relative_to(file).as_posix()
            lines += [f"## {name}", "", *_code(each.read_text(), each.suffix)]
    elif file.suffix == ".py":
        lines += _tests(file.read_text())
    else:
        lines += _code(file.read_text(), file.suffix)
    return "\n".join(lines)


def _tests(text: str) -> Iterator[str]:
    """Python, with a heading before each test: links lead to those."""
    lines = text.splitlines()
    starts = {
        min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]): node.name
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    begin = 1
    for start, name in starts.items():
        yield from _code("\n".join(lines[begin - 1 : start - 1]), ".py")
        yield from (f"## {name} {{ #{name} }}", "")
        begin = start
    yield from _code("\n".join(lines[begin - 1 :]), ".py")


def _code(text: str, suffix: str) -> Iterator[str]:
    # More backticks than any file has in it.
    yield from (f"``````{_LANGUAGES.get(suffix, 'text')}", text.strip("\n"), "``````", "")
