"""The directory of a web app, as the gateway reads it at its start."""

import os
from pathlib import Path

import pytest

from howmuch.gateway import static_files
from howmuch.gateway.headers import RequestHeaders
from howmuch.gateway.static_site import StaticSite
from tests.gateway.site_directory import PAGE, build_site

NO_HEADERS = RequestHeaders([])


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return build_site(tmp_path / "site")


def body(site: StaticSite, path: str) -> bytes | None:
    page = site.find("GET", path, NO_HEADERS)
    return page.body if page else None


def test_links_inside_the_directory_are_files(site: Path) -> None:
    """Kubernetes mounts every file of a ConfigMap as a link."""
    (site / "..data").mkdir()
    (site / "..data" / "linked.txt").write_text("inside")
    (site / "linked.txt").symlink_to(Path("..data", "linked.txt"))
    served = StaticSite(site, ())
    assert body(served, "/linked.txt") == b"inside"
    assert body(served, "/..data/linked.txt") is None


def test_directory_itself_may_be_a_link(site: Path, tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to(site)
    assert body(StaticSite(tmp_path / "current", ()), "/") == PAGE


def link_to_a_file(site: Path) -> None:
    (site.parent / "secret").write_text("secret")
    (site / "assets" / "x.js").symlink_to(site.parent / "secret")


def link_to_a_directory(site: Path) -> None:
    (site / "outside").symlink_to(site.parent)


def broken_link(site: Path) -> None:
    (site / "nowhere.txt").symlink_to("missing.txt")


def pipe(site: Path) -> None:
    os.mkfifo(site / "pipe")


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (link_to_a_file, "x.js"),
        (link_to_a_directory, "outside"),
        (broken_link, "nowhere.txt"),
        (pipe, "pipe"),
    ],
)
def test_link_out_of_the_directory_ends_the_start(site: Path, change: object, name: str) -> None:
    """So does all else that is no file in it: a mistake is not served in silence."""
    assert callable(change)
    change(site)
    with pytest.raises(ValueError, match=rf"^http\.site: \S+{name} is not a file inside {site};"):
        StaticSite(site, ())


def test_missing_directory_ends_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=rf"^http\.site: {tmp_path}/none is not a directory; name"):
        StaticSite(tmp_path / "none", ())


def test_directory_without_a_page_ends_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=rf"^http\.site: {tmp_path} has no index\.html; name"):
        StaticSite(tmp_path, ())


def test_directory_of_too_many_bytes_ends_the_start(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted before a file is read, so that a wrong directory takes no memory."""
    monkeypatch.setattr(static_files, "MOST_BYTES", 10 << 20)
    with (site / "large.bin").open("wb") as large:
        large.truncate(11 << 20)
    with pytest.raises(ValueError, match=r"has more than 10 MiB of files"):
        StaticSite(site, ())


def test_files_are_read_once(site: Path) -> None:
    """A build that replaces them meanwhile does not mix two versions."""
    served = StaticSite(site, ())
    (site / "index.html").write_text("changed")
    (site / "sw.js").unlink()
    assert body(served, "/") == PAGE
    assert body(served, "/sw.js") is not None
