"""The service worker of the web app leaves the server's own pages to the server."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NOT_OF_THE_APP = re.findall(
    r"^    /\^(.+)/,$", (ROOT / "web" / "build" / "pwa.ts").read_text(), re.MULTILINE
)
DOCUMENT = json.loads((ROOT / "gen" / "openapi" / "openapi.json").read_text())
PAGES = (
    "/docs",
    "/docs/site.css",
    "/developers",
    "/openapi.json",
    "/openapi.yaml",
    "/healthz",
    "/readyz",
)


def is_of_the_app(path: str) -> bool:
    """Whether the service worker answers a navigation to it with the page of the app."""
    return not any(re.match(pattern.replace(r"\/", "/"), path) for pattern in NOT_OF_THE_APP)


@pytest.mark.parametrize("path", [*PAGES, *DOCUMENT["paths"]])
def test_page_of_the_server_is_not_answered_with_the_app(path: str) -> None:
    assert not is_of_the_app(path)


@pytest.mark.parametrize("path", ["/", "/events/evt_1", "/invitations/x", "/settings", "/waiting"])
def test_screen_is_answered_with_the_app(path: str) -> None:
    assert is_of_the_app(path)
