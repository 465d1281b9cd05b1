"""What a person does in a window: finds things by their role and their words, and taps and types."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page, expect

from tests.web.people import Person
from tests.web.windows import Window
from tests.web.words import Words

CACHED = "() => navigator.serviceWorker.ready.then(() => true)"


class Hands:
    """Of the person in front of a window. say: the words of its language."""

    def __init__(self, opened: Window) -> None:
        self.window = opened
        self.say = Words(opened.look.language)

    @property
    def page(self) -> Page:
        return self.window.page

    def button(self, message: str, *values: str) -> Locator:
        return self.page.get_by_role("button", name=self.say(message, *values), exact=True)

    def link(self, message: str, *values: str) -> Locator:
        return self.page.get_by_role("link", name=self.say(message, *values), exact=True)

    def field(self, message: str, *values: str) -> Locator:
        return self.page.get_by_label(self.say(message, *values), exact=True)

    def text(self, message: str, *values: str) -> Locator:
        return self.page.get_by_text(self.say(message, *values), exact=True).first

    def row(self, reason: str) -> Locator:
        """The expense in the list of the event."""
        return self.page.locator("main a[href*='/expenses/']").filter(has_text=reason)

    def open(self, path: str) -> None:
        """As if the address was typed; without waiting for more than the page itself."""
        self.page.goto(path, wait_until="commit")

    def open_event(self, path: str) -> None:
        """The list of expenses, once it is there."""
        self.open(path)
        self.expect_event()

    def expect_event(self) -> None:
        """The list of expenses is shown, in an event to which the person may add."""
        expect(self.link("Add an expense")).to_be_visible()

    def sign_up(self, email: str, password: str, *, name: str, button: str) -> None:
        """On a form that asks for an account. name: empty leaves the one that is there."""
        if name:
            self.field("Your name").fill(name)
        self.field("E-mail address").fill(email)
        self.field("Password").fill(password)
        self.page.get_by_role("button", name=button, exact=True).click()

    def log_in(self, person: Person) -> None:
        """On a form that asks for it."""
        self.field("E-mail address").fill(person.email)
        self.field("Password").fill(person.password)
        self.button("Log in").click()

    def fill_event(self, name: str, friends: str) -> None:
        """In the form of a new event."""
        self.field("What is it?").fill(name)
        self.field("Name of a friend").fill(friends)
        self.button("Add").click()

    def fill_expense(self, reason: str, amount: str) -> None:
        """In the form of an expense."""
        self.field("Amount").fill(amount)
        self.field("What for").fill(reason)

    def expect_filled(self, reason: str, amount: str) -> None:
        """The form shows this, as it was typed."""
        expect(self.field("Amount")).to_have_value(amount)
        expect(self.field("What for")).to_have_value(reason)

    def add_expense(self, reason: str, amount: str) -> None:
        """From the list of expenses, to which it comes back."""
        self.link("Add an expense").click()
        self.fill_expense(reason, amount)
        self.button("Save").click()
        expect(self.row(reason)).to_be_visible()

    def edit_expense(self, reason: str, amount: str) -> None:
        """From the list of expenses: open it, and type another amount; not yet saved."""
        self.row(reason).click()
        self.link("Edit").click()
        self.field("Amount").fill(amount)

    def expect_both(self, mine: str, theirs: str) -> None:
        """The dialog that compares shows both amounts."""
        table = self.page.get_by_role("dialog").get_by_role("table")
        expect(table).to_contain_text(amount(mine))
        expect(table).to_contain_text(amount(theirs))

    def expect_gone(self) -> None:
        """The screen says that the event is not there, or not for this person."""
        gone = "This is not here, or no longer yours to see. Perhaps you left the event, or were removed."
        expect(self.text(gone)).to_be_visible()

    def wait_for_cache(self) -> None:
        """From now on, the app opens without a network."""
        self.page.wait_for_function(CACHED)

    def close_page(self) -> None:
        """Close the app; the browser keeps what it has stored."""
        self.page.close()

    def open_page(self, path: str) -> None:
        """Open the app again."""
        self.window.page = self.window.context.new_page()
        self.open(path)

    @contextmanager
    def offline(self) -> Iterator[None]:
        """No network within the block."""
        self.wait_for_cache()
        with self.window.offline():
            yield


def amount(digits: str) -> re.Pattern[str]:
    """An amount such as 48.60, with a point or a comma."""
    return re.compile(re.escape(digits).replace(r"\.", "[.,]"))
