"""howmuch and a browser, for programs that are no tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser

from tests.web.app import App
from tests.web.chromium import chromium


@contextmanager
def served() -> Iterator[tuple[App, Browser]]:
    """Howmuch on a fresh directory, and a browser."""
    with TemporaryDirectory() as name, chromium() as browser:
        app = App(Path(name))
        try:
            app.start()
            yield app, browser
        finally:
            app.close()
