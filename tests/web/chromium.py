"""Debian's Chromium, driven by Playwright: only its driver is a package, the browser is the system's."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

ARGUMENTS = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
)
ACTION_MILLISECONDS = 30_000
"""How long an action or an expectation waits, on a machine that is busy with other tests."""


class NoChromiumError(Exception):
    """Chromium is not installed."""


def program() -> str:
    """Path of Chromium, as the package `chromium` of Debian names it. Raises NoChromiumError."""
    if (found := shutil.which("chromium")) is None:
        raise NoChromiumError("Chromium is not installed: apt-get install chromium")
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without windows. It ends with the block, and with this process, also if that is killed."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()
