"""What a browser complains about, and what its pages must not do: ask another origin."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

# Only a test takes the network away, and the answer to a request of then may come after it.
OFFLINE = "net::ERR_INTERNET_DISCONNECTED"
LOCAL_SCHEMES = ("data", "blob", "about", "chrome-extension")


class Complaints:
    """Errors of the console and of scripts, requests that failed, and requests to other origins.

    The browser aborts requests when a page is left, and a page those whose answers it no longer needs.
    Neither is a complaint, nor is that there is no network.
    """

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self._origin = origin
        self._expected: list[re.Pattern[str]] = []
        self.heard: list[str] = []
        context.on("console", self._on_console)
        context.on("weberror", self._on_script_error)
        context.on("request", self._on_request)
        context.on("requestfailed", self._on_failed_request)

    def expect(self, pattern: str) -> None:
        """Allow the complaints that contain this regular expression. At least one has to come."""
        self._expected.append(re.compile(pattern))

    def unexpected(self) -> list[str]:
        """Complaints that no test has allowed."""
        return [
            said for said in self.heard if not any(each.search(said) for each in self._expected)
        ]

    def missed(self) -> list[str]:
        """Patterns that a test has allowed and that no complaint contains."""
        return [
            each.pattern
            for each in self._expected
            if not any(each.search(said) for said in self.heard)
        ]

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and OFFLINE not in message.text:
            self.heard.append(f"console: {message.text} ({message.location['url']})")

    def _on_script_error(self, error: WebError) -> None:
        self.heard.append(f"script: {error.error}")

    def _on_failed_request(self, request: Request) -> None:
        if request.failure not in ("net::ERR_ABORTED", OFFLINE):
            self.heard.append(f"request: {request.method} {request.url}: {request.failure}")

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in LOCAL_SCHEMES or f"{parts.scheme}://{parts.netloc}" == self._origin:
            return
        self.heard.append(f"another origin: {request.method} {request.url}")
