"""What the product is for, from sign-up to log-out, as somebody with curl would do it."""

import datetime as dt
from typing import Any

import pytest

from howmuch.v1 import user_service_pb2 as us
from tests.rest.client import Rest
from tests.rest.steps import Json, expense, new_event, refusal, sign_up, spend
from tests.service.api import Api, failure


def test_account_and_session(api: Api, rest: Rest) -> None:
    """An account signs up, logs in, changes its profile, and is out at once, everywhere, when it logs out."""
    ana = sign_up(rest, "Ana")
    me = ana.get("/v1/users/me").ok
    assert (me["name"], me["mailMode"]) == ("Ana", "MAIL_MODE_EACH_CHANGE")
    renamed = ana.patch("/v1/users/me", {"name": "Anna", "timeZone": "Europe/Lisbon"}).ok
    assert renamed == {**me, **{key: renamed[key] for key in ("name", "timeZone")}} | {
        key: renamed[key] for key in ("etag", "updateTime")
    }
    assert (renamed["name"], renamed["timeZone"]) == ("Anna", "Europe/Lisbon")
    [session] = ana.get("/v1/sessions").ok["sessions"]
    assert session["current"] is True
    wrong = {"email": me["email"], "password": "not the password"}
    assert refusal(rest.post("/v1/sessions", wrong)) == (401, "CREDENTIALS_WRONG")
    assert ana.delete("/v1/sessions/current").ok == {}
    out = ana.get("/v1/users/me")
    assert refusal(out) == (401, "SESSION_INVALID")
    assert out.headers["www-authenticate"] == "Bearer"
    with_that_token = api.caller(ana.token).users
    assert failure(lambda: with_that_token.GetMe(us.GetMeRequest())).reason == "SESSION_INVALID"
    assert refusal(rest.get("/v1/users/me")) == (401, "SESSION_REQUIRED")


def test_invitation_is_accepted_as_a_guest(rest: Rest) -> None:
    """A guest is claimed by who opens the link; they see the event from then on, as their member."""
    ana, bo = sign_up(rest, "Ana"), sign_up(rest, "Bo")
    path, (mine, guest, other) = new_event(ana, "Bo", "Cy")
    spend(ana, path, mine, "10.00", mine, guest)
    assert refusal(bo.get(path)) == (404, "EVENT_NOT_FOUND")
    invitation = ana.post(f"{path}/invitations", {"role": "ROLE_EDITOR", "ttl": "86400s"}).ok
    link = f"/v1/invitations/{invitation['token']}"
    preview = rest.get(link).ok
    assert (preview["eventName"], preview["inviterName"]) == ("Lisbon", "Ana")
    assert [each["name"] for each in preview["guests"]] == ["Bo", "Cy"]
    named = ana.post(f"{path}/invitations", {"memberId": other}).ok
    assert rest.get(f"/v1/invitations/{named['token']}").ok["memberId"] == other
    joined = bo.post(f"{link}:accept", {"memberId": guest}).ok
    assert (joined["memberId"], joined["role"]) == (guest, "ROLE_EDITOR")
    used = rest.get(link)
    assert refusal(used) == (404, "INVITATION_NOT_FOUND")
    assert used.failure.metadata.items() >= {"why": "used", "inviter_name": "Ana"}.items()
    members = bo.get(f"{path}/members").ok["members"]
    assert [member["id"] for member in members] == [mine, guest, other]
    assert [("userId" in member) for member in members] == [True, True, False]
    [balance] = bo.get("/v1/users/me/balances").ok["balances"]
    assert (balance["spent"], balance["owedByMe"]) == ("5.00", "5.00")


def test_expense_from_creation_to_restoring(ana: Rest) -> None:
    """It is added, edited, deleted, brought back and restored; history and versions tell of each."""
    path, (mine, guest) = new_event(ana, "Bo")
    made = ana.post(f"{path}/expenses", expense(mine, "10.01", mine, guest))
    first = made.ok
    at = f"{path}/expenses/{first['id']}"
    assert made.headers["etag"] == f'"{first["etag"]}"'
    assert [share["owed"] for share in first["shares"]] in (["5.01", "5.00"], ["5.00", "5.01"])
    assert ana.get(at).ok == first
    edited = ana.patch(at, {"amount": "20.00", "notes": "with tip"}).ok
    assert (edited["reason"], edited["notes"], edited["version"]) == ("Dinner", "with tip", 2)
    assert edited["payments"] == [{"memberId": mine, "amount": "20.00"}]
    masked = ana.patch(at, {"reason": "Lunch", "notes": "x"}, updateMask="reason").ok
    assert (masked["reason"], masked["notes"]) == ("Lunch", "with tip")
    cleared = ana.patch(at, {"notes": ""}).ok
    assert "notes" not in cleared
    assert "deleteTime" in ana.delete(at).ok
    assert ana.get(f"{path}/expenses").ok == {}
    [deleted] = ana.get(f"{path}/expenses", showDeleted="true").ok["expenses"]
    assert deleted == ana.get(at).ok
    assert "deleteTime" not in ana.post(f"{at}:undelete", {}).ok
    restored = ana.post(f"{at}:restore", {"version": 1}).ok
    content = ("reason", "amount", "payments", "split", "shares")
    assert [restored[key] for key in content] == [first[key] for key in content]
    versions = ana.get(f"{at}/versions").ok["versions"]
    assert [version["version"] for version in versions] == [7, 6, 5, 4, 3, 2, 1]
    assert (versions[0], versions[-1]) == (restored, first)
    kinds = ["CREATED", "UPDATED", "UPDATED", "UPDATED", "DELETED", "UNDELETED", "RESTORED"]
    changes = ana.get(f"{path}/changes", sinceRevision="2").ok["changes"]
    assert [change["kind"] for change in changes] == [f"CHANGE_KIND_EXPENSE_{k}" for k in kinds]
    assert [change["revision"] for change in changes] == [str(number) for number in range(3, 10)]
    assert changes[1]["before"]["expense"] == first
    assert changes[1]["after"]["expense"] == edited


def test_edit_with_an_etag(ana: Rest) -> None:
    """An etag, as If-Match or in the body, is taken once; a stale one is told the current etag."""
    path, (mine,) = new_event(ana)
    at = f"{path}/expenses/{spend(ana, path, mine, '1.00')['id']}"
    read = ana.get(at)
    edited = ana.patch(at, {"reason": "Lunch"}, {"if-match": read.headers["etag"]})
    assert edited.ok["reason"] == "Lunch"
    again = ana.patch(at, {**read.ok, "etag": edited.ok["etag"], "notes": "all of it"}).ok
    assert (again["reason"], again["notes"]) == ("Dinner", "all of it")
    stale = [
        ana.patch(at, {"reason": "Mine"}, {"if-match": read.headers["etag"]}),
        ana.patch(at, {"reason": "Mine", "etag": read.ok["etag"]}),
        ana.delete(at, {"if-match": read.headers["etag"]}),
        ana.delete(at, etag=read.ok["etag"]),
    ]
    for answer, status in zip(stale, (412, 409, 412, 409), strict=True):
        assert refusal(answer) == (status, "ETAG_STALE")
        assert answer.failure.metadata["current_etag"] == again["etag"]
    assert ana.get(at).ok == again
    assert "deleteTime" in ana.delete(at, {"if-match": f'W/"{again["etag"]}"'}).ok


def test_batch_lists_and_filters(ana: Rest) -> None:
    """A batch is written all or not at all; lists come by page, filtered and in the order asked for."""
    path, (mine, guest) = new_event(ana, "Bo")
    days = [dt.date(2026, 11, day).isoformat() for day in range(1, 8)]
    drafts = [
        expense(mine, "1.00", mine, date=day, reason=f"Tram {day}", category="Transport")
        for day in days
    ]
    drafts[3] |= {"reason": "Crème & Co. 100%", "notes": "ÄÖ", "category": "Food + drink"}
    drafts[4] |= {"kind": "EXPENSE_KIND_TRANSFER", "split": {"equal": {"memberIds": [guest]}}}
    wrong = [*drafts, {**drafts[0], "date": "2026-02-30"}]
    refused = ana.post(f"{path}/expenses:batchCreate", {"expenses": wrong})
    assert refusal(refused) == (400, "DATE_MALFORMED")
    assert list(refused.failure.fields) == ["expenses[7].date"]
    assert ana.get(f"{path}/expenses").ok == {}
    made = ana.post(f"{path}/expenses:batchCreate", {"expenses": drafts}).ok["expenses"]
    assert [each["date"] for each in made] == days

    def dates(**query: Any) -> list[str]:
        listed = ana.get(f"{path}/expenses", **query).ok
        return [each["date"] for each in listed.get("expenses", [])]

    assert dates() == days[::-1]
    assert dates(orderBy="date") == days
    assert dates(fromDate=days[2], to_date=days[4]) == [days[4], days[3], days[2]]
    assert dates(text="crème & co. 100%") == dates(text="äö") == [days[3]]
    assert dates(category="Food + drink") == [days[3]]
    assert dates(kind="EXPENSE_KIND_TRANSFER") == dates(kind="2") == [days[4]]
    assert dates(memberId=guest) == [days[4]]
    pages, token = list[list[str]](), ""
    while not pages or token:
        page = ana.get(f"{path}/expenses", page_size=3, page_token=token, orderBy="date").ok
        pages.append([each["date"] for each in page["expenses"]])
        token = page.get("nextPageToken", "")
    assert pages == [days[:3], days[3:6], days[6:]]
    other = ana.get(f"{path}/expenses", page_size=3, orderBy="date").ok["nextPageToken"]
    assert refusal(ana.get(f"{path}/expenses", pageToken=other)) == (
        400,
        "PAGE_TOKEN_OF_OTHER_QUERY",
    )


@pytest.mark.parametrize(
    ("body", "mask", "expected"),
    [
        ({"name": "Oslo"}, None, ("Oslo", "Summer", "EUR")),
        ({"description": "", "currencyCode": "JPY"}, None, ("Lisbon", None, "JPY")),
        ({"description": None}, None, ("Lisbon", None, "EUR")),
        ({"name": "Oslo"}, "description", ("Lisbon", None, "EUR")),
        ({"name": "Oslo", "currencyCode": "JPY"}, "name,currency_code", ("Oslo", "Summer", "JPY")),
        ({"name": "Oslo", "currencyCode": "JPY"}, "*", ("Oslo", None, "JPY")),
    ],
)
def test_patch_changes_what_it_names(
    ana: Rest, body: Json, mask: str | None, expected: tuple[str | None, ...]
) -> None:
    """Without a mask, the fields of the body, also to empty ones; with one, just those; `*` is all."""
    made = ana.post("/v1/events", {"name": "Lisbon", "description": "Summer"}).ok
    query: dict[str, Any] = {} if mask is None else {"updateMask": mask}
    changed = ana.patch(f"/v1/events/{made['id']}", body, **query).ok
    assert tuple(map(changed.get, ("name", "description", "currencyCode"))) == expected


def test_balances_settlement_and_totals(ana: Rest) -> None:
    """Who owes what, how to settle it, and what it all cost; after the payments nobody owes anything."""
    path, (mine, bo, cy) = new_event(ana, "Bo", "Cy")
    spend(ana, path, mine, "30.00", mine, bo, cy, category="Food")
    spend(ana, path, bo, "12.00", bo, cy, date="2026-12-01")
    before = ana.get(f"{path}/balances").ok
    nets = {each["memberId"]: each["net"] for each in before["currencies"][0]["members"]}
    assert nets == {mine: "20.00", bo: "-4.00", cy: "-16.00"}
    [plan] = ana.get(f"{path}/settlement").ok["plans"]
    assert plan["provenMinimal"] is True
    paid = {
        (each["fromMemberId"], each["toMemberId"]): each["amount"] for each in plan["transfers"]
    }
    assert paid == {(cy, mine): "16.00", (bo, mine): "4.00"}
    [totals] = ana.get(f"{path}/totals").ok["currencies"]
    assert totals["total"] == "42.00"
    assert {each.get("category", ""): each["total"] for each in totals["byCategory"]} == {
        "Food": "30.00",
        "": "12.00",
    }
    assert [each["month"] for each in totals["byMonth"]] == ["2026-11", "2026-12"]
    for (payer, payee), amount in paid.items():
        spend(ana, path, payer, amount, payee, kind="EXPENSE_KIND_TRANSFER", reason="Settled")
    after = ana.get(f"{path}/balances").ok
    assert {each["net"] for each in after["currencies"][0]["members"]} == {"0.00"}
    assert int(after["revision"]) == int(before["revision"]) + 2
    assert "transfers" not in ana.get(f"{path}/settlement").ok.get("plans", [{}])[0]


@pytest.mark.parametrize("what", ["", "/members", "/expenses", "/balances", "/changes"])
def test_nothing_is_sent_again_while_nothing_changes(ana: Rest, what: str) -> None:
    """What was read is asked for again with its ETag: 304 without a body until there is a change."""
    path, (mine, _) = new_event(ana, "Bo")
    spend(ana, path, mine, "1.00", mine)
    read = ana.get(path + what)
    tag = {"if-none-match": read.headers["etag"]}
    unchanged = ana.get(path + what, tag)
    assert (unchanged.status, unchanged.body) == (304, b"")
    assert unchanged.headers["etag"] == read.headers["etag"]
    assert ana.request("HEAD", path + what, headers=tag).status == 304
    ana.patch(path, {"name": "Porto"})
    spend(ana, path, mine, "2.00", mine)
    ana.post(f"{path}/members", {"name": "Cy"})
    changed = ana.get(path + what, tag)
    assert changed.ok != read.ok
    assert changed.headers["etag"] != read.headers["etag"]


def test_etag_changes_with_all_that_a_get_returns(ana: Rest) -> None:
    """Also with a field that the server sets, which leaves the resource's own etag as it is."""
    path, (mine,) = new_event(ana)
    before = ana.get(path)
    spend(ana, path, mine, "1.00", mine)
    after = ana.get(path, {"if-none-match": before.headers["etag"]})
    assert (after.status, after.ok["etag"]) == (200, before.ok["etag"])
    assert int(after.ok["revision"]) == int(before.ok["revision"]) + 1
    # A write concerns the resource's own etag: the expense of a friend does not refuse a new name.
    tag = {"if-match": before.headers["etag"]}
    assert ana.patch(path, {"name": "Porto"}, tag).ok["name"] == "Porto"
    assert refusal(ana.patch(path, {"name": "Faro"}, tag)) == (412, "ETAG_STALE")


def test_idempotency_key(ana: Rest, bo: Rest) -> None:
    """A write that is sent again gives the first answer; the key with another body is refused."""
    path, (mine,) = new_event(ana)
    key = {"idempotency-key": "one-click"}
    first, again = (ana.post(f"{path}/expenses", expense(mine, "1.00"), key) for _ in "12")
    assert (again.ok, again.headers["etag"]) == (first.ok, first.headers["etag"])
    other = ana.post(f"{path}/expenses", expense(mine, "2.00"), key)
    assert refusal(other) == (400, "IDEMPOTENCY_KEY_REUSED")
    assert len(ana.get(f"{path}/expenses").ok["expenses"]) == 1
    assert bo.post("/v1/events", {"name": "His"}, key).ok["name"] == "His"
