"""Every screen of the web app, in the states that are looked at: in pictures, by axe, at all widths."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.web.app import App
from tests.web.people import Person, Trip
from tests.web.windows import Language, Window

EXPENSES = 24
SETTLED = """() => document.querySelector('h1')?.checkVisibility()
    && !document.querySelector('[aria-busy=true]') && document.fonts.status === 'loaded'"""


@dataclass(frozen=True)
class Screen:
    """name: of its picture. path: with fields of Scene. prepare: done first, such as opening a menu."""

    name: str
    path: str
    signed_in: bool = True
    prepare: Callable[[Page], object] | None = None


SCREENS = (
    Screen("welcome", "/", signed_in=False),
    Screen("log-in", "/login", signed_in=False),
    Screen("sign-up", "/signup", signed_in=False),
    Screen("forgot-password", "/forgot-password", signed_in=False),
    Screen("invitation-signed-out", "/invitations/{token}", signed_in=False),
    Screen("invitation", "/invitations/{token}"),
    Screen("home", "/"),
    Screen("event-new", "/events/new"),
    Screen("expenses", "/events/{trip}"),
    Screen("balances", "/events/{trip}/balances"),
    Screen("balance-why", "/events/{trip}/balances/{member}"),
    Screen("activity", "/events/{trip}/activity"),
    Screen("expense", "/events/{trip}/expenses/{expense}"),
    Screen("expense-new", "/events/{trip}/new"),
    Screen("expense-edit", "/events/{trip}/expenses/{expense}/edit"),
    Screen("members", "/events/{trip}/members"),
    Screen("event-settings", "/events/{trip}/settings"),
    Screen("totals", "/events/{trip}/totals"),
    Screen("waiting", "/waiting"),
    Screen("settings", "/settings"),
    Screen("not-found", "/nowhere"),
)


@dataclass(frozen=True)
class Scene:
    """person: who looks. trip, expense, member: IDs in paths. token: of an invitation, in a path."""

    person: Person
    trip: str
    expense: str
    member: str
    token: str


def scene(app: App, language: Language) -> Scene:
    """Ana's trip with Bo, who has an account, and the guest Cy; an invitation to a trip of Bo."""
    ana = app.person("Ana", language=language)
    bo = app.person("Bo")
    trip = ana.trip("Lisbon", guests=["Cy"], expenses=EXPENSES)
    trip.join(bo)
    expense = trip.spend("Dinner by the river", by=bo)["id"]
    other = bo.trip("Paris", guests=["Ana", "Di"], expenses=3)
    return Scene(ana, trip.id, expense, trip.members[ana.name], _token(other))


def show(opened: Window, screen: Screen, place: Scene) -> Page:
    """The screen once it is complete, in a window of who looks."""
    if screen.signed_in:
        opened.log_in(place.person)
    opened.page.goto(screen.path.format_map(vars(place)))
    settle(opened.page)
    if screen.prepare is not None:
        screen.prepare(opened.page)
        settle(opened.page)
    return opened.page


def settle(page: Page) -> None:
    """Wait until the page has its heading, nothing in it is busy, and its fonts are there."""
    page.wait_for_function(SETTLED)


def _token(trip: Trip) -> str:
    token: str = trip.invite(role="ROLE_EDITOR")["token"]
    return token
