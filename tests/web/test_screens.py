"""Every screen: for people who see badly or use a keyboard, and on screens of all widths."""

import pytest

from tests.web.accessible import accessible, fits, roomy
from tests.web.app import App
from tests.web.conftest import OpenWindow
from tests.web.screens import SCREENS, Scene, Screen, scene, show
from tests.web.windows import Colours, Look, Window

WIDTHS = (320, 390, 768, 1280, 1920)

every_screen = pytest.mark.parametrize("screen", SCREENS, ids=[screen.name for screen in SCREENS])


@pytest.fixture(scope="module")
def place(app: App) -> Scene:
    return scene(app, "en")


@every_screen
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_screen_breaks_no_rule_of_axe(
    open_window: OpenWindow, place: Scene, screen: Screen, colours: Colours
) -> None:
    accessible(show(open_window(Look(colours=colours)), screen, place))


@every_screen
def test_screen_fits_every_width(desktop: Window, place: Scene, screen: Screen) -> None:
    """None scrolls sideways. 320 px is also a desktop at 400 % zoom."""
    page = show(desktop, screen, place)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        fits(page)


@every_screen
def test_thumb_hits_every_target(phone: Window, place: Scene, screen: Screen) -> None:
    roomy(show(phone, screen, place))
