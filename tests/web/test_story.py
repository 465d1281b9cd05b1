"""The story of the web app: two friends and a trip, from the first visit to the last payment."""

import pytest
from playwright.sync_api import expect

from tests.e2e.test_mail_of_run import PASSWORD
from tests.web.accessible import accessible
from tests.web.app import App
from tests.web.conftest import OpenWindow
from tests.web.hands import Hands, amount
from tests.web.windows import Look

LOOKS = [Look("phone", "light", "en"), Look("desktop", "dark", "fr")]


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_two_friends_share_a_trip(own_app: App, open_own_window: OpenWindow, look: Look) -> None:
    """No error in a console and no request to another origin in all of it: their windows see to that."""
    ana, bo = Hands(open_own_window(look)), Hands(open_own_window(look))
    path = start_a_trip(own_app, ana)
    join_by_mail(own_app, ana, bo, path)
    ana.open_event(path)
    both_add(ana, bo)
    add_offline(ana, bo, path)
    change_the_same(ana, bo)
    settle(ana, bo, path)
    delete_and_restore(ana, bo, path)


def start_a_trip(app: App, ana: Hands) -> str:
    """Ana signs up on the first page, confirms her address, and starts a trip with Bo and Cy."""
    ana.open("/")
    ana.link("Start a trip").click()
    ana.sign_up("ana@example.com", PASSWORD, name="Ana", button=ana.say("Sign up"))
    ana.fill_event("Lisbon", "Bo, Cy")
    expect(ana.button("Remove {name}", "Cy")).to_be_visible()
    ana.button("Start").click()
    ana.expect_event()
    path = ana.page.evaluate("() => location.pathname")
    ana.open(app.mailed_link("ana@example.com", ":verify"))
    ana.page.get_by_role("button").click()
    expect(ana.page.get_by_role("button")).to_have_count(0)
    return str(path)


def join_by_mail(app: App, ana: Hands, bo: Hands, path: str) -> None:
    """Ana invites Bo by mail. He opens its link, says which of the guests he is, signs up, and is in."""
    ana.open_event(path)
    ana.link("Members").click()
    ana.button("Invite").click()
    ana.field("E-mail address (optional)").fill("bo@example.com")
    ana.button("Send the invitation").click()
    ana.button("Close").click()
    bo.open(app.link_to_join("bo@example.com"))
    bo.page.get_by_role("link", name="Bo", exact=True).click()
    expect(bo.field("Your name")).to_have_value("Bo")
    bo.sign_up("bo@example.com", PASSWORD, name="", button=bo.say("Join as {0}", "Bo"))
    bo.expect_event()
    assert bo.page.evaluate("() => location.pathname") == path


def both_add(ana: Hands, bo: Hands) -> None:
    """Each sees what the other adds, without asking."""
    ana.add_expense("Dinner", "48,60")
    expect(bo.row("Dinner")).to_contain_text(amount("48.60"))
    bo.add_expense("Taxi", "12")
    expect(ana.row("Taxi")).to_contain_text(amount("12.00"))


def add_offline(ana: Hands, bo: Hands, path: str) -> None:
    """Bo adds without a network, and closes the app. It is sent when he comes back and there is a network."""
    with bo.offline():
        bo.add_expense("Coffee", "4.50")
        expect(bo.row("Coffee")).to_contain_text(bo.say("waiting"))
        bo.close_page()
        bo.open_page(path)
        expect(bo.row("Coffee")).to_contain_text(bo.say("waiting"))
        expect(bo.row("Dinner")).to_be_visible()
        accessible(bo.page)
        expect(ana.row("Coffee")).to_have_count(0)
    expect(ana.row("Coffee")).to_contain_text(amount("4.50"))
    expect(bo.row("Coffee")).not_to_contain_text(bo.say("waiting"))


def change_the_same(ana: Hands, bo: Hands) -> None:
    """Both change the dinner. Bo, who is later, sees both versions, and takes his."""
    bo.edit_expense("Dinner", "52")
    ana.edit_expense("Dinner", "50")
    ana.button("Save").click()
    expect(ana.page.get_by_role("main")).to_contain_text(amount("50.00"))
    bo.text("Somebody else changed this meanwhile. What you typed is still here.").wait_for()
    bo.button("Save").click()
    bo.expect_both("52.00", "50.00")
    accessible(bo.page)
    bo.button("Take mine").click()
    expect(bo.page.get_by_role("main")).to_contain_text(amount("52.00"))
    expect(ana.page.get_by_role("main")).to_contain_text(amount("52.00"))


def settle(ana: Hands, bo: Hands, path: str) -> None:
    """Bo's payment to Ana is marked as paid, opened again by mistake, and marked again."""
    for hands in (ana, bo):
        hands.open(f"{path}/balances")
        expect(hands.button("Mark as paid: {payer} to {receiver}", "Bo", "Ana")).to_be_visible()
    ana.button("Mark as paid: {payer} to {receiver}", "Bo", "Ana").click()
    expect(bo.button("Mark as paid: {payer} to {receiver}", "Bo", "Ana")).to_have_count(0)
    ana.button("Undo: {payer} to {receiver}", "Bo", "Ana").click()
    expect(ana.text("The payment is open again")).to_be_visible()
    bo.button("Mark as paid: {payer} to {receiver}", "Bo", "Ana").click()
    expect(ana.button("Mark as paid: {payer} to {receiver}", "Bo", "Ana")).to_have_count(0)


def delete_and_restore(ana: Hands, bo: Hands, path: str) -> None:
    """Bo deletes the taxi. Ana sees it among what happened, and brings it back."""
    bo.open_event(path)
    bo.row("Taxi").click()
    bo.button("Delete").click()
    expect(bo.row("Dinner")).to_be_visible()
    expect(bo.row("Taxi")).to_have_count(0)
    ana.open(f"{path}/activity")
    ana.button("Restore “{reason}”", "Taxi").click()
    expect(bo.row("Taxi")).to_be_visible()
