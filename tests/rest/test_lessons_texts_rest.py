"""L23 over REST: what people write is data in JSON, never markup, a header or a line of a stream."""

import pytest

from tests.rest.client import Answer, Rest
from tests.rest.steps import new_event, refusal, spend

INJECTED = "x\r\nSet-Cookie: session=stolen\r\n\r\n<script>alert(1)</script>"
HTML = '<script>alert("1")</script> & <img src=x onerror=alert(2)>'


def assert_only_json(answer: Answer) -> None:
    """The body is one JSON text without a raw control character, and nothing made it a page or a header."""
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "set-cookie" not in answer.headers
    assert not any(byte < 0x20 for byte in answer.body), answer.body


def test_l23_html_in_names_is_text(ana: Rest, rest: Rest) -> None:
    """Names with markup come back letter by letter, as JSON that no browser takes for a page."""
    path, (mine, guest) = new_event(ana, HTML)
    ana.patch(path, {"name": HTML})
    spend(ana, path, mine, "1.00", guest, reason=HTML, category=HTML[:100])
    link = ana.post(f"{path}/invitations", {}).ok["token"]
    event, members, preview = (
        ana.get(path),
        ana.get(f"{path}/members"),
        rest.get(f"/v1/invitations/{link}"),
    )
    assert event.ok["name"] == preview.ok["eventName"] == HTML
    assert members.ok["members"][1]["name"] == preview.ok["guests"][0]["name"] == HTML
    refused = ana.delete(f"{path}/members/{guest}")
    assert refusal(refused) == (400, "BALANCE_OPEN")
    assert HTML in refused.failure.message
    for answer in (event, members, preview, refused, ana.get(f"{path}/changes")):
        assert_only_json(answer)


def test_l23_line_breaks_in_names_are_refused(ana: Rest) -> None:
    """A name, reason or address with a line break is refused; the refusal quotes it escaped."""
    path, (mine, guest) = new_event(ana, "Bo")
    draft = {"date": "2026-11-22", "amount": "1.00", "payments": [{"memberId": mine}]}
    refused = [
        ana.patch("/v1/users/me", {"name": INJECTED}),
        ana.post("/v1/events", {"name": INJECTED}),
        ana.patch(path, {"name": INJECTED}),
        ana.post(f"{path}/members", {"name": INJECTED}),
        ana.patch(f"{path}/members/{guest}", {"name": INJECTED}),
        ana.post(f"{path}/expenses", {**draft, "reason": INJECTED}),
        ana.post(f"{path}/expenses", {**draft, "reason": "Tram", "category": INJECTED[:90]}),
    ]
    for answer in refused:
        assert refusal(answer) == (400, "CHARACTER_NOT_ALLOWED")
        assert_only_json(answer)
    address = ana.post(f"{path}/members", {"name": "Cy", "email": f"cy@example.com{INJECTED}"})
    assert refusal(address) == (400, "EMAIL_MALFORMED")
    assert_only_json(address)


def test_l23_line_breaks_in_notes_stay_in_the_body(ana: Rest) -> None:
    """Where lines are allowed, they are escaped in JSON and add nothing to the headers."""
    path, (mine,) = new_event(ana)
    notes = f"{INJECTED}\n\tdata: y\u2028event: error"
    made = spend(ana, path, mine, "1.00", notes=notes)
    for part in (f"/expenses/{made['id']}", "/expenses", "/changes"):
        answer = ana.get(path + part)
        assert_only_json(answer)
    assert ana.get(f"{path}/expenses/{made['id']}").ok["notes"] == notes


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/v1/invitations/%0d%0aSet-Cookie:%20a=b", "TOKEN_MALFORMED"),
        ("/v1/events/%0d%0aSet-Cookie:%20a=b", "ID_MALFORMED"),
        ("/v1/events/..%2fusers%2fme", "ID_MALFORMED"),
    ],
)
def test_l23_line_breaks_in_a_path_are_part_of_a_value(ana: Rest, path: str, reason: str) -> None:
    """What is percent-encoded in a path is a value that the server judges: no header, no other path."""
    answer = ana.get(path)
    assert refusal(answer) == (400, reason)
    assert_only_json(answer)


def test_l23_etags_and_page_tokens_with_line_breaks(ana: Rest) -> None:
    """Neither becomes a header of the answer: a token is refused, an etag is stale."""
    path, _ = new_event(ana)
    token = ana.get(f"{path}/expenses", pageToken=INJECTED)
    assert refusal(token) == (400, "PAGE_TOKEN_MALFORMED")
    etag = ana.patch(path, {"name": "Oslo", "etag": INJECTED})
    assert refusal(etag) == (409, "ETAG_STALE")
    for answer in (token, etag):
        assert_only_json(answer)


@pytest.mark.parametrize(
    ("given", "kept"),
    [("a-1.b/c", True), ("x" * 128, True), ("x" * 129, False), ("a b", False), ("a\tb", False)],
)
def test_l23_request_id_is_one_word_or_replaced(ana: Rest, given: str, kept: bool) -> None:
    """A caller's id of a request comes back where it is one visible word, else the server's own."""
    answered = ana.get("/v1/users/me", {"x-request-id": given}).headers["x-request-id"]
    assert (answered == given.strip()) is kept
    assert answered.isprintable()
    assert " " not in answered
