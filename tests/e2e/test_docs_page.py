"""The pages of the gateway in a real browser: Chromium, headless."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser import complaints
from tests.browser import window as open_window
from tests.cli.program import WAIT_SECONDS, Running, running

Found = TypeVar("Found")
ACCOUNT = {"email": "ana@example.com", "password": "correct horse battery", "name": "Ana"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`howmuch run` with an empty database."""
    directory = tmp_path_factory.mktemp("docs")
    where = ("--data-dir", str(directory / "data"), "--grpc-listen", "127.0.0.1:0")
    with running(directory / "log", *where) as program:
        yield program


@pytest.fixture
def browser(chromedriver_url: str, tmp_path: Path) -> Iterator[webdriver.Remote]:
    """A window of Chromium, with what its console says."""
    with open_window(chromedriver_url, tmp_path) as window:
        yield window


class DocsPage:
    """Swagger UI, used as a person does: open an operation, fill it in, execute it."""

    def __init__(self, window: webdriver.Remote, url: str) -> None:
        self._window = window
        self._wait = WebDriverWait(window, WAIT_SECONDS)
        window.get(url)
        self.until(lambda: window.find_elements(By.CSS_SELECTOR, ".opblock"))

    def until(self, condition: Callable[[], Found]) -> Found:
        """Waits for a condition, and returns what it found."""
        return self._wait.until(lambda _: condition())

    def call(self, operation: str, body: Any = None, **parameters: str) -> tuple[str, Any]:
        """Executes an operation; the status that the page shows, and the answer."""
        block = self._open(operation)
        for name, value in parameters.items():
            field = block.find_element(By.CSS_SELECTOR, f'tr[data-param-name="{name}"] input')
            # The page takes over what is typed when the field is left.
            field.send_keys(value, Keys.TAB)
        if body is not None:
            self._fill(block.find_element(By.CSS_SELECTOR, "textarea"), json.dumps(body))
        self._click(block.find_element(By.CSS_SELECTOR, "button.execute"))
        response = ".live-responses-table tbody tr.response"
        row = self.until(lambda: block.find_elements(By.CSS_SELECTOR, response))[0]
        status = row.find_element(By.CSS_SELECTOR, ".response-col_status").text.split()[0]
        text = self.until(
            lambda: row.find_element(By.CSS_SELECTOR, ".highlight-code, .microlight").text
        )
        return status, json.loads(text.removeprefix("Download"))

    def _open(self, operation: str) -> WebElement:
        tag = operation.partition("_")[0]
        selector = f"#operations-{tag}-{operation}"
        found = self.until(lambda: self._window.find_elements(By.CSS_SELECTOR, selector))
        block = found[0]
        if "is-open" not in (block.get_attribute("class") or ""):
            self._click(block.find_element(By.CSS_SELECTOR, ".opblock-summary-control"))
        self.until(lambda: block.find_elements(By.CSS_SELECTOR, "button.execute"))
        return block

    def _fill(self, field: WebElement, value: str) -> None:
        # React hears of a value only through the setter of the element's class.
        self._window.execute_script(
            "const [field, value] = arguments;"
            "Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value').set.call(field, value);"
            "field.dispatchEvent(new Event('input', {bubbles: true}));"
            "field.dispatchEvent(new Event('change', {bubbles: true}));",
            field,
            value,
        )

    def _click(self, element: WebElement) -> None:
        self._window.execute_script(
            "arguments[0].scrollIntoView({block: 'center'}); arguments[0].click();", element
        )


@pytest.mark.slow
def test_swagger_ui_signs_in_and_adds_an_expense(
    server: Running, browser: webdriver.Remote, tmp_path: Path
) -> None:
    """Sign up, log in, and without a further click the calls after it are authorized."""
    page = DocsPage(browser, f"{server.rest}/docs")
    assert page.call("UserService_GetMe")[0] == "401"
    assert page.call("UserService_SignUp", ACCOUNT)[0] == "200"
    status, session = page.call(
        "UserService_LogIn", {name: ACCOUNT[name] for name in ("email", "password")}
    )
    assert (status, session["user"]["name"]) == ("200", "Ana")
    assert "signed in" in browser.find_element(By.ID, "hint").text
    status, event = page.call(
        "EventService_CreateEvent", {"name": "Lisbon trip", "currencyCode": "EUR"}
    )
    assert status == "200"
    expense = {
        "reason": "Dinner",
        "date": "2026-11-22",
        "amount": "48.60",
        "payments": [{"memberId": event["memberId"]}],
    }
    status, added = page.call("ExpenseService_CreateExpense", expense, eventId=event["id"])
    assert (status, added["amount"], added["payments"][0]["amount"]) == ("200", "48.60", "48.60")
    browser.save_screenshot(str(tmp_path / "swagger-ui.png"))
    assert (tmp_path / "swagger-ui.png").stat().st_size > 10_000
    # The refused call without a session is what the console may complain of, and nothing else.
    assert [text for text in complaints(browser) if "401" not in text] == []


def test_page_for_developers_leads_to_everything(
    server: Running, browser: webdriver.Remote
) -> None:
    """It says what this is, lists the operations, and each of its links works."""
    browser.get(f"{server.rest}/developers")
    assert browser.find_element(By.TAG_NAME, "h1").text.startswith("howmuch")
    assert "/v1/events/{eventId}/expenses" in browser.find_element(By.TAG_NAME, "main").text
    links = [
        str(link.get_attribute("href")) for link in browser.find_elements(By.CSS_SELECTOR, "nav a")
    ]
    assert [link.removeprefix(server.rest) for link in links] == [
        "/docs",
        "/openapi.json",
        "/openapi.yaml",
        "/healthz",
        "/readyz",
    ]
    statuses = browser.execute_async_script(
        "const [links, done] = arguments;"
        "Promise.all(links.map((link) => fetch(link).then((answer) => answer.status))).then(done);",
        links,
    )
    assert statuses == [200] * 5
    assert complaints(browser) == []
