"""Forty mistakes over REST, and what each answer says: field, value, rule, and the way out.

`mistakes.txt` has the answers as people see them. After a change of texts, TEST_WRITE_MISTAKES=1 writes it
again; read the difference.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from howmuch.v1 import expense_service_pb2
from tests.rest.client import Rest
from tests.service.api import Api, Person

GOLDEN = Path(__file__).parent / "mistakes.txt"
EXPENSES = "/v1/events/$event/expenses"
DINNER = {
    "reason": "Dinner",
    "date": "2026-11-22",
    "amount": "10.00",
    "payments": [{"memberId": "$ana"}],
}

Mistake = tuple[str, str, Any]


def dinner(**fields: Any) -> Mistake:
    """A new expense with some fields that are wrong."""
    return "POST", EXPENSES, {**DINNER, **fields}


def part(**fields: Any) -> Mapping[str, Any]:
    return {"memberId": "$ana", **fields}


MISTAKES: list[Mistake] = [
    ("POST", "/v1/users", {"email": "ana", "password": "short", "name": ""}),
    ("POST", "/v1/users", {"email": "ana@example.com", "passwort": "correct horse"}),
    ("POST", "/v1/users", {"email": 5, "password": True, "name": []}),
    ("POST", "/v1/sessions", {}),
    ("POST", "/v1/sessions", '{"email": "ana@example.com",}'),
    ("PATCH", "/v1/users/me", {"email": "new@example.com"}),
    ("PATCH", "/v1/users/me", {"name": "Ana", "role": "ROLE_OWNER"}),
    (
        "PATCH",
        "/v1/users/me",
        {"timeZone": "Lisbon", "locale": "Portuguese", "currencyCode": "EURO"},
    ),
    ("PATCH", "/v1/users/me", {"mailMode": "NEVER"}),
    ("PATCH", "/v1/users/me?updateMask=name,nickname", {"name": "Ana"}),
    ("POST", "/v1/events", {"name": "", "currencyCode": "eur"}),
    ("POST", "/v1/events", {"name": "Lisbon", "archiveTime": "2026-11-22T09:30:00Z"}),
    ("PATCH", "/v1/events/$event", {"name": "Porto", "role": "ROLE_VIEWER"}),
    ("PATCH", "/v1/events/$event", {"archiveTime": "2026-11-22T09:30:00Z"}),
    ("GET", "/v1/events/trip", None),
    ("POST", "/v1/events/$event/members", {"name": "Bo\nBo", "weight": 0.5, "email": "bo"}),
    ("POST", "/v1/events/$event/members", {"weight": -1, "email": "bo"}),
    ("PATCH", "/v1/events/$event/members/$ana", {"userId": "$foreign", "weight": 2000000}),
    ("POST", "/v1/events/$event/invitations", {"memberId": "bo", "maxUses": 5000, "ttl": "100d"}),
    ("POST", "/v1/events/$event/invitations", {"maxUses": 5000, "ttl": "9000000s", "email": "bo"}),
    dinner(reason="", date="22.11.2026", amount="10,00"),
    dinner(payments=[part(amount="12.345"), part(amount="-1")]),
    dinner(payments=[{"member_id": "ana"}, {"memberId": "$nobody", "amount": "x"}]),
    dinner(payments=[part(amount="9.00")]),
    dinner(payments=[]),
    dinner(payments={"memberId": "$ana"}, split={"equal": {"members": ["$ana"]}}),
    dinner(expense={"reason": "Dinner"}),
    dinner(eventId="$foreign", version=3),
    dinner(kind="PRESENT", currency_code="euros"),
    dinner(split={"equal": {}, "exact": {}}),
    dinner(split={"percent": {"parts": [part(percent="50"), part(percent="101")]}}),
    dinner(split={"exact": {"parts": [part(amount="4.00")]}}),
    dinner(split={"equal": {"memberIds": ["$nobody"]}}),
    ("POST", f"{EXPENSES}:batchCreate", {"expenses": [{**DINNER, "date": ""}, {"reason": "x"}]}),
    ("POST", f"{EXPENSES}:batchCreate", {"expenses": [{}] * 30}),
    ("PATCH", f"{EXPENSES}/$expense", {"creatorMemberId": "$nobody", "amount": "0"}),
    ("PATCH", f"{EXPENSES}/$deleted", {"reason": "Lunch"}),
    ("GET", f"{EXPENSES}?orderBy=amount&fromDate=yesterday&memberId=ana&pageSize=-1", None),
    ("GET", f"{EXPENSES}?from_date=2026-12-01&to_date=2026-11-01", None),
    ("GET", f"{EXPENSES}?pageSize=many&kind=PRESENT&sort=date", None),
]


@pytest.fixture
def names(api: Api) -> tuple[Person, dict[str, str]]:
    """Somebody, and what the `$` names of the mistakes stand for."""
    ana = api.person("Ana")
    event, foreign = ana.event(), ana.event()
    kept, gone = (ana.spend(event.id, event.member_id, "1", event.member_id) for _ in range(2))
    ana.expenses.DeleteExpense(
        expense_service_pb2.DeleteExpenseRequest(event_id=event.id, expense_id=gone.id)
    )
    return (
        ana,
        {
            "$event": event.id,
            "$ana": event.member_id,
            "$expense": kept.id,
            "$deleted": gone.id,
            "$foreign": foreign.id,
            "$nobody": "mbr_01m82xvzrxef69kx02yh9gxa07",
            "$today": gone.create_time.ToDatetime().date().isoformat(),
        },
    )


def test_mistakes_are_answered_with_field_value_rule_and_way_out(
    rest: Rest, names: tuple[Person, dict[str, str]]
) -> None:
    """No answer names a field that the caller did not write."""
    ana, ids = names
    seen = "\n".join(told(rest.base_url, ana.token, ids, *mistake) for mistake in MISTAKES)
    if os.environ.get("TEST_WRITE_MISTAKES"):
        GOLDEN.write_text(seen)
    assert len(MISTAKES) == 40
    assert seen == GOLDEN.read_text()


def told(url: str, token: str, ids: Mapping[str, str], verb: str, path: str, body: Any) -> str:
    """A mistake and its answer, with `$` names for ids."""
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    sent, target = text, path
    for name, value in ids.items():
        sent, target = sent.replace(name, value), target.replace(name, value)
    content = None if body is None else sent.encode()
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    answer = httpx.request(verb, url + target, content=content, headers=headers)
    assert 400 <= answer.status_code < 500
    shown = f"{verb} {path}" + ("" if body is None else f"\n{text if len(text) < 300 else '...'}")
    said = json.dumps(readable(answer.json()), ensure_ascii=False, indent=1)
    for name, value in ids.items():
        said = said.replace(value, name)
    return f"{shown}\n{answer.status_code} {said}\n"


def readable(status: Any) -> Any:
    """Message, reason and fields of an error."""
    found: dict[str, Any] = {"message": status["message"]}
    for detail in status["details"]:
        found |= {"reason": detail["reason"]} if "reason" in detail else {}
        for each in detail.get("fieldViolations", ()):
            found.setdefault("fields", []).append(f"{each['field']} {each['reason']}")
    return found
