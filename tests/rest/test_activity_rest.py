"""Dates, search, history, mail choice and sign-up over REST: the same as over gRPC."""

import itertools

from tests.rest.client import Rest
from tests.service.api import Api

_numbers = itertools.count(1)


def test_dates_search_and_history_over_rest(ana: Rest) -> None:
    """Query parameters and the header Accept-Language reach the service."""
    event = ana.post("/v1/events", {"name": "Rome", "timeZone": "Europe/Rome"}).ok
    assert event["timeZone"] == "Europe/Rome"
    path, me = f"/v1/events/{event['id']}", event["memberId"]
    bo = ana.post(f"{path}/members", {"name": "Bo"}).ok["id"]
    spent = {"amount": "10.00", "payments": [{"memberId": me}]}
    made = ana.post(f"{path}/expenses", {"reason": "Güell", "date": "2026-01-05", **spent}).ok
    ahead = ana.post(f"{path}/expenses", {"reason": "Later", "date": "2199-01-01", **spent}).ok
    today = ana.request(
        "POST",
        f"{path}/expenses",
        body={"reason": "Today", **spent},
        query=[("timeZone", "Asia/Tokyo")],
    ).ok
    assert (made.get("datedAhead"), ahead["datedAhead"], len(today["date"])) == (None, True, 10)
    balances = ana.get(f"{path}/balances", asOfDate="2026-01-05").ok["currencies"]
    assert [m["paid"] for m in balances[0]["members"]] == ["10.00", "0.00"]
    assert ana.get(f"{path}/totals", asOfDate="2026-01-05").ok["currencies"][0]["total"] == "10.00"
    plan = ana.get(f"{path}/settlement", asOfDate="2026-01-05").ok["plans"][0]
    assert plan["transfers"][0]["amount"] == "5.00"
    query = {"text": "GUELL", "minAmount": "9.99", "payerMemberId": me, "beneficiaryMemberId": bo}
    found = ana.get(f"{path}/expenses", **query).ok["expenses"]
    assert [each["id"] for each in found] == [made["id"]]
    edited = ana.patch(f"{path}/expenses/{made['id']}", {"payments": [{"memberId": bo}]}).ok
    assert edited["version"] == 2
    [change] = ana.get(
        f"{path}/changes", {"accept-language": "fr"}, orderBy="revision desc", pageSize=1
    ).ok["changes"]
    assert change["summary"].startswith("Ana a modifié")
    assert [
        (d["path"], d["label"], d["oldValue"], d["newValue"]) for d in change["differences"]
    ] == [("payments", "Payé par", "Ana", "Bo")]
    versions = ana.get(f"{path}/expenses/{made['id']}/versions").ok
    assert [len(each.get("differences", [])) for each in versions["changes"]] == [1, 0]


def test_member_chooses_mail_over_rest(api: Api, rest: Rest) -> None:
    """Only for themselves, and only they see it; also while the event is archived."""
    people = api.person("Ana"), api.person("Bo")
    event = people[0].event()
    people[1].join(people[0], event.id)
    ana, bo = (rest.signed_in(person.token) for person in people)
    listed = bo.get(f"/v1/events/{event.id}/members").ok["members"]
    his = f"/v1/events/{event.id}/members/{listed[1]['id']}"
    assert ana.post(f"/v1/events/{event.id}:archive", {}).status == 200
    assert ana.patch(his, {"mailOnlyMine": True}).failure.reason == "MUTE_OF_OTHERS"
    assert bo.patch(his, {"mailOnlyMine": True}).ok["mailOnlyMine"] is True
    seen = ana.get(f"/v1/events/{event.id}/members").ok["members"]
    assert not any(each.get("mailOnlyMine") for each in seen)
    changes = ana.get(f"/v1/events/{event.id}/changes").ok["changes"]
    assert changes[-1]["kind"] == "CHANGE_KIND_EVENT_ARCHIVED"


def test_second_member_of_a_name_is_warned_of(ana: Rest) -> None:
    """In another case and normal form as well; a new name takes the warning away."""
    event = ana.post("/v1/events", {"name": "Rome"}).ok
    path = f"/v1/events/{event['id']}/members"
    first = ana.post(path, {"name": "Zo\u00eb"}).ok
    second = ana.post(path, {"name": "ZOE\u0308"}).ok
    assert "namesakeMemberId" not in first
    assert second["namesakeMemberId"] == first["id"]
    again = ana.patch(f"{path}/{second['id']}", second).ok
    assert again == second
    renamed = ana.patch(f"{path}/{second['id']}", {**second, "name": "Zo\u00eb B."}).ok
    assert "namesakeMemberId" not in renamed


def test_expense_of_a_later_day_is_sent_back_as_it_was_read(ana: Rest) -> None:
    """Whether its day is ahead depends on the day of the response."""
    event = ana.post("/v1/events", {"name": "Rome"}).ok
    path = f"/v1/events/{event['id']}/expenses"
    spent = {"amount": "10.00", "payments": [{"memberId": event["memberId"]}]}
    ahead = ana.post(path, {"reason": "Later", "date": "2199-01-01", **spent}).ok
    assert ahead["datedAhead"]
    assert ana.patch(f"{path}/{ahead['id']}", ahead).ok == ahead


def test_sign_up_takes_the_language_of_the_client(rest: Rest) -> None:
    """Where the request names none; the time zone is that of the request."""
    for given, header, locale in (
        ({}, "de;q=0.4, fr-CH, en;q=0.5", "fr-CH"),
        ({"locale": "en"}, "fr", "en"),
        ({}, "", "en"),
    ):
        body = {
            "email": f"signup{next(_numbers)}@rest.example.com",
            "password": "correct horse battery",
            "name": "Ana",
            "timeZone": "Europe/Zurich",
            **given,
        }
        user = rest.post("/v1/users", body, {"accept-language": header}).ok
        assert (user["locale"], user["timeZone"]) == (locale, "Europe/Zurich")
