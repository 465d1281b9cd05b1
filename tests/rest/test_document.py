"""The judge of all answers is strict: what the OpenAPI document does not say fails a test."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.rest.client import Rest
from tests.rest.messages import ARRAY, SSE

HEADERS = {"content-type": "application/json", "x-request-id": "1"}
ME = {"id": "usr_1", "name": "Ana", "mailMode": "MAIL_MODE_EACH_CHANGE"}
ERROR = {"code": 5, "message": "There is none.", "details": []}


def text(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("verb", "path", "status", "headers", "body"),
    [
        ("GET", "/v1/users/me", 200, HEADERS, text(ME)),
        ("HEAD", "/v1/users/me", 200, HEADERS, b""),
        ("GET", "/v1/users/me", 304, HEADERS, b""),
        ("GET", "/v1/events/evt_1", 404, HEADERS, text(ERROR)),
        ("POST", "/v1/events/evt_1:undelete", 200, HEADERS, text({"name": "Lisbon"})),
    ],
    ids=["body", "HEAD", "not modified", "error", "verb"],
)
def test_what_is_documented_passes(
    rest: Rest, verb: str, path: str, status: int, headers: Mapping[str, str], body: bytes
) -> None:
    """Answers of several kinds that the document has."""
    rest.document.check(verb, path, status, headers, body)


@pytest.mark.parametrize(
    ("verb", "path", "status", "headers", "body"),
    [
        pytest.param("PUT", "/v1/users/me", 200, HEADERS, text(ME), id="method"),
        pytest.param("GET", "/v1/people", 200, HEADERS, text(ME), id="path"),
        pytest.param("GET", "/v1/people", 404, HEADERS, text(ERROR), id="error of no operation"),
        pytest.param("GET", "/v1/users/me", 201, HEADERS, text(ME), id="status"),
        pytest.param("GET", "/v1/users/me", 302, HEADERS, text(ERROR), id="status by default"),
        pytest.param("GET", "/v1/users/me", 200, HEADERS, text({"name": 5}), id="type"),
        pytest.param("GET", "/v1/users/me", 200, HEADERS, text([ME]), id="shape"),
        pytest.param("GET", "/v1/users/me", 200, HEADERS, b"", id="no body"),
        pytest.param("GET", "/v1/users/me", 304, HEADERS, text(ME), id="body of 304"),
        pytest.param("HEAD", "/v1/users/me", 200, HEADERS, text(ME), id="body of HEAD"),
        pytest.param("GET", "/v1/users/me", 404, HEADERS, text({"code": 5}), id="error"),
        pytest.param(
            "GET", "/v1/users/me", 200, {**HEADERS, "content-type": "text/html"}, b"Ana", id="form"
        ),
        pytest.param(
            "GET", "/v1/users/me", 200, {"content-type": ARRAY}, text(ME), id="required header"
        ),
    ],
)
def test_what_is_not_documented_fails(
    rest: Rest, verb: str, path: str, status: int, headers: Mapping[str, str], body: bytes
) -> None:
    """Methods, paths, statuses, forms, headers and bodies that the document does not have."""
    with pytest.raises(AssertionError):
        rest.document.check(verb, path, status, headers, body)


@pytest.mark.parametrize(
    ("path", "media_type", "message", "passes"),
    [
        ("/v1/events/evt_1:watch", SSE, {"revision": "1"}, True),
        ("/v1/events/evt_1:watch", SSE, {"revision": 1}, False),
        ("/v1/events/evt_1:watch", "text/csv", {"revision": "1"}, False),
    ],
)
def test_messages_of_streams_are_judged_one_by_one(
    rest: Rest, path: str, media_type: str, message: Any, *, passes: bool
) -> None:
    """A message is an item of the documented array, in a form that is documented."""
    if passes:
        rest.document.check_message(path, media_type, message)
    else:
        with pytest.raises(AssertionError):
            rest.document.check_message(path, media_type, message)
