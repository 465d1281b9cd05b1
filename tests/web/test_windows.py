"""The windows of these tests hear what goes wrong in them. Their page stands in for the app."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.waiting import until
from tests.web.app import App
from tests.web.conftest import OpenWindow
from tests.web.stand_in import show
from tests.web.windows import LOOKS, Look, Window, window


def use(app: App, browser: Browser, body: str, *, hear: str = "", expect: str = "") -> None:
    """A window that shows a page. hear: a complaint to wait for. Empty means none."""
    with window(browser, app.origin, Look()) as opened:
        if expect:
            opened.expect(expect)
        show(opened, body)
        until(lambda: opened.heard(hear), hear)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<script>console.error('red ink')</script>", "console: red ink"),
        ("<script>throw new Error('torn page')</script>", "script: .*torn page"),
        ("<script>fetch('http://127.0.0.1:9/')</script>", "request: GET http://127.0.0.1:9/: "),
        ("<img src='http://localhost:9/a.png' alt=''>", "another origin: GET http://localhost:9/"),
        ("<script>fetch('/v1/users/me')</script>", "console: .* status of 401"),
    ],
    ids=["console", "script", "request", "origin", "status"],
)
def test_window_hears_what_goes_wrong(
    app: App, browser: Browser, body: str, complaint: str
) -> None:
    """The test fails at its end, unless it says what it expects."""
    with pytest.raises(AssertionError, match=complaint):
        use(app, browser, body, hear=complaint)


def test_expected_complaint_has_to_come(app: App, browser: Browser) -> None:
    use(app, browser, "<script>console.error('red ink')</script>", hear="red", expect="red ink")
    with pytest.raises(AssertionError, match="did not come"):
        use(app, browser, "<p>Quiet</p>", expect="red ink")


def test_offline_requests_are_no_complaints(app: App, phone: Window) -> None:
    show(phone, "<p>Quiet</p>")
    ask = "fetch('/healthz').then((answer) => answer.status, () => 'no network')"
    with phone.offline():
        assert phone.page.evaluate(ask) == "no network"
    assert phone.page.evaluate(ask) == 200


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_window_has_its_look(open_window: OpenWindow, look: Look) -> None:
    opened = open_window(look)
    show(opened, "<p>Quiet</p>")
    seen = opened.page.evaluate(
        """() => [innerWidth, matchMedia('(prefers-color-scheme: dark)').matches, navigator.language,
        matchMedia('(pointer: coarse)').matches, navigator.userAgent.includes('Mobile')]"""
    )
    phone = look.device == "phone"
    width, dark = look.size[0], look.colours == "dark"
    language = {"en": "en-GB", "fr": "fr-FR"}[look.language]
    assert seen == [width, dark, language, phone, phone]


def test_person_is_logged_in_by_a_cookie(app: App, phone: Window, desktop: Window) -> None:
    """In one window; the other has cookies of its own."""
    ana = app.person("Ana")
    phone.log_in(ana)
    for opened in (phone, desktop):
        show(opened, "<p></p>")
        opened.page.evaluate(
            """async () => {
            const answer = await fetch('/v1/users/me');
            document.querySelector('p').textContent = (await answer.json()).name ?? 'nobody';
            }"""
        )
    expect(phone.page.locator("p")).to_have_text("Ana")
    expect(desktop.page.locator("p")).to_have_text("nobody")
    desktop.expect("status of 401")


def test_trip_has_members_expenses_and_friends(app: App) -> None:
    """What the tests stand on, made over REST; the invitation is mailed."""
    ana, bo = app.person("Ana", verified=True), app.person("Bo")
    trip = ana.trip(guests=["Bo", "Cy"], expenses=501)
    trip.invite(email="bo@example.com", memberId=trip.members["Bo"])
    assert re.fullmatch(rf"{app.origin}/join/\S+", app.link_to_join("bo@example.com"))
    trip.join(bo, guest="Bo")
    trip.spend("Dinner", by=bo, payer="Bo")
    listed = bo.get(f"{trip.api}/expenses")
    assert listed["expenses"][0]["reason"] == "Dinner"
    names = {each["name"] for each in bo.get(f"{trip.api}/members")["members"]}
    assert names == set(trip.members)


def test_app_continues_after_a_restart(own_app: App, open_own_window: OpenWindow) -> None:
    """At the same address, with the same data and sessions."""
    ana, opened = own_app.person("Ana"), open_own_window(Look())
    opened.log_in(ana)
    own_app.stop()
    own_app.start()
    answer = opened.context.request.get("/v1/users/me", headers={"sec-fetch-site": "same-origin"})
    assert answer.json()["name"] == "Ana"
