"""The session is checked before a body is read or decoded, at no cost to a body of a usual size."""

import gzip
import json

import httpx
import pytest

from tests.databases import recorded_statements
from tests.rest.client import Rest
from tests.rest.steps import new_event
from tests.service.api import Api

GZIP = {"content-encoding": "gzip"}


def refused(rest: Rest, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    """Status and reason."""
    answer = httpx.patch(f"{rest.base_url}{path}", content=body, headers=headers, timeout=30)
    details = answer.json()["details"]
    return answer.status_code, next(each["reason"] for each in details if "reason" in each)


@pytest.mark.parametrize("body", [b"{", b'{"name":5}', b"x" * 20_000])
def test_call_without_a_session_is_refused_whatever_its_body(rest: Rest, body: bytes) -> None:
    """In the words of the server; with a session, the body is what is wrong."""
    headers = {"content-type": "application/json"}
    found = refused(rest, "/v1/users/me", body, headers)
    assert found == (401, "SESSION_REQUIRED")


def test_wrong_session_is_refused_before_a_costly_body_is_decoded(rest: Rest, ana: Rest) -> None:
    """One that is compressed, or large."""
    wrong = {"authorization": "Bearer wrong"}
    right = {"authorization": f"Bearer {ana.token}"}
    for body, headers in ((b"no gzip", GZIP), (b"x" * 20_000, {})):
        found = refused(rest, "/v1/users/me", body, {**wrong, **headers})
        assert found == (401, "SESSION_INVALID")
        assert refused(rest, "/v1/users/me", body, {**right, **headers})[0] == 400


def test_check_costs_a_statement_only_where_the_body_may_be_costly(api: Api, ana: Rest) -> None:
    """A usual write looks its session up once, as without a gateway."""
    path, _ = new_event(ana)
    counts = []
    notes = json.dumps({"name": "Lisbon", "currencyCode": "EUR"}).encode()
    for headers, body in (({}, notes), (GZIP, gzip.compress(notes))):
        with recorded_statements(api.database.engine) as statements:
            answer = httpx.patch(
                f"{ana.base_url}{path}",
                content=body,
                headers={"authorization": f"Bearer {ana.token}", **headers},
                timeout=30,
            )
        assert answer.status_code == 200, answer.text
        counts.append(sum("sessions" in statement for statement in statements))
    assert counts[1] == counts[0] + 1


def test_password_of_a_stranger_is_small(rest: Rest) -> None:
    """Public methods take 64 KiB."""
    body = json.dumps({"email": "a@example.com", "password": "x" * 70_000}).encode()
    answer = httpx.post(f"{rest.base_url}/v1/sessions", content=body, timeout=30)
    assert answer.status_code == 413
    assert "65536" in answer.json()["message"]
