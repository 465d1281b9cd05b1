"""Windows of Chromium, without a screen, for pages that have to work in a real browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import SessionNotCreatedException


@contextmanager
def window(chromedriver_url: str, directory: Path) -> Iterator[webdriver.Remote]:
    """A window, with what its console says. directory: for the profile."""
    options = webdriver.ChromeOptions()
    for argument in (
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        "disable-quic",
        "no-first-run",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
        "disable-dev-shm-usage",
        "window-size=1280,1600",
        f"user-data-dir={directory / 'profile'}",
    ):
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    try:
        opened = webdriver.Remote(chromedriver_url, options=options)
    except SessionNotCreatedException:  # it gives up after a minute, which a busy machine may need
        opened = webdriver.Remote(chromedriver_url, options=options)
    try:
        yield opened
    finally:
        opened.quit()


def complaints(opened: webdriver.Remote) -> list[str]:
    """What the console holds for an error, such as a script that the policy forbids."""
    entries = opened.execute("getLog", {"type": "browser"})["value"]
    return [entry["message"] for entry in entries if entry["level"] == "SEVERE"]
