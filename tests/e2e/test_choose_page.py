"""The page of an invitation in a real browser, beside the web app: each button leads to a screen."""

from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from tests.browser import complaints
from tests.cli.program import Running, running
from tests.e2e.test_docs_page import browser
from tests.e2e.test_join_page import Trip, reads
from tests.e2e.test_mail_of_run import arguments_of, sign_up

__all__ = ["browser"]  # a fixture of the other pages

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    directory = tmp_path_factory.mktemp("choose")
    with running(directory / "log", *arguments_of(directory, 0.1)) as program:
        yield program


@pytest.fixture(scope="module")
def ana(server: Running) -> Iterator[httpx.Client]:
    with closing(sign_up(server, "ana")) as client:
        yield client


@pytest.fixture
def trip(ana: httpx.Client) -> Trip:
    return Trip(ana)


@pytest.mark.parametrize(("label", "who"), [("Robert", ""), ("I am somebody new", "new")])
def test_choice_opens_the_screen(
    server: Running, trip: Trip, browser: webdriver.Remote, label: str, who: str
) -> None:
    """With the guest in its address. The page itself accepts nothing and breaks no policy."""
    made = trip.invite()
    browser.get(made["link"])
    reads(browser, "ana invites you to Lisbon")
    assert complaints(browser) == []
    browser.find_element(By.LINK_TEXT, label).click()
    screen = f"{server.rest}/invitations/{made['token']}"
    assert browser.current_url == f"{screen}?as={who or trip.robert}"
    assert trip.names() == {trip.event["memberId"]: "ana", trip.robert: "Robert"}


def test_command_is_folded_away(trip: Trip, browser: webdriver.Remote) -> None:
    made = trip.invite()
    browser.get(made["link"])
    command = browser.find_element(By.CSS_SELECTOR, "details code")
    assert not command.is_displayed()
    browser.find_element(By.TAG_NAME, "summary").click()
    assert command.text.startswith(f"howmuch join {made['token']} --server ")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_page_fits_screens_and_thumbs(trip: Trip, browser: webdriver.Remote, width: int) -> None:
    """Nothing is cut off, whatever the guest is called, and every target is at least 44 px high."""
    name = "Wolfeschlegelsteinhausenbergerdorff" * 4
    trip.ana.post(f"{trip.path}/members", json={"name": name}).raise_for_status()
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 700, "deviceScaleFactor": 1, "mobile": True},
    )
    browser.get(trip.invite()["link"])
    assert browser.execute_script("return document.documentElement.scrollWidth") == width
    targets = browser.find_elements(By.CSS_SELECTOR, "a, summary")
    assert len(targets) == 4
    assert min(each.size["height"] for each in targets) >= 44
