"""Conditions on writes: what If-Match and the etag in a body say together."""

from tests.rest.client import Rest


def test_if_match_and_etag_in_the_body_both_have_to_hold(ana: Rest) -> None:
    """A stale If-Match stops a write with a fresh etag, and the other way round (RFC 9110, 13.1.1)."""
    event = ana.post("/v1/events", {"name": "Rome"}).ok
    path, fresh = f"/v1/events/{event['id']}", event["etag"]
    for header, body, status in (
        ('"v0"', fresh, 412),
        (f'"{fresh}"', "v0", 409),
        ('"v0"', "v0", 412),
        ("*", "v0", 409),
    ):
        refused = ana.patch(path, {"name": "Oslo", "etag": body}, headers={"if-match": header})
        assert (refused.status, refused.failure.reason) == (status, "ETAG_STALE")
    assert ana.get(path).ok["name"] == "Rome"
    both = ana.patch(
        path, {"name": "Oslo", "etag": fresh}, headers={"if-match": f'"v0", "{fresh}"'}
    )
    assert both.ok["name"] == "Oslo"


def test_if_match_may_name_several(ana: Rest) -> None:
    """Any of them will do; a weak one counts as the strong one that it was made of."""
    event = ana.post("/v1/events", {"name": "Rome"}).ok
    listed = f'"v0", W/"{event["etag"]}"'
    renamed = ana.patch(f"/v1/events/{event['id']}", {"name": "Oslo"}, headers={"if-match": listed})
    assert renamed.ok["name"] == "Oslo"


def test_idempotency_key_that_is_empty_is_refused(ana: Rest) -> None:
    """Who sends an empty one believes that repeating is safe, and it would not be."""
    refused = ana.post("/v1/events", {"name": "Rome"}, headers={"idempotency-key": ""})
    assert (refused.status, refused.failure.reason) == (400, "IDEMPOTENCY_KEY_MALFORMED")
    assert "events" not in ana.get("/v1/events").ok
