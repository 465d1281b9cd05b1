"""Links in mails over HTTP: pages, their headers, and the one-click request (RFC 8058) of mail programs."""

import base64
import hashlib
import html
import re

import httpx
import pytest

from howmuch.v1 import event_service_pb2 as es
from tests.rest.client import Rest
from tests.rest.steps import refusal
from tests.service.api import Api, Person
from tests.service.test_mail_pages import muted, title
from tests.service.world import mail_token, mailed_token

ONE_CLICK = b"List-Unsubscribe=One-Click"
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def reader(api: Api) -> Person:
    """Somebody who gets mails."""
    return api.person("Reader")


def link_of(api: Api, reader: Person, event_id: str) -> str:
    """The link of a mail about an event."""
    return f"/v1/mail/{mail_token(api, reader.user_id)}:unsubscribe?eventId={event_id}"


def test_one_click_request_ends_the_mails_of_an_event(api: Api, rest: Rest, reader: Person) -> None:
    """A mail program posts its form to the link; on the same connection, the next request is answered."""
    event = reader.event()
    link = link_of(api, reader, event.id)
    with httpx.Client(
        base_url=rest.base_url,
        trust_env=False,
        timeout=30,
        limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=60),
    ) as mail_program:
        streams = []
        for verb, body in (("POST", ONE_CLICK), ("POST", ONE_CLICK * 4000), ("GET", None)):
            headers = FORM if body else {}
            with mail_program.stream(verb, link, content=body, headers=headers) as answer:
                assert answer.status_code == 200
                assert "“<bdi>Lisbon</bdi>”" in answer.read().decode()
                streams.append(answer.extensions["network_stream"].get_extra_info("client_addr"))
    assert len(set(streams)) == 1, "each request had a connection of its own"
    assert muted(api, event.id) == {reader.user_id: True}


def test_one_click_request_in_parts_ends_all_mails(api: Api, rest: Rest, reader: Person) -> None:
    """multipart/form-data is the other form that RFC 8058 allows; the answer is the page."""
    with httpx.Client(base_url=rest.base_url, trust_env=False, timeout=30) as mail_program:
        answer = mail_program.post(
            f"/v1/mail/{mail_token(api, reader.user_id)}:unsubscribe",
            files={"List-Unsubscribe": (None, "One-Click")},
        )
    assert answer.status_code == 200
    assert title(answer.text) == "You will get no more mails about your events."
    mine = rest.signed_in(reader.token).get("/v1/users/me").ok
    assert mine["mailMode"] == "MAIL_MODE_OFF"


def test_pages_may_run_what_is_theirs_and_nothing_else(
    api: Api, rest: Rest, reader: Person
) -> None:
    """One policy, which has the hashes of style and script; no page is stored, or sends its address on."""
    event = reader.event()
    verify = mailed_token(api, reader.user_id, "VERIFY_EMAIL")
    reset = mailed_token(api, reader.user_id, "RESET_PASSWORD")
    change = mailed_token(api, reader.user_id, "CHANGE_EMAIL")
    undo = mailed_token(api, reader.user_id, "UNDO_EMAIL")
    stop = mail_token(api, reader.user_id)
    join = reader.events.CreateInvitation(es.CreateInvitationRequest(event_id=event.id)).token
    for answer in (
        rest.get(f"/v1/mail/{stop}:unsubscribe", eventId=event.id),
        rest.request("POST", f"/v1/mail/{stop}:unsubscribe"),
        rest.get(f"/v1/mail/{verify}:verify"),
        rest.get(f"/v1/mail/{reset}:reset"),
        rest.get(f"/v1/mail/{change}:confirmEmailChange"),
        rest.get(f"/v1/mail/{undo}:undoEmailChange"),
        rest.get(f"/join/{join}"),
        rest.get(f"/join/{'a' * 43}"),
    ):
        assert answer.status == 200
        headers = answer.headers
        assert headers["content-type"] == "text/html; charset=utf-8"
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        policy = dict(
            part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";")
        )
        page = answer.body.decode()
        marks = re.findall(r"<(style|script)>", page)
        if "script" in marks:
            assert policy.pop("script-src").startswith("'sha256-")
            assert policy.pop("connect-src") == "'self'"
        assert "style" in marks
        for mark in marks:
            [inner] = re.findall(f"<{mark}>(.*?)</{mark}>", page, re.DOTALL)
            digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in headers["content-security-policy"]
        assert policy.pop("style-src").startswith("'sha256-")
        assert policy == {
            "default-src": "'none'",
            "form-action": "'self'",
            "frame-ancestors": "'none'",
            "base-uri": "'none'",
        }
        # Browsers load nothing that a meta element names.
        shown = re.sub("<meta [^>]*>", "", page)
        assert not re.search(r"\son\w+=|\sstyle=|https?://", shown)


def test_form_posts_to_the_link_that_showed_it(api: Api, rest: Rest, reader: Person) -> None:
    """What the button sends is what the page was about."""
    link = link_of(api, reader, reader.event().id)
    path, _, event_id = link.partition("?eventId=")
    page = rest.get(path, eventId=event_id).body.decode()
    assert f'<form method="post" action="{link}">' in page
    assert f'action="{path}">' in rest.get(path).body.decode()


@pytest.mark.parametrize("action", ["unsubscribe", "verify", "reset"])
def test_refusal_of_a_link_is_a_page_in_a_browser(rest: Rest, action: str) -> None:
    """Whoever opens an old link reads the sentence that programs get, and nothing that was sent is obeyed."""
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    path = f"/v1/mail/{'a' * 43}:{action}"
    answer = httpx.get(rest.base_url + path, headers=browser | {"X-Request-Id": "<b>&"}, timeout=30)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert f"<p>{html.escape(rest.get(path).failure.message)}</p>" in answer.text
    assert "Request &lt;b&gt;&amp;" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "accept" in answer.headers["vary"]
    policy = answer.headers["content-security-policy"]
    style = re.search("<style>(.*)</style>", answer.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'")


def test_refusal_of_another_route_is_json_in_a_browser_too(rest: Rest) -> None:
    answer = httpx.get(
        f"{rest.base_url}/v1/users/me", headers={"Accept": "text/html,*/*"}, timeout=30
    )
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/json")


@pytest.mark.parametrize("action", ["unsubscribe", "verify", "reset"])
def test_refusal_of_a_link_is_json_to_programs(rest: Rest, action: str) -> None:
    """As any error is."""
    assert refusal(rest.get(f"/v1/mail/{'a' * 43}:{action}")) == (400, "TOKEN_INVALID")
    assert refusal(rest.get(f"/v1/mail/{'a' * 42}:{action}")) == (400, "TOKEN_MALFORMED")
