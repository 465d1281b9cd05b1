"""The site builds, leads nowhere that is not there, and needs no other host."""

import posixpath
import subprocess
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from mkdocs.config import load_config

from tests.docs.blocks import ROOT, blocks, indented_code
from tests.docs.conftest import Site

# One process, and so one site.
pytestmark = pytest.mark.xdist_group("site")

# What runs the code of the README and of each tutorial.
RUN_BY = {
    "README.md": "tests/e2e/test_readme.py",
    "docs/demo.md": "tests/e2e/test_readme.py",
    "docs/command-line.md": "tests/e2e/test_command_line_page.py",
    "docs/rest-in-five-minutes.md": "tests/e2e/test_five_minutes.py",
}

LARGEST_IMAGE_BYTES = 150_000


def tutorials() -> list[str]:
    """The pages below Tutorial, by their paths in the repository."""
    text = (ROOT / "mkdocs.yml").read_text()
    (pages,) = (part["Tutorial"] for part in yaml.safe_load(text)["nav"] if "Tutorial" in part)
    return [f"docs/{place}" for page in pages for place in page.values()]


@pytest.mark.slow
def test_site_builds_without_a_warning(site: Site) -> None:
    """A warning is an error there, and there is none: no page outside the navigation, no broken link."""
    assert site.code == 0, site.said
    assert "WARNING" not in site.said
    assert "index.html" in site.pages()


def test_settings_of_the_site_are_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    """mkdocs.yml is read without a warning, plugins and hooks are there, and its pages too."""
    monkeypatch.setenv("NO_MKDOCS_2_WARNING", "true")
    settings = load_config(str(ROOT / "mkdocs.yml"), strict=True)
    assert {"search", "material/search"} & set(settings.plugins)
    assert tutorials() != []
    assert [page for page in tutorials() if not (ROOT / page).is_file()] == []


def test_make_docs_is_as_strict() -> None:
    """What `make docs` runs is what these tests run."""
    said = subprocess.run(
        ["make", "--dry-run", "docs"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert "NO_MKDOCS_2_WARNING=true .venv/bin/python -m mkdocs build --strict" in said


@pytest.mark.slow
def test_every_link_leads_somewhere(site: Site) -> None:
    """To a file of the site, and where it names a place on a page, to that."""
    pages = site.pages()
    dead, with_links = [], set()
    for here, page in pages.items():
        # It is answered at any path, so its links begin with /, which a directory has not.
        for link in page.links if here != "404.html" else ():
            scheme, host, path, _, anchor = urlsplit(link)
            if scheme or host:
                continue
            with_links.add(here)
            target = posixpath.normpath(posixpath.join(posixpath.dirname(here), unquote(path)))
            target = here if not path else target
            if not (site.directory / target).exists() or (
                # The theme itself writes # for what a script does.
                anchor and target in pages and unquote(anchor) not in pages[target].ids
            ):
                dead.append((here, link))
    assert dead == []
    assert with_links == pages.keys() - {"404.html"}


@pytest.mark.slow
def test_no_page_needs_another_host(site: Site) -> None:
    """Scripts, styles, fonts and images are all on the site."""
    loads = {here: page.loads for here, page in site.pages().items()}
    assert [here for here, each in loads.items() if not each] == []
    outside = {load for each in loads.values() for load in each if urlsplit(load).netloc}
    styles = [path.read_text() for path in site.directory.rglob("*.css")]
    assert styles
    assert outside == set()
    assert [text for text in styles if "url(http" in text or "@import" in text] == []


def test_every_tutorial_is_run() -> None:
    """A page cannot be called a tutorial before a test runs its code."""
    assert set(tutorials()) <= RUN_BY.keys()
    for page, test in RUN_BY.items():
        name = page.rpartition("/")[2]
        assert name in (ROOT / test).read_text()
        assert blocks(page)


@pytest.mark.parametrize("page", RUN_BY)
def test_tutorials_show_code_in_fences(page: str) -> None:
    """Code that is indented only would be run by nobody."""
    assert indented_code(page) == []


def test_images_are_small() -> None:
    """The README is quick to load."""
    sizes = {path.name: path.stat().st_size for path in (ROOT / "docs" / "images").glob("*.png")}
    assert set(sizes) == {"swagger-ui.png", "terminal.png", "mail.png"}
    assert max(sizes.values()) < LARGEST_IMAGE_BYTES
