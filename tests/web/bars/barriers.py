"""What axe finds on all screens, light and dark."""

from collections.abc import Sequence

import click

from tests.web.accessible import violations
from tests.web.bars.bar import Bar, Stage
from tests.web.screens import SCREENS, scene, show
from tests.web.windows import COLOURS, Look, window


def measure(stage: Stage) -> Sequence[Bar]:
    """Rules of WCAG 2.2 AA that a screen breaks."""
    place = scene(stage.app, "en")
    broken = 0
    for screen in SCREENS:
        with window(stage.browser, stage.app.origin, Look()) as opened:
            page = show(opened, screen, place)
            for colours in COLOURS:
                page.emulate_media(color_scheme=colours)
                for each in violations(page):
                    broken += 1
                    click.echo(f"  {colours}/{screen.name}: {each}")
    return [Bar(f"Barriers on {len(SCREENS)} screens, light and dark", broken, 0)]
