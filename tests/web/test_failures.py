"""What goes wrong while somebody writes: the screen says what happened, and nothing typed is lost."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.web.app import App
from tests.web.conftest import OpenWindow
from tests.web.hands import Hands
from tests.web.people import Person, Trip
from tests.web.windows import Look, Window, kept_window

NO_ANSWER = r"net::ERR_(CONNECTION|EMPTY|INCOMPLETE|ABORTED)"
REFUSED = r"status of (401|403|404|409)"
LATENCY_MILLISECONDS = 400
BYTES_PER_SECOND = 400_000 / 8


def in_event(opened: Window, person: Person, trip: Trip) -> Hands:
    """Who is logged in, and looks at the expenses of a trip."""
    opened.log_in(person)
    hands = Hands(opened)
    hands.open_event(trip.path)
    return hands


def in_form(opened: Window, person: Person, trip: Trip) -> Hands:
    """Who has typed an expense of a trip, and has not saved it."""
    hands = in_event(opened, person, trip)
    hands.link("Add an expense").click()
    hands.fill_expense("Dinner", "48.60")
    return hands


def reasons(person: Person, trip: Trip) -> list[str]:
    """What the server has."""
    return [each["reason"] for each in person.get(f"{trip.api}/expenses").get("expenses", [])]


def test_expense_waits_while_the_server_is_down(own_app: App, open_own_window: OpenWindow) -> None:
    """It is saved on the device, said to wait, and sent once when the server is back."""
    ana = own_app.person()
    trip = ana.trip()
    hands = in_form(open_own_window(Look()), ana, trip)
    hands.window.expect(NO_ANSWER)
    own_app.stop()
    hands.button("Save").click()
    expect(hands.row("Dinner")).to_contain_text("waiting")
    expect(hands.page.locator("a[href='/waiting']")).to_be_visible()
    own_app.start()
    expect(hands.row("Dinner")).not_to_contain_text("waiting")
    assert reasons(ana, trip) == ["Dinner"]


def test_form_is_loaded_again_while_the_server_is_down(
    own_app: App, open_own_window: OpenWindow
) -> None:
    """The app opens without the server, and offers to go on with what was typed."""
    ana = own_app.person()
    hands = in_form(open_own_window(Look()), ana, ana.trip())
    hands.wait_for_cache()
    hands.window.expect(NO_ANSWER)
    own_app.stop()
    hands.page.reload(wait_until="commit")
    hands.button("Go on").click()
    hands.expect_filled("Dinner", "48.60")


def test_event_is_started_once_the_server_is_back(
    own_app: App, open_own_window: OpenWindow
) -> None:
    """What waits for nothing says that the server does not answer, and works at the next try."""
    ana = own_app.person()
    hands = Hands(open_own_window(Look()))
    hands.window.log_in(ana)
    hands.open("/events/new")
    hands.fill_event("Lisbon", "Bo, Cy")
    hands.window.expect(NO_ANSWER)
    own_app.stop()
    hands.button("Start").click()
    message = "howmuch does not answer. It may be starting again; nothing that you typed is lost."
    expect(hands.text(message)).to_be_visible()
    expect(hands.field("What is it?")).to_have_value("Lisbon")
    own_app.start()
    hands.button("Start").click()
    hands.expect_event()
    (event,) = ana.get("/v1/events")["events"]
    members = ana.get(f"/v1/events/{event['id']}/members")["members"]
    assert [each["name"] for each in members] == ["Ana", "Bo", "Cy"]


def test_session_ends_while_an_expense_is_typed(app: App, phone: Window) -> None:
    """The log-in leads back, and what was saved before is sent."""
    ana = app.person()
    trip = ana.trip()
    hands = in_form(phone, ana, trip)
    phone.expect(REFUSED)
    ana.end_other_sessions()
    hands.button("Save").click()
    expect(hands.text("You are logged out. Log in to go on where you were.")).to_be_visible()
    hands.link("Log in").click()
    hands.log_in(ana)
    expect(hands.row("Dinner")).not_to_contain_text("waiting")
    assert reasons(ana, trip) == ["Dinner"]


def test_session_ends_while_an_event_is_typed(app: App, phone: Window) -> None:
    """The log-in leads back to the form, which still has what was typed."""
    ana = app.person()
    hands = Hands(phone)
    phone.log_in(ana)
    hands.open("/events/new")
    hands.fill_event("Lisbon", "Bo, Cy")
    phone.expect(REFUSED)
    ana.end_other_sessions()
    hands.button("Start").click()
    hands.link("Log in").click()
    hands.log_in(ana)
    expect(hands.field("What is it?")).to_have_value("Lisbon")
    expect(hands.button("Remove {name}", "Cy")).to_be_visible()
    hands.button("Start").click()
    hands.expect_event()


def test_event_is_archived_while_an_expense_is_typed(app: App, phone: Window) -> None:
    """The screen says so. When the event is open again, what was typed is offered."""
    ana, bo = app.person("Ana"), app.person("Bo")
    trip = ana.trip()
    trip.join(bo)
    hands = in_form(phone, bo, trip)
    ana.post(f"{trip.api}:archive", {})
    message = "This event is archived, so its expenses cannot change. An owner can open it again."
    expect(hands.text(message)).to_be_visible()
    ana.post(f"{trip.api}:unarchive", {})
    hands.button("Go on").click()
    hands.expect_filled("Dinner", "48.60")
    hands.button("Save").click()
    expect(hands.row("Dinner")).to_be_visible()


def test_member_is_removed_while_the_event_is_open(app: App, phone: Window) -> None:
    """The screen says that the event is no longer theirs, and leads to the others."""
    ana, bo = app.person("Ana"), app.person("Bo")
    trip = ana.trip()
    trip.join(bo)
    hands = in_event(phone, bo, trip)
    phone.expect(REFUSED)
    ana.delete(f"{trip.api}/members/{trip.members[bo.name]}")
    hands.expect_gone()
    hands.link("To my events").click()
    expect(hands.text("No events yet")).to_be_visible()


def test_member_is_removed_while_an_expense_is_typed(app: App, phone: Window) -> None:
    """The form says so when it is saved, and keeps what was typed."""
    ana, bo = app.person("Ana"), app.person("Bo")
    trip = ana.trip()
    trip.join(bo)
    hands = in_form(phone, bo, trip)
    phone.expect(REFUSED)
    ana.delete(f"{trip.api}/members/{trip.members[bo.name]}")
    hands.button("Save").click()
    hands.expect_gone()
    hands.expect_filled("Dinner", "48.60")


def test_impatient_thumb_saves_once_on_a_slow_network(app: App, phone: Window) -> None:
    """The button says that it saves, and the second press does nothing."""
    ana = app.person()
    trip = ana.trip()
    hands = in_form(phone, ana, trip)
    network = {"offline": False, "latency": LATENCY_MILLISECONDS}
    speed = {"downloadThroughput": BYTES_PER_SECOND, "uploadThroughput": BYTES_PER_SECOND}
    session = phone.context.new_cdp_session(phone.page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", network | speed)
    hands.button("Save").dblclick()
    expect(hands.button("Saving…")).to_be_visible()
    expect(hands.row("Dinner")).to_be_visible()
    assert reasons(ana, trip) == ["Dinner"]


def test_event_opens_without_a_network(app: App, phone: Window) -> None:
    """With the expenses that were there before, and a note that they may be old."""
    ana = app.person()
    trip = ana.trip(expenses=3)
    hands = in_event(phone, ana, trip)
    expect(hands.row("Dinner 1")).to_be_visible()
    with hands.offline():
        hands.page.reload(wait_until="commit")
        expect(hands.row("Dinner 1")).to_be_visible()
        note = "howmuch does not answer now. You see what it said last; what you add is sent later."
        expect(hands.text(note)).to_be_visible()


def test_expense_made_offline_survives_the_browser(
    app: App, browser: Browser, tmp_path: Path
) -> None:
    """The whole browser is closed without a network, and opened again."""
    ana = app.person()
    trip = ana.trip()
    with kept_window(browser, app.origin, Look(), tmp_path) as opened:
        hands = in_event(opened, ana, trip)
        with hands.offline():
            hands.add_expense("Coffee", "4.50")
            expect(hands.row("Coffee")).to_contain_text("waiting")
            opened.page.close()
    assert reasons(ana, trip) == []
    with kept_window(browser, app.origin, Look(), tmp_path) as opened:
        hands = Hands(opened)
        with opened.offline():
            hands.open(trip.path)
            expect(hands.row("Coffee")).to_contain_text("waiting")
        expect(hands.row("Coffee")).not_to_contain_text("waiting")
    assert reasons(ana, trip) == ["Coffee"]
