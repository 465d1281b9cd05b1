"""A page that stands in for the app, of its origin, for tests of the helpers themselves."""

from playwright.sync_api import Route

from tests.web.windows import Window

CSP = "default-src 'self' 'unsafe-inline'; img-src * data:; connect-src *"


def show(opened: Window, body: str) -> None:
    """A page with this body. Its policy forbids eval, as that of the app does."""
    viewport = "<meta name=viewport content='width=device-width, initial-scale=1'>"
    head = f"<!doctype html><html lang='en'><title>Stand-in</title>{viewport}"
    page = f"{head}<body style='margin:0'>{body}"

    def answer(route: Route) -> None:
        headers = {"content-security-policy": CSP, "content-type": "text/html"}
        route.fulfill(body=page, headers=headers)

    opened.page.route("**/stand-in", answer)
    opened.page.goto("/stand-in")
