"""What browsers are told with every answer, and what they and caches may not keep."""

from collections.abc import Iterator

import pytest

from howmuch.storage.database import Database
from tests.gateway.backend import Backend
from tests.gateway.engine import running_gateway
from tests.gateway.http_client import Reply, send
from tests.gateway.wire_client import WireClient
from tests.rest.client import Rest
from tests.rest.serving import serving
from tests.service.api import Api
from tests.service.world import PASSWORD

SAFE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}
PAGES = ("/", "/developers", "/docs")


@pytest.fixture(scope="module")
def port(backend: Backend) -> Iterator[int]:
    """A gateway, over HTTP."""
    with running_gateway(backend.port) as port:
        yield port


def policy_of(reply: Reply) -> dict[str, str]:
    """The directives of its one Content-Security-Policy."""
    [policy] = reply.values("content-security-policy")
    parts = (part.strip().partition(" ") for part in policy.split(";"))
    return {name: value for name, _, value in parts}


def check_safe(reply: Reply) -> None:
    for name, value in SAFE.items():
        assert reply.values(name) == [value]
    policy = policy_of(reply)
    assert (policy["default-src"], policy["frame-ancestors"]) == ("'none'", "'none'")
    assert reply.values("server") == []


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/v1/resp", 200),
        ("POST", "/v1/create", 200),
        ("GET", "/v1/watch", 200),
        ("OPTIONS", "/v1/resp", 204),
        ("GET", "/nowhere", 404),
        ("TRACE", "/v1/resp", 405),
        ("GET", "/healthz", 200),
        ("GET", "/openapi.json", 200),
        *(("GET", page, 200) for page in PAGES),
    ],
)
def test_every_answer_is_safe_for_browsers(
    backend: Backend, port: int, method: str, target: str, status: int
) -> None:
    """No sniffing, no referrer, no frame, nothing for pages of other origins, no name of what answers."""
    backend.answer({"responses": [{}]})
    reply = send(port, method, target)
    assert reply.status == status
    check_safe(reply)


def test_answer_to_what_cannot_be_read_is_safe_for_browsers(port: int) -> None:
    """It comes from elsewhere than other answers."""
    with WireClient(port) as client:
        client.send(b"nonsense\r\n\r\n")
        reply = client.reply()
    assert (reply.status, reply.values("cache-control")) == (400, ["no-store"])
    check_safe(reply)


@pytest.mark.parametrize("page", PAGES)
def test_pages_run_their_own_scripts_alone(port: int, page: str) -> None:
    """None in the page itself, none from elsewhere; they get at no device, and no other window at them."""
    reply = send(port, "GET", page)
    policy = policy_of(reply)
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["base-uri"] == policy["form-action"] == "'none'"
    assert reply.values("cross-origin-opener-policy") == ["same-origin"]
    [permissions] = reply.values("permissions-policy")
    assert {"camera=()", "geolocation=()", "microphone=()"} <= set(permissions.split(", "))
    assert b"<script>" not in reply.content


@pytest.fixture(scope="module")
def both(sqlite_database: Database) -> Iterator[tuple[Api, Rest]]:
    """The product, as `howmuch run` starts it."""
    with serving(sqlite_database) as running:
        yield running


def test_answers_with_secrets_are_kept_nowhere(both: tuple[Api, Rest]) -> None:
    """Session tokens, invitations, and refusals, which repeat what was sent."""
    account = {"email": "no.store@example.com", "password": PASSWORD, "name": "Ana"}
    credentials = {"email": account["email"], "password": PASSWORD}
    _, rest = both
    made = rest.post("/v1/users", account)
    session = rest.post("/v1/sessions", credentials)
    refused = rest.post("/v1/sessions", credentials | {"password": "wrong password"})
    ana = rest.signed_in(session.ok["token"])
    event_id = ana.post("/v1/events", {"name": "Oslo", "currency_code": "EUR"}).ok["id"]
    invitation = ana.post(f"/v1/events/{event_id}/invitations", {})
    assert (made.status, refused.status) == (200, 401)
    assert invitation.ok["token"]
    for answer in (made, session, refused, invitation):
        assert answer.headers["cache-control"] == "no-store"


def test_answers_with_data_are_kept_by_nobody_between(both: tuple[Api, Rest]) -> None:
    """A browser may keep them for itself, and has to ask each time whether they still hold."""
    api, rest = both
    ana = api.person("Ana")
    event = ana.event()
    for path in ("/v1/users/me", f"/v1/events/{event.id}"):
        answer = rest.signed_in(ana.token).get(path)
        assert answer.ok
        assert answer.headers["cache-control"] == "private, no-cache"
