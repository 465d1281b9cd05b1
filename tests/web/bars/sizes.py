"""How much script and CSS a browser loads before the first screen, in KiB as gzip compresses them."""

import gzip
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

from tests.web.bars.bar import Bar, Stage

BUILT = Path(__file__).parents[3] / "howmuch" / "web_app"
SCRIPT_KIB = 150
CSS_KIB = 20
GZIP_LEVEL = 6
# import x from "./a.js", import "./a.js", export * from "./a.js"; not import("./a.js"), which is lazy.
STATIC_IMPORT = re.compile(r"""\b(?:import|from)\s*["'](\.{1,2}/[^"']+\.js)["']""")


class Head(HTMLParser):
    """Addresses of the scripts and style sheets that a page names."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.styles: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "script" and "src" in given:
            self.scripts.append(given["src"])
        elif tag == "link" and given.get("rel") == "modulepreload":
            self.scripts.append(given["href"])
        elif tag == "link" and given.get("rel") == "stylesheet":
            self.styles.append(given["href"])


def measure(stage: Stage) -> Sequence[Bar]:
    """Of the app as it is built."""
    return bars_of(BUILT)


def bars_of(built: Path) -> Sequence[Bar]:
    """built: directory with index.html."""
    head = Head()
    head.feed((built / "index.html").read_text())
    scripts = with_imports(built, head.scripts)
    return (
        Bar("Script of the first load", compressed_kib(built, scripts), SCRIPT_KIB, "KiB gzip"),
        Bar("CSS of the first load", compressed_kib(built, head.styles), CSS_KIB, "KiB gzip"),
    )


def with_imports(built: Path, scripts: Sequence[str]) -> list[str]:
    """Paths of these scripts and of those that they import before they run, each once."""
    waiting, found = list(scripts), dict[str, None]()
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found[path] = None
        text = _file(built, path).read_text()
        waiting += [str(PurePosixPath(path).parent / each) for each in STATIC_IMPORT.findall(text)]
    return list(found)


def compressed_kib(built: Path, paths: Sequence[str]) -> float:
    """Each file is sent by itself, so each is compressed by itself."""
    contents = [_file(built, path).read_bytes() for path in paths]
    return sum(len(gzip.compress(each, GZIP_LEVEL)) for each in contents) / 1024


def _file(built: Path, path: str) -> Path:
    return built / path.lstrip("/")
