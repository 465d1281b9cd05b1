"""Errors name all wrong fields at once, as the caller wrote them: those of the gateway and of any service."""

import json
from typing import Any

import pytest

from tests.gateway.backend import Backend
from tests.gateway.http_client import send
from tests.gateway.statuses import check_status

INVALID_ARGUMENT = 3
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"


def violations(status: dict[str, Any]) -> list[dict[str, str]]:
    [found] = [each for each in status["details"] if each["@type"] == BAD_REQUEST]
    listed: list[dict[str, str]] = found["fieldViolations"]
    return listed


@pytest.mark.parametrize(
    ("target", "body", "fields"),
    [
        (
            "/v1/create",
            {"nope": 1, "fInt32": "x", "sub": {"count": [], "wrong": 1}, "rInt32": [1, "a", {}]},
            ["nope", "sub.wrong", "fInt32", "sub.count", "rInt32[1]", "rInt32[2]"],
        ),
        (
            "/v1/create",
            {"f_color": "PINK", "choiceName": "a", "choiceNumber": "1", "subs": [{}, 5]},
            ["choiceNumber", "f_color", "subs[1]"],
        ),
        ("/v1/create/a?x=1&y=2", {"id": "b", "fBool": 3}, ["x", "y", "id", "fBool"]),
        (
            "/v1/create",
            {"mStringSub": {"a": {"count": "x"}, "b": {"count": "y"}}},
            ['mStringSub["a"].count', 'mStringSub["b"].count'],
        ),
        ("/v1/create", {"rInt32": ["x"] * 50}, [f"rInt32[{index}]" for index in range(20)]),
        ("/v1/create", {"rString": ["x"] * 2000 + [1], "subs": [3]}, ["rString[2000]", "subs[0]"]),
    ],
)
def test_all_wrong_fields_of_a_request_are_named(
    gateway_port: int, backend: Backend, target: str, body: Any, fields: list[str]
) -> None:
    """Unknown ones and wrong values, in path, query and body; no service is called."""
    backend.answer({})
    reply = send(gateway_port, "POST", target, {}, json.dumps(body).encode())
    status = check_status(reply, 400, INVALID_ARGUMENT)
    assert [each["field"] for each in violations(status)] == fields
    assert str(status["message"]).endswith(" 30 more fields are wrong.") == (len(fields) == 20)
    assert not backend.calls()


def test_all_wrong_parameters_are_named(gateway_port: int) -> None:
    reply = send(gateway_port, "GET", "/v1/search?fInt32=x&id=a&id=b&f_bool=7&nope=1")
    seen = violations(check_status(reply, 400, INVALID_ARGUMENT))
    assert [each["field"] for each in seen] == ["fInt32", "id", "f_bool", "nope"]


@pytest.mark.parametrize(
    ("method", "target", "body", "given", "written"),
    [
        ("PUT", "/v1/putsub/a", {}, "sub.some_field", "someField"),
        ("PUT", "/v1/putsub/a", {"some_field": "x"}, "sub.some_field", "some_field"),
        ("PUT", "/v1/putsub/a", {}, "sub.child.tags[3]", "child.tags[3]"),
        ("PUT", "/v1/putsub/a", {}, "sub", ""),
        ("PUT", "/v1/putsub/a", {}, "id", "id"),
        ("PUT", "/v1/putsub/a", {}, "f_int32", "fInt32"),
        ("PUT", "/v1/putsub/a", {}, "x-some-header", "x-some-header"),
        ("POST", "/v1/create", {}, "subs[1].some_field", "subs[1].someField"),
        (
            "POST",
            "/v1/create",
            {"subs": [{}, {"some_field": "x"}]},
            "subs[1].some_field",
            "subs[1].some_field",
        ),
        ("POST", "/v1/create", {}, 'm_string_sub["a.b"].opt_count', 'mStringSub["a.b"].optCount'),
        ("POST", "/v1/create", {}, "m_string_sub[key].opt_count", "mStringSub[key].optCount"),
        ("POST", "/v1/create", {}, "renamed", "customName"),
        ("POST", "/v1/body/subs", [{}], "subs[0].some_field", "[0].someField"),
        ("PATCH", "/v1/resources/a", {}, "update_mask.paths[0]", "updateMask"),
        ("PATCH", "/v1/resources/a", {}, "resource.name", "name"),
        ("GET", "/v1/search", None, "sub.some_field", "sub.someField"),
        ("GET", "/v1/search?sub.some_field=x", None, "sub.some_field", "sub.some_field"),
    ],
)
def test_fields_in_errors_of_a_service_have_the_names_of_the_caller(
    gateway_port: int,
    backend: Backend,
    method: str,
    target: str,
    body: Any,
    given: str,
    written: str,
) -> None:
    """In the violation, and in the texts that name the field."""
    said = f"'some_field' must fit {given}."
    violation = {"field": given, "description": said, "reason": "WRONG"}
    details = [{"@type": BAD_REQUEST, "fieldViolations": [violation]}]
    status = {"code": INVALID_ARGUMENT, "message": f"{given}: {said}", "details": details}
    backend.answer({"status": status})
    sent = None if body is None else json.dumps(body).encode()
    answer = check_status(send(gateway_port, method, target, {}, sent), 400, INVALID_ARGUMENT)
    [seen] = violations(answer)
    assert seen["field"] == written
    if given not in ("sub", "renamed"):  # One word in a text may be any word.
        assert seen["description"] == f"'some_field' must fit {written}."
        assert answer["message"] == f"{written}: 'some_field' must fit {written}."
