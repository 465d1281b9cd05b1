"""A browser's session in a cookie that no script can read, and streams of events that continue."""

import json
import re
from collections.abc import Iterator

import httpx
import pytest

from howmuch.v1 import event_service_pb2
from tests.rest.client import Rest
from tests.service.api import PASSWORD_OF_CHEAP_HASH, Api, Person

SAME = {"sec-fetch-site": "same-origin"}
CROSS = {"sec-fetch-site": "cross-site"}


@pytest.fixture
def person(api: Api) -> Person:
    return api.person("Ana")


@pytest.fixture
def browser(rest: Rest) -> Iterator[httpx.Client]:
    """It keeps cookies, as browsers do."""
    with httpx.Client(base_url=rest.base_url, headers=SAME) as client:
        yield client


def log_in(
    browser: httpx.Client, person: Person, headers: dict[str, str] | None = None
) -> httpx.Response:
    content = {"email": person.email, "password": PASSWORD_OF_CHEAP_HASH, "cookie": True}
    return browser.post("/v1/sessions", json=content, headers=headers)


def test_session_of_a_browser_is_in_a_cookie_alone(browser: httpx.Client, person: Person) -> None:
    """From log-in to log-out, which removes it."""
    answer = log_in(browser, person)
    assert answer.json().keys() == {"session", "user"}
    session, marker = answer.headers.get_list("set-cookie")
    found = re.fullmatch(
        r"howmuch_session=[A-Za-z0-9_-]{43}; Path=/; Max-Age=(\d+); HttpOnly; SameSite=Lax", session
    )
    assert found
    assert int(found[1]) > 24 * 3600
    assert marker == f"howmuch_signed_in=1; Path=/; Max-Age={found[1]}; SameSite=Lax"
    assert browser.get("/v1/users/me").json()["email"] == person.email
    assert browser.patch("/v1/users/me", json={"name": "Ada"}).json()["name"] == "Ada"
    ended = browser.request(
        "DELETE", "/v1/sessions/current", headers={"content-type": "application/json"}
    )
    assert ended.status_code == 200
    assert [value.count("Max-Age=0") for value in ended.headers.get_list("set-cookie")] == [1, 1]
    assert not browser.cookies
    assert browser.get("/v1/users/me").status_code == 401


def test_pages_of_other_sites_cannot_use_the_cookie(browser: httpx.Client, person: Person) -> None:
    """Neither to read, nor to write, nor to log somebody in."""
    log_in(browser, person)
    for answer in (
        browser.get("/v1/users/me", headers=CROSS),
        browser.patch("/v1/users/me", json={"name": "Eve"}, headers=CROSS),
        browser.post(
            "/v1/users/me:changePassword", content="{}", headers={"content-type": "text/plain"}
        ),
        log_in(browser, person, CROSS),
    ):
        assert (answer.status_code, answer.json()["details"][0]["reason"]) == (
            403,
            "COOKIE_NOT_ACCEPTED",
        )
    # A bearer token counts wherever it comes from.
    bearer = {**CROSS, "authorization": f"Bearer {person.token}"}
    assert browser.get("/v1/users/me", headers=bearer).status_code == 200
    # Public methods need no session.
    assert browser.get("/v1/invitations/x", headers=CROSS).status_code == 400


def test_cookie_of_an_ended_session_is_removed(
    browser: httpx.Client, person: Person, api: Api
) -> None:
    """But not after a wrong password."""
    log_in(browser, person)
    wrong = {"currentPassword": "x", "newPassword": "correct horse battery"}
    answer = browser.post("/v1/users/me:changePassword", json=wrong)
    assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)
    browser.cookies.clear()
    browser.cookies.set("howmuch_session", "y" * 43)
    answer = browser.get("/v1/users/me")
    assert answer.status_code == 401
    assert "Max-Age=0" in answer.headers["set-cookie"]


def test_program_that_asks_for_no_cookie_gets_its_token(rest: Rest, person: Person) -> None:
    content = {"email": person.email, "password": PASSWORD_OF_CHEAP_HASH}
    answer = rest.post("/v1/sessions", content)
    assert answer.ok["token"]
    assert "set-cookie" not in answer.headers


def test_events_have_their_revisions_as_ids_and_continue(
    browser: httpx.Client, person: Person
) -> None:
    """With the cookie, as an EventSource asks; a quiet stream says at once that it is there."""
    log_in(browser, person)
    event = person.event()
    person.guest(event.id, "Bo")
    person.guest(event.id, "Cy")
    path = f"/v1/events/{event.id}:watch"
    events = {"accept": "text/event-stream"}
    with browser.stream("GET", path, headers={**events, "last-event-id": "1"}) as answer:
        lines = answer.iter_lines()
        ids = [next(line for line in lines if line.startswith("id: ")) for _ in range(2)]
        assert ids == ["id: 2", "id: 3"]
    with browser.stream("GET", path, headers={**events, "last-event-id": "3"}) as answer:
        assert next(answer.iter_lines()) == ": connected"
    lines_of = {"accept": "application/x-ndjson"}
    with browser.stream("GET", path, params={"sinceRevision": 3}, headers=lines_of) as answer:
        assert next(answer.iter_lines()) == ""
    # An array says it too, before there is a message.
    with browser.stream("GET", path, params={"sinceRevision": 3}) as answer:
        assert answer.headers["content-type"] == "application/json"
        parts = answer.iter_raw()
        assert next(parts) == b"["
        for name in ("Di", "Ed"):
            person.guest(event.id, name)
        found = b""
        while found.count(b'"revision"') < 2:
            found += next(parts)
        assert len(json.loads(b"[" + found + b"]")) == 2
    outside = browser.get(path, headers={**events, "last-event-id": "99"}).json()
    assert outside["message"].startswith("last-event-id: 99 is not between 0 and 5")
    [violation] = [
        each for detail in outside["details"] for each in detail.get("fieldViolations", ())
    ]
    assert violation["field"] == "last-event-id"
    refused = browser.get(path, headers={**events, "last-event-id": "three"})
    assert (refused.status_code, refused.json()["details"][0]["reason"]) == (400, "HEADER_INVALID")


def test_watch_over_grpc_says_at_once_that_it_is_there(person: Person) -> None:
    """Also while nothing changes."""
    event = person.event()
    request = event_service_pb2.WatchEventRequest(event_id=event.id, since_revision=event.revision)
    stream = person.events.WatchEvent(request)
    assert stream.initial_metadata() is not None
    assert stream.is_active()
    stream.cancel()
