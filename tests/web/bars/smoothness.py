"""Whether 1,000 expenses scroll at 60 frames a second."""

from collections.abc import Sequence

import click

from tests.web.bars.bar import Bar, Stage
from tests.web.screens import settle
from tests.web.speed import frames_while_scrolling
from tests.web.windows import Look, window

EXPENSES = 1000
FRAMES_PER_SECOND = 58
"""60, less what a busy machine of two cores costs."""
LATE_PERCENT = 5


def measure(stage: Stage) -> Sequence[Bar]:
    """On a phone."""
    ana = stage.app.person("Ana")
    trip = ana.trip(expenses=EXPENSES)
    with window(stage.browser, stage.app.origin, Look()) as opened:
        opened.log_in(ana)
        opened.page.goto(trip.path)
        settle(opened.page)
        frames = frames_while_scrolling(opened.page)
    click.echo(f"  {frames}")
    return (
        Bar("Frames a second while scrolling", frames.per_second, FRAMES_PER_SECOND, at_least=True),
        Bar("Late frames while scrolling", 100 * frames.late, LATE_PERCENT, "%"),
    )
