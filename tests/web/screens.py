"""Every screen of the web app, in the states that are looked at: in pictures, by axe, at all widths."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.web.app import App
from tests.web.people import Person, Trip
from tests.web.windows import Language, Window
from tests.web.words import Words

EXPENSES = 24
LISBON, REASON = "Lisbon", "Dinner by the river"
PSEUDO = "?lang=rtl"
"""The pseudo-locale, in which every letter of a message has an accent, written from right to left."""
SETTLED = """() => document.querySelector('h1')?.checkVisibility()
    && !document.querySelector('[aria-busy=true], .loading') && document.fonts.status === 'loaded'"""


@dataclass(frozen=True)
class Screen:
    """text: is shown once all is there: a message in English, or data of the Scene, as part of a text.

    name: of its picture. path: with fields of Scene. prepare: done first, such as opening a menu.
    """

    name: str
    path: str
    text: str
    signed_in: bool = True
    prepare: Callable[[Page], object] | None = None


def _press(selector: str) -> Callable[[Page], object]:
    """A button or a fold, found in all languages."""
    return lambda page: page.locator(selector).first.click()


SCREENS = (
    Screen("welcome", "/", "Start a trip", signed_in=False),
    Screen("welcome-invitation", "/", "Open it", False, _press(".home-ways button")),
    Screen("log-in", "/login", "I forgot the password", signed_in=False),
    Screen("sign-up", "/signup", "Your friends see it.", signed_in=False),
    Screen("forgot-password", "/forgot-password", "Mail me a link", signed_in=False),
    Screen("invitation-signed-out", "/invitations/{token}", "Which of these are you?", False),
    Screen("invitation", "/invitations/{token}", "Which of these are you?"),
    Screen("home", "/", LISBON),
    Screen("event-new", "/events/new", "Who is with you?"),
    Screen("expenses", "/events/{trip}", REASON),
    Screen("filters", "/events/{trip}", "Who took part", True, _press(".filter-bar button")),
    Screen("expenses-empty", "/events/{empty}", "Add an expense"),
    Screen("expenses-archived", "/events/{archived}", "Open it again in the settings"),
    Screen("balances", "/events/{trip}/balances", "Mark as paid"),
    Screen("balance-why", "/events/{trip}/balances/{member}", "Expenses and payments in it"),
    Screen("activity", "/events/{trip}/activity", REASON),
    Screen("expense", "/events/{trip}/expenses/{expense}", "Duplicate"),
    Screen("expense-new", "/events/{trip}/new", "For whom"),
    Screen("expense-edit", "/events/{trip}/expenses/{expense}/edit", "For whom"),
    Screen("expense-more", "/events/{trip}/new", "Payment between two", True, _press("summary")),
    Screen("members", "/events/{trip}/members", "has an account"),
    Screen(
        "member", "/events/{trip}/members", "Usual share", True, _press(".members-actions button")
    ),
    Screen(
        "invite", "/events/{trip}/members", "Make a link", True, _press(".members-add .primary")
    ),
    Screen("event-settings", "/events/{trip}/settings", "About the event"),
    Screen("totals", "/events/{trip}/totals", "By category"),
    Screen("waiting", "/waiting", "To my events"),
    Screen("settings", "/settings", "Where you are logged in"),
    Screen("not-found", "/nowhere", "To my events"),
)


@dataclass(frozen=True)
class Scene:
    """person: who looks. The others are IDs in paths; token: of an invitation."""

    person: Person
    trip: str
    empty: str
    archived: str
    expense: str
    member: str
    token: str


def scene(app: App, language: Language) -> Scene:
    """Ana's trip with Bo and the guest Cy, an empty one, an archived one; an invitation to a trip of Bo."""
    ana = app.person("Ana", language=language)
    bo = app.person("Bo")
    trip = ana.trip(LISBON, guests=["Cy"], expenses=EXPENSES)
    trip.join(bo)
    expense = trip.spend(REASON, by=bo)["id"]
    empty, archived = ana.trip("Porto", guests=[]), ana.trip("Rome", expenses=2)
    ana.post(f"{archived.api}:archive", {})
    other = bo.trip("Paris", guests=["Ana", "Di"], expenses=3)
    member = trip.members[ana.name]
    return Scene(ana, trip.id, empty.id, archived.id, expense, member, _token(other))


def show(opened: Window, screen: Screen, place: Scene) -> Page:
    """The screen once it is complete, in a window of who looks."""
    if screen.signed_in:
        opened.log_in(place.person)
    return visit(opened, screen, place)


def visit(opened: Window, screen: Screen, place: Scene, *, query: str = "") -> Page:
    """As `show`, in a window of somebody who is logged in where that is needed. query: such as PSEUDO."""
    page = opened.page
    page.goto(screen.path.format_map(vars(place)) + query)
    settle(page)
    if screen.prepare is not None:
        screen.prepare(page)
        settle(page)
    text: str | re.Pattern[str] = screen.text
    if screen.text not in (LISBON, REASON):
        words = Words(opened.look.language)(screen.text)
        text = accented(screen.text) if query == PSEUDO else words
    page.get_by_text(text).first.wait_for()
    return page


def accented(message: str) -> re.Pattern[str]:
    """A message as the pseudo-locale has it: with an accent on each letter but a few, such as v."""
    return re.compile(re.sub("[A-Za-z]", r"[\g<0>\\u0080-\\uffff]", re.escape(message)))


def settle(page: Page) -> None:
    """Wait until the page has its heading, nothing in it is busy, and its fonts are there."""
    page.wait_for_function(SETTLED)


def _token(trip: Trip) -> str:
    token: str = trip.invite(role="ROLE_EDITOR")["token"]
    return token
