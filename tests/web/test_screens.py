"""Every screen: for people who see badly or use a keyboard, on screens of all widths, in all languages."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser

from tests.web.accessible import accessible, fits, roomy
from tests.web.app import App
from tests.web.screens import PSEUDO, SCREENS, Scene, Screen, scene, visit
from tests.web.untranslated import data_of, untranslated
from tests.web.windows import COLOURS, Look, Window, window

WIDTHS = (320, 768, 1280, 1920)

every_screen = pytest.mark.parametrize("screen", SCREENS, ids=[screen.name for screen in SCREENS])


@pytest.fixture(scope="module")
def place(app: App) -> Scene:
    return scene(app, "en")


@pytest.fixture(scope="module")
def data(place: Scene) -> Sequence[str]:
    """What people and the server have written."""
    return data_of(place)


@pytest.fixture(scope="module")
def looking(browser: Browser, app: App, place: Scene) -> Iterator[Callable[[Screen], Window]]:
    """The phone of Ana, who is logged in, or of somebody who is not: as the screen is for."""
    with ExitStack() as stack:
        windows = [stack.enter_context(window(browser, app.origin, Look())) for _ in range(2)]
        windows[True].log_in(place.person)
        yield lambda screen: windows[screen.signed_in]


@every_screen
def test_screen_is_good_for_eyes_thumbs_and_all_widths(
    looking: Callable[[Screen], Window], place: Scene, screen: Screen
) -> None:
    """Axe finds nothing, targets are large, and no width scrolls sideways: 320 px is also a zoom of 400 %."""
    opened = looking(screen)
    page = visit(opened, screen, place)
    for colours in COLOURS:
        page.emulate_media(color_scheme=colours)
        accessible(page)
    roomy(page)
    fit_all_widths(opened)
    opened.check()


@every_screen
def test_screen_is_translated_and_mirrored(
    looking: Callable[[Screen], Window], place: Scene, data: Sequence[str], screen: Screen
) -> None:
    """In a language that accents every letter of every message, and is written from right to left."""
    opened = looking(screen)
    visit(opened, screen, place, query=PSEUDO)
    assert opened.page.evaluate("() => getComputedStyle(document.body).direction") == "rtl"
    assert not untranslated(opened.page, data)
    accessible(opened.page)
    fit_all_widths(opened)
    opened.check()


def fit_all_widths(opened: Window) -> None:
    """The window is as wide as before in the end."""
    width, height = opened.look.size
    for each in WIDTHS:
        opened.page.set_viewport_size({"width": each, "height": height})
        fits(opened.page)
    opened.page.set_viewport_size({"width": width, "height": height})


def test_untranslated_text_is_found(looking: Callable[[Screen], Window], place: Scene) -> None:
    """In plain English, every message is one; also names for screen readers."""
    opened = looking(SCREENS[0])
    visit(opened, SCREENS[0], place)
    found = "\n".join(untranslated(opened.page, ()))
    assert re.search("Start a trip", found)
    assert re.search("Language", found)
