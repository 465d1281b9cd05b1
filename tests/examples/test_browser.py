"""The example over REST in a browser, on a page of another origin than the server's."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests import browser
from tests.cli.program import WAIT_SECONDS, running
from tests.examples import checkout

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),  # The packages are fetched first.
    pytest.mark.xdist_group("clients"),
]


class Files(SimpleHTTPRequestHandler):
    """The files of a directory, as `python -m http.server` serves them, without its log."""

    def log_message(self, *arguments: object) -> None:
        """Requests are not what the test is about."""


@pytest.fixture(scope="module")
def origin(clients: Path) -> Iterator[str]:
    """Where the copy of the repository is served, with the example built."""
    checkout.done(clients, "npx --no-install tsc --build examples/typescript-rest")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(clients))) as files:
        thread = threading.Thread(target=files.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{files.server_port}"
        finally:
            files.shutdown()
            thread.join()


@pytest.fixture
def window(chromedriver_url: str, tmp_path: Path) -> Iterator[webdriver.Remote]:
    """A window of Chromium."""
    with browser.window(chromedriver_url, tmp_path) as opened:
        yield opened


def shown(window: webdriver.Remote, page: str) -> str:
    """What the page of the example has printed when it came to its end, or failed."""
    window.get(page)

    def ended(_: webdriver.Remote) -> str:
        text = str(window.find_element(By.TAG_NAME, "pre").get_property("textContent"))
        return text if "Cy pays" in text or "failed" in text else ""

    return WebDriverWait(window, WAIT_SECONDS).until(ended)


def test_example_runs_on_a_page_that_the_server_allows(
    origin: str, window: webdriver.Remote, tmp_path: Path
) -> None:
    """It prints what it prints in Node.js, and the console has no complaint but of the stale edit."""
    settings = tmp_path / "howmuch.yaml"
    settings.write_text(f"http: {{cors_origins: [{origin}]}}")
    where = ("--data-dir", str(tmp_path / "data"), "--grpc-listen", "127.0.0.1:0")
    with running(tmp_path / "log", *where, "--config", str(settings)) as server:
        page = f"{origin}/examples/typescript-rest/index.html?server={server.rest}"
        assert shown(window, page) == checkout.printed()
    complaints = [text for text in browser.complaints(window) if "favicon" not in text]
    assert len(complaints) == 1
    assert "409" in complaints[0]


def test_page_of_another_origin_is_refused(
    origin: str, window: webdriver.Remote, tmp_path: Path
) -> None:
    """The server of the test has to be told of the page: that it runs is no accident."""
    where = ("--data-dir", str(tmp_path / "data"), "--grpc-listen", "127.0.0.1:0")
    with running(tmp_path / "log", *where) as server:
        page = f"{origin}/examples/typescript-rest/index.html?server={server.rest}"
        assert shown(window, page).startswith("failed: ")
