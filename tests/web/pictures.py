"""`python -m tests.web.pictures`: every screen as build/screenshots/LOOK/NAME.png, to be looked at."""

import itertools
import sys
from collections.abc import Sequence

import click
from playwright.sync_api import Browser

from tests.web.app import App
from tests.web.screens import SCREENS, Scene, Screen, scene, show
from tests.web.served import served
from tests.web.windows import LOOKS, SCREENSHOTS, Language, Look, window

NAMES = [screen.name for screen in SCREENS]


@click.command()
@click.argument("names", nargs=-1, metavar="[SCREEN]...", type=click.Choice(NAMES))
@click.option(
    "--look",
    "looks",
    multiple=True,
    type=click.Choice([str(look) for look in LOOKS]),
    help="Show the app like this. May be repeated. Default: all.",
)
def main(names: Sequence[str], looks: Sequence[str]) -> None:
    """Take a picture of every SCREEN, at 390 and 1280 px, light and dark, in English and French.

    Exits with 1 if a screen could not be shown, or complained.
    """
    screens = [screen for screen in SCREENS if screen.name in (names or NAMES)]
    chosen = [look for look in LOOKS if not looks or str(look) in looks]
    failed = 0
    with served() as (app, browser):
        scenes: dict[Language, Scene] = {}
        for look, screen in itertools.product(chosen, screens):
            if look.language not in scenes:
                scenes[look.language] = scene(app, look.language)
            failed += not _taken(browser, app, look, screen, scenes[look.language])
    click.echo(f"{len(chosen) * len(screens) - failed} pictures in {SCREENSHOTS}; {failed} failed")
    sys.exit(failed > 0)


def _taken(browser: Browser, app: App, look: Look, screen: Screen, place: Scene) -> bool:
    """One picture; what is wrong is printed, and the next one is taken."""
    try:
        with window(browser, app.origin, look) as opened:
            show(opened, screen, place)
            opened.screenshot(screen.name)
    except Exception as error:  # noqa: BLE001 - of the browser, the app or the checks
        click.echo(f"{look}/{screen.name}: {error}", err=True)
        return False
    return True


if __name__ == "__main__":
    main()
