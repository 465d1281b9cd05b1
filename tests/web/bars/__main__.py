"""`python -m tests.web.bars`: the bars of the web app, measured; exits with 1 if one is missed."""

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from tests.web.app import App
from tests.web.bars import barriers, freshness, lighthouse, sizes, smoothness
from tests.web.bars.bar import Measure, Stage
from tests.web.chromium import chromium

PARTS: dict[str, Measure] = {
    "sizes": sizes.measure,
    "live": freshness.live,
    "offline": freshness.offline,
    "smooth": smoothness.measure,
    "axe": barriers.measure,
    "lighthouse": lighthouse.measure,
}
REPORTS = Path(__file__).parents[3] / "build" / "bars"


@click.command()
@click.argument("parts", nargs=-1, metavar="[PART]...", type=click.Choice(list(PARTS)))
def main(parts: Sequence[str]) -> None:
    """Measure the web app as it is built, in Debian's Chromium, on a `howmuch run` of its own.

    PART is sizes, live, offline, smooth, axe or lighthouse. Default: all.
    """
    REPORTS.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as name, chromium() as browser:
        app = App(Path(name))
        try:
            app.start()
            stage = Stage(app, browser, REPORTS)
            missed = [part for part in parts or PARTS if not _holds(PARTS[part], stage)]
        finally:
            app.close()
    if missed:
        click.echo(f"missed: {', '.join(missed)}", err=True)
    sys.exit(bool(missed))


def _holds(measure: Measure, stage: Stage) -> bool:
    """What could not be measured does not hold; the next part is measured all the same."""
    try:
        bars = measure(stage)
    except Exception:  # noqa: BLE001 - of the browser, the app, Lighthouse or the checks
        traceback.print_exc()
        return False
    for bar in bars:
        click.echo(bar)
    return all(bar.holds for bar in bars)


if __name__ == "__main__":
    main()
