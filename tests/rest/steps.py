"""What people do over REST, as somebody with curl would: paths, and bodies in JSON."""

from typing import Any

from howmuch.usecases.tokens import new_token
from tests.rest.client import Answer, Rest
from tests.service.world import PASSWORD

Json = dict[str, Any]


def sign_up(rest: Rest, name: str) -> Rest:
    """Somebody new, by the front door."""
    account = {"email": f"{new_token()}@example.com", "password": PASSWORD}
    made = rest.post("/v1/users", {**account, "name": name}).ok
    assert (made["name"], made["currencyCode"], made["timeZone"]) == (name, "EUR", "UTC")
    return rest.signed_in(rest.post("/v1/sessions", account).ok["token"])


def new_event(owner: Rest, *guests: str) -> tuple[str, list[str]]:
    """The path of a new event, and the ids of its members: the owner, then the guests."""
    event = owner.post("/v1/events", {"name": "Lisbon", "currencyCode": "EUR"}).ok
    path = f"/v1/events/{event['id']}"
    added = [owner.post(f"{path}/members", {"name": name}).ok for name in guests]
    return path, [event["memberId"], *(guest["id"] for guest in added)]


def expense(payer: str, amount: str, *members: str, **more: Any) -> Json:
    """An expense that one member paid; it is split equally."""
    return {
        "reason": "Dinner",
        "date": "2026-11-22",
        "amount": amount,
        "payments": [{"memberId": payer}],
        "split": {"equal": {"memberIds": members}},
        **more,
    }


def spend(caller: Rest, path: str, *given: Any, **more: Any) -> Json:
    """Adds an expense to an event."""
    made: Json = caller.post(f"{path}/expenses", expense(*given, **more)).ok
    return made


def refusal(answer: Answer) -> tuple[int, str]:
    """Status and reason of an error."""
    return answer.status, answer.failure.reason
