"""The pages that links in mails lead to, in a real browser: Chromium, headless."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from sqlalchemy import select

from howmuch.storage.database import open_database
from howmuch.storage.tables import deliveries
from tests.browser import complaints
from tests.cli.program import WAIT_SECONDS, Running, running
from tests.e2e.test_docs_page import browser
from tests.service.world import mail_token, mailed_token
from tests.waiting import until

__all__ = ["browser"]  # a fixture of the other pages

PASSWORD = "correct horse battery"
NEW_PASSWORD = "staple battery horse"


class Product:
    """`howmuch run`, somebody with an account, and the tokens that were mailed to them."""

    def __init__(self, program: Running, data: Path) -> None:
        self.rest = program.rest
        self.http = httpx.Client(base_url=program.rest, trust_env=False, timeout=WAIT_SECONDS)
        self.database = open_database(f"sqlite:///{data / 'howmuch.db'}")
        self._numbers = iter(range(1000))

    def sign_up(self, **more: str) -> dict[str, str]:
        """A new account, and a token of a session."""
        email = f"ana{next(self._numbers)}@example.com"
        account = {"email": email, "password": PASSWORD, "name": "Ana", **more}
        user = self.http.post("/v1/users", json=account).raise_for_status().json()
        # The mail of the sign-up makes a token, which would end the one that a test makes.
        until(lambda: self._mailed(user["id"]))
        return {**user, "token": self.log_in(email, PASSWORD).json()["token"]}

    def _mailed(self, user_id: str) -> bool:
        """Whether their first mail is sent."""
        sent = select(deliveries.c.id).where(
            deliveries.c.user_id == user_id, deliveries.c.state == "SENT"
        )
        with self.database.read() as connection:
            return connection.execute(sent).first() is not None

    def log_in(self, email: str, password: str) -> httpx.Response:
        """Tries a password."""
        return self.http.post("/v1/sessions", json={"email": email, "password": password})

    def me(self, user: dict[str, str]) -> Any:
        """Their account as it is now."""
        headers = {"authorization": f"Bearer {user['token']}"}
        return self.http.get("/v1/users/me", headers=headers).raise_for_status().json()

    def close(self) -> None:
        """Ends what it opened."""
        self.http.close()
        self.database.dispose()


class Page:
    """A page of a link, used as a person does."""

    def __init__(self, window: webdriver.Remote, url: str) -> None:
        self._window = window
        # A page that is just being replaced has no headline, or the one of before.
        replaced = (NoSuchElementException, StaleElementReferenceException)
        self._wait = WebDriverWait(window, WAIT_SECONDS, ignored_exceptions=replaced)
        window.get(url)
        self.until(lambda: self.button.is_enabled())

    def until(self, condition: Callable[[], Any]) -> Any:
        """Waits for a condition, and returns what it found."""
        return self._wait.until(lambda _: condition())

    @property
    def title(self) -> str:
        """The headline."""
        return self._window.find_element(By.TAG_NAME, "h1").text

    @property
    def button(self) -> Any:
        """The one button."""
        [button] = self._window.find_elements(By.TAG_NAME, "button")
        return button

    @property
    def way_on(self) -> Any:
        """The link into the web app."""
        return self._window.find_element(By.CSS_SELECTOR, "#next a")

    def press(self) -> None:
        """Presses the button, as Enter and a click do."""
        self.button.click()

    def reads(self, title: str) -> None:
        """Waits for a headline."""
        self.until(lambda: self.title == title)
        assert not self._window.find_elements(By.TAG_NAME, "button")

    def complains(self) -> str:
        """Waits for what the page says is wrong."""
        fault = self._window.find_element(By.CSS_SELECTOR, "[role=alert]")
        return str(self.until(lambda: fault.is_displayed() and fault.text))


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product with an empty database."""
    directory = tmp_path_factory.mktemp("pages")
    where = ("--data-dir", str(directory / "data"), "--grpc-listen", "127.0.0.1:0")
    with (
        running(directory / "log", *where) as program,
        closing(Product(program, directory / "data")) as made,
    ):
        yield made


def refused_by_policy(window: webdriver.Remote) -> list[str]:
    """Complaints of the console, but for answers that are errors on purpose."""
    return [text for text in complaints(window) if "the server responded with" not in text]


def styled(window: webdriver.Remote) -> bool:
    """Whether the style of the page is in effect."""
    card = window.find_element(By.CSS_SELECTOR, ".card")
    return card.value_of_css_property("border-top-left-radius") == "12px"


@pytest.mark.slow
def test_address_is_verified_by_the_button(product: Product, browser: webdriver.Remote) -> None:
    """Opening the page verifies nothing; the button does, and the page says so."""
    user = product.sign_up()
    link = f"{product.rest}/v1/mail/{mailed_token(product, user['id'], 'VERIFY_EMAIL')}:verify"
    page = Page(browser, link)
    assert styled(browser)
    assert page.title == "Confirm your e\u2011mail address"
    assert not product.me(user).get("emailVerified")
    assert not page.way_on.is_displayed()
    page.press()
    page.reads("Your address is confirmed")
    assert product.me(user)["emailVerified"]
    assert page.way_on.text == "Open howmuch"
    assert page.way_on.get_attribute("href") == f"{product.rest}/"
    assert refused_by_policy(browser) == []


@pytest.mark.slow
def test_address_is_changed_and_returned_by_the_buttons(
    product: Product, browser: webdriver.Remote
) -> None:
    """Each page says what has become of the address; the second one ends the session."""
    user = product.sign_up()
    change = mailed_token(product, user["id"], "CHANGE_EMAIL")
    page = Page(browser, f"{product.rest}/v1/mail/{change}:confirmEmailChange")
    assert page.title == "Change the address of your account"
    page.press()
    page.reads("Your address is changed")
    assert product.me(user)["emailVerified"]
    undo = mailed_token(product, user["id"], "UNDO_EMAIL")
    page = Page(browser, f"{product.rest}/v1/mail/{undo}:undoEmailChange")
    page.press()
    page.reads("Your account has its former address again")
    assert refused_by_policy(browser) == []


@pytest.mark.slow
def test_page_of_a_used_link_says_so(product: Product, browser: webdriver.Remote) -> None:
    """Who presses after the link was used elsewhere is told, in their language, and can try again."""
    user = product.sign_up(locale="fr")
    token = mailed_token(product, user["id"], "VERIFY_EMAIL")
    page = Page(browser, f"{product.rest}/v1/mail/{token}:verify")
    product.http.post("/v1/users:verifyEmail", json={"token": token}).raise_for_status()
    page.press()
    assert page.complains() == "Ce lien a déjà servi ou a expiré."
    assert page.button.is_enabled()
    assert refused_by_policy(browser) == []


@pytest.mark.slow
def test_new_password_is_set_by_the_page(product: Product, browser: webdriver.Remote) -> None:
    """One that is too short is refused and can be typed again; the other one then opens the account."""
    user = product.sign_up()
    link = f"{product.rest}/v1/mail/{mailed_token(product, user['id'], 'RESET_PASSWORD')}:reset"
    page = Page(browser, link)
    field = browser.find_element(By.ID, "password")
    page.press()
    assert browser.find_elements(By.CSS_SELECTOR, "input:invalid"), "an empty one is not sent"
    field.send_keys("too short")
    page.press()
    assert page.complains() == "A password has 10 to 256 characters."
    assert field.get_attribute("type") == "password"
    browser.find_element(By.ID, "show").click()
    assert field.get_attribute("type") == "text"
    field.clear()
    field.send_keys(NEW_PASSWORD)
    page.press()
    page.reads("Your new password is set")
    assert page.way_on.get_attribute("href") == f"{product.rest}/login"
    assert product.log_in(user["email"], PASSWORD).status_code == 401
    assert product.log_in(user["email"], NEW_PASSWORD).status_code == 200
    assert refused_by_policy(browser) == []
    assert NEW_PASSWORD not in browser.current_url


@pytest.mark.slow
def test_server_that_is_away_is_told(product: Product, browser: webdriver.Remote) -> None:
    """Without an answer the page says so, and the button works again."""
    user = product.sign_up()
    link = f"{product.rest}/v1/mail/{mailed_token(product, user['id'], 'VERIFY_EMAIL')}:verify"
    page = Page(browser, link)
    browser.execute_script("window.fetch = () => Promise.reject(new TypeError('offline'));")
    page.press()
    assert page.complains().startswith("The server does not answer.")
    assert page.button.is_enabled()


@pytest.mark.slow
def test_mails_end_by_the_button(product: Product, browser: webdriver.Remote) -> None:
    """The form of the page works without any script; the page says what has ended."""
    user = product.sign_up()
    headers = {"authorization": f"Bearer {user['token']}"}
    event = product.http.post("/v1/events", json={"name": "<b>Faro</b>"}, headers=headers).json()
    link = f"{product.rest}/v1/mail/{mail_token(product, user['id'])}:unsubscribe"
    page = Page(browser, f"{link}?eventId={event['id']}")
    assert styled(browser)
    assert page.title == "Stop mails about “<b>Faro</b>”?"
    page.press()
    page.reads("You will get no more mails about “<b>Faro</b>”.")
    assert styled(browser)
    [member] = product.http.get(f"/v1/events/{event['id']}/members", headers=headers).json()[
        "members"
    ]
    assert member["muted"]
    assert product.me(user)["mailMode"] == "MAIL_MODE_EACH_CHANGE"
    page = Page(browser, link)
    page.press()
    page.reads("You will get no more mails about your events.")
    assert product.me(user)["mailMode"] == "MAIL_MODE_OFF"
    assert refused_by_policy(browser) == []
