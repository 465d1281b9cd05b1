"""How soon a page shows what somebody else has written, and what it shows without a network."""

from collections.abc import Sequence

from tests.web.bars.bar import Bar, Stage
from tests.web.people import Person, Trip
from tests.web.screens import settle
from tests.web.speed import seconds_until_shown
from tests.web.windows import Look, Window, window

WRITES = 10
SHOWN_SECONDS = 1.0
CACHED = "() => navigator.serviceWorker.ready.then(() => true)"


def live(stage: Stage) -> Sequence[Bar]:
    """Bo adds expenses, Ana's page shows them."""
    ana, bo = stage.app.person("Ana"), stage.app.person("Bo")
    trip = ana.trip(expenses=20)
    trip.join(bo)
    with window(stage.browser, stage.app.origin, Look()) as opened:
        _open(opened, ana, trip)
        seconds = [_shown(opened, trip, bo, f"Tram {number}") for number in range(WRITES)]
    return [Bar("A write of somebody else shows after", max(seconds), SHOWN_SECONDS, "s")]


def offline(stage: Stage) -> Sequence[Bar]:
    """A page that was open once shows the same expenses without a network."""
    ana = stage.app.person("Ana")
    trip = ana.trip(expenses=12)
    with window(stage.browser, stage.app.origin, Look()) as opened:
        _open(opened, ana, trip)
        opened.page.wait_for_function(CACHED)
        online = _rows(opened)
        with opened.offline():
            opened.page.goto(trip.path)
            settle(opened.page)
            shown = _rows(opened)
    name = "Expenses shown without a network"
    return [Bar(name, shown, max(online, 1), at_least=True)]


def _open(opened: Window, person: Person, trip: Trip) -> None:
    opened.log_in(person)
    opened.page.goto(trip.path)
    settle(opened.page)


def _shown(opened: Window, trip: Trip, person: Person, reason: str) -> float:
    return seconds_until_shown(opened.page, reason, lambda: trip.spend(reason, by=person))


def _rows(opened: Window) -> int:
    return opened.page.locator("main a[href*='/expenses/']").count()
