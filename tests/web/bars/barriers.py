"""What axe finds on all screens, light and dark."""

import itertools
from collections.abc import Sequence

import click

from tests.web.accessible import violations
from tests.web.bars.bar import Bar, Stage
from tests.web.screens import SCREENS, scene, show
from tests.web.windows import Look, window

LOOKS = [Look(colours="light"), Look(colours="dark")]


def measure(stage: Stage) -> Sequence[Bar]:
    """Rules of WCAG 2.2 AA that a screen breaks."""
    place = scene(stage.app, "en")
    broken = 0
    for look, screen in itertools.product(LOOKS, SCREENS):
        with window(stage.browser, stage.app.origin, look) as opened:
            found = violations(show(opened, screen, place))
        broken += len(found)
        for each in found:
            click.echo(f"  {look}/{screen.name}: {each}")
    return [Bar(f"Barriers on {len(SCREENS)} screens, light and dark", broken, 0)]
