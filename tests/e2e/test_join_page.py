"""The page of an invitation in a real browser, without the web app: from the link in the mail to a member."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser import complaints
from tests.cli.program import WAIT_SECONDS, Running, running
from tests.e2e.test_docs_page import browser
from tests.e2e.test_mail_of_run import arguments_of, sign_up, verify
from tests.mail_delivery.mail_files import to
from tests.waiting import until

__all__ = ["browser"]  # a fixture of the other pages

pytestmark = pytest.mark.slow

PASSWORD = "correct horse battery"


class Trip:
    """Ana's event with the guest Robert, and its invitations."""

    def __init__(self, ana: httpx.Client) -> None:
        self.ana = ana
        self.event = ana.post("/v1/events", json={"name": "Lisbon", "currencyCode": "EUR"}).json()
        self.path = f"/v1/events/{self.event['id']}"
        self.robert = ana.post(f"{self.path}/members", json={"name": "Robert"}).json()["id"]

    def invite(self, **fields: str) -> dict[str, str]:
        made: dict[str, str] = self.ana.post(f"{self.path}/invitations", json=fields).json()
        return made

    def names(self) -> dict[str, str]:
        members = self.ana.get(f"{self.path}/members").json()["members"]
        return {each["id"]: each["name"] for each in members}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Path]]:
    directory = tmp_path_factory.mktemp("join")
    arguments = arguments_of(directory, 0.1)
    with running(directory / "log", *arguments, HOWMUCH_HTTP__WEB="false") as server:
        yield server, directory / "data" / "mail"


@pytest.fixture(scope="module")
def ana(program: tuple[Running, Path]) -> Iterator[httpx.Client]:
    server, mails = program
    with closing(sign_up(server, "ana")) as client:
        verify(server, mails, "ana")
        yield client


@pytest.fixture
def trip(ana: httpx.Client) -> Trip:
    return Trip(ana)


def fill(window: webdriver.Remote, **values: str) -> None:
    for name, value in values.items():
        field = window.find_element(By.ID, name)
        field.clear()
        field.send_keys(value)


def press(window: webdriver.Remote) -> None:
    window.find_element(By.CSS_SELECTOR, "button").click()


def reads(window: webdriver.Remote, title: str) -> None:
    wait = WebDriverWait(window, WAIT_SECONDS)
    wait.until(lambda _: window.find_element(By.TAG_NAME, "h1").text == title)


def complains(window: webdriver.Remote) -> str:
    fault = window.find_element(By.CSS_SELECTOR, "[role=alert]")
    wait = WebDriverWait(window, WAIT_SECONDS)
    return str(wait.until(lambda _: fault.is_displayed() and fault.text))


def choose(window: webdriver.Remote, name: str, value: str) -> None:
    window.find_element(By.CSS_SELECTOR, f"input[name={name}][value='{value}']").click()


def test_invited_person_joins_from_the_mail(
    program: tuple[Running, Path], trip: Trip, browser: webdriver.Remote
) -> None:
    """Bo opens the link of the mail, says to be Robert, signs up, and is in the event in his place."""
    _, mails = program
    trip.invite(email="bo@example.com")
    until(lambda: to(mails, "bo@example.com", "/join/"))
    (text,) = to(mails, "bo@example.com", "/join/")
    link = re.search(r"http://\S+/join/\S+", text)
    assert link is not None
    browser.get(link[0])
    reads(browser, "ana invites you to Lisbon")
    press(browser)
    assert browser.find_elements(By.CSS_SELECTOR, "input:invalid"), (
        "nothing is sent without a choice"
    )
    choose(browser, "memberId", trip.robert)
    fill(browser, name="Bo", email="ana@example.com", password=PASSWORD)
    press(browser)
    assert complains(browser).startswith("This address has an account already.")
    fill(browser, email="bo@example.com")
    press(browser)
    reads(browser, "You have joined Lisbon")
    assert trip.names() == {trip.event["memberId"]: "ana", trip.robert: "Bo"}
    assert not browser.find_elements(By.TAG_NAME, "form")
    assert [text for text in complaints(browser) if "responded with" not in text] == []
    assert PASSWORD not in browser.current_url
    browser.get(link[0])
    reads(browser, "This invitation has been used")


def test_person_with_an_account_logs_in_and_joins(
    program: tuple[Running, Path], trip: Trip, browser: webdriver.Remote
) -> None:
    """A wrong password can be typed again; the session of the page ends with the join."""
    server, _ = program
    with closing(sign_up(server, "cy")) as cy:
        browser.get(trip.invite()["link"])
        choose(browser, "mode", "login")
        assert not browser.find_element(By.ID, "name").is_displayed()
        choose(browser, "memberId", "")
        fill(browser, email="cy@example.com", password="wrong horse battery")
        press(browser)
        assert complains(browser).startswith("The address or the password is wrong.")
        fill(browser, password=PASSWORD)
        press(browser)
        reads(browser, "You have joined Lisbon")
        assert "cy" in trip.names().values()
        sessions = cy.get("/v1/sessions").json()["sessions"]
        assert [each["client"] for each in sessions if each.get("client")] == []


def test_name_that_looks_like_another_can_be_changed(trip: Trip, browser: webdriver.Remote) -> None:
    """The account exists by then: the page changes its name, and joins."""
    browser.get(trip.invite()["link"])
    choose(browser, "memberId", "")
    fill(browser, name="аna", email="anna@example.com", password=PASSWORD)  # a Cyrillic a
    press(browser)
    assert complains(browser).startswith("Your name looks like that of another member.")
    fill(browser, name="Anna B.")
    press(browser)
    reads(browser, "You have joined Lisbon")
    assert "Anna B." in trip.names().values()


def test_page_fits_small_screens_and_thumbs(trip: Trip, browser: webdriver.Remote) -> None:
    """At 320 px nothing is cut off, and every target is at least 44 px high."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 320, "height": 700, "deviceScaleFactor": 1, "mobile": True},
    )
    browser.get(trip.invite()["link"])
    assert browser.execute_script("return document.documentElement.scrollWidth") == 320
    targets = "button, label.pick, label.choice, input:not([type=radio]):not([type=checkbox])"
    heights = [each.size["height"] for each in browser.find_elements(By.CSS_SELECTOR, targets)]
    assert min(heights) >= 44
    unlabelled = (
        "return [...document.querySelectorAll('input')].filter(i => !i.labels.length).length"
    )
    assert browser.execute_script(unlabelled) == 0
