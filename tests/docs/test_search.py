"""The search of the site, in a real browser that opens the site from files, without a server."""

from pathlib import Path

import pytest
from selenium.common.exceptions import ElementNotInteractableException as NotYet
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser import complaints, window
from tests.cli.program import WAIT_SECONDS
from tests.docs.conftest import Site


@pytest.mark.slow
def test_search_works_without_a_server(site: Site, chromedriver_url: str, tmp_path: Path) -> None:
    """A word typed into the start page finds the page about it, and the result opens it."""
    with window(chromedriver_url, tmp_path) as browser:
        browser.get((site.directory / "index.html").as_uri())
        box = browser.find_element(By.CSS_SELECTOR, "input.md-search__input")
        browser.execute_script("arguments[0].focus()", box)

        # The theme opens the field once its scripts have run.
        def typed(_: object) -> bool:
            box.send_keys("quorum queue")
            return True

        WebDriverWait(browser, WAIT_SECONDS, ignored_exceptions=[NotYet]).until(typed)
        results = WebDriverWait(browser, WAIT_SECONDS).until(
            lambda opened: opened.find_elements(By.CSS_SELECTOR, "a.md-search-result__link")
        )
        links = [str(result.get_attribute("href")).partition("?")[0] for result in results]
        assert (site.directory / "mail.html").as_uri() in [link.partition("#")[0] for link in links]
        assert complaints(browser) == []
