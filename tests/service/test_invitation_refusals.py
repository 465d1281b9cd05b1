"""What callers learn of an invitation before they join by it, and why one cannot be used."""

from collections.abc import Iterator
from typing import Any

import pytest

from howmuch.storage.database import Database
from howmuch.v1 import event_pb2
from howmuch.v1 import event_service_pb2 as es
from tests.service.api import DELETE_ME, Api, Person, failure
from tests.service.conftest import serve
from tests.service.test_join_page import OVER, page
from tests.service.test_members import accept, invite, preview, remove
from tests.service.test_pages_of_web_app import LINKS

ARCHIVED = "This event is archived"
TOLD = {
    "This invitation has been used": (
        {"why": "used", "inviter_name": "Ana"},
        "This invitation has been used. If you have joined by it, you are in the event already. If not, ask"
        " Ana for a new one.",
    ),
    "This invitation has expired": (
        {"why": "expired", "inviter_name": "Ana"},
        "This invitation has expired. Ask Ana for a new one.",
    ),
    "This invitation was revoked": (
        {"why": "revoked"},
        "This invitation was revoked. Ask the person who invited you whether they will send a new one.",
    ),
    "This invitation no longer works": (
        {"why": "ended"},
        "This invitation no longer works: the event was deleted, or the person who invited you may not invite"
        " to it any more. Ask them, or another member.",
    ),
}
"""Title of the page to metadata and message of the error."""


@pytest.fixture(scope="module")
def api(database: Database) -> Iterator[Api]:
    """A server beside the web app, whose pages tell the name of the inviter."""
    yield from serve(database, page_links=lambda: LINKS)


def told(api: Api, token: str) -> tuple[dict[str, str], str]:
    """The metadata and the message of the error, which both methods answer with."""
    shown, accepted = failure(preview, api, token), failure(accept, api.person("Late"), token)
    assert (shown.code, shown.reason) == ("NOT_FOUND", "INVITATION_NOT_FOUND")
    assert (shown.reason, shown.message) == (accepted.reason, accepted.message)
    assert shown.metadata == accepted.metadata
    of_resource = {"resource_type": "invitation", "resource_name": ""}
    assert of_resource.items() <= shown.metadata.items()
    assert token not in str(shown)
    return {k: v for k, v in shown.metadata.items() if k not in of_resource}, shown.message


@pytest.mark.parametrize(("end", "said"), [each for each in OVER if each[1] != ARCHIVED])
def test_error_says_why_an_invitation_is_over(
    api: Api, ana: Person, bo: Person, end: Any, said: str
) -> None:
    """And whom to ask; it tells the name of the inviter if the page does, and never the event."""
    made = invite(ana, ana.event().id)
    end(api, ana, bo, made)
    metadata, message = told(api, made.token)
    assert (metadata, message) == TOLD[said]
    assert "Lisbon" not in f"{metadata} {message}"
    assert ("inviter_name" in metadata) == ("<bdi>Ana</bdi>" in page(api, made.token))


def test_unknown_invitation_says_so(api: Api) -> None:
    metadata, message = told(api, "a" * 43)
    assert metadata == {"why": "unknown"}
    assert message.startswith("There is no invitation with this token. Copy the whole link again")


def test_invitation_of_a_removed_member_is_revoked(api: Api, ana: Person, bo: Person) -> None:
    """It has no name, because the removed member cannot make a new one."""
    event = ana.event()
    mine = bo.join(ana, event.id).member_id
    made = invite(bo, event.id)
    remove(ana, event.id, mine)
    assert told(api, made.token)[0] == {"why": "revoked"}


def test_deleted_inviter_is_not_named(api: Api, ana: Person, bo: Person) -> None:
    """Neither by the error nor by the page, because a deleted account makes no new one."""
    event = ana.event()
    bo.join(ana, event.id)
    made = invite(bo, event.id)
    accept(api.person("Cy"), made.token)
    assert told(api, made.token)[0] == {"why": "used", "inviter_name": "Bo"}
    bo.users.DeleteMe(DELETE_ME)
    assert told(api, made.token)[0] == {"why": "used"}
    assert "ask the person who invited you" in page(api, made.token)


def test_invitation_of_one_guest_makes_somebody_new_that_guest(
    api: Api, ana: Person, bo: Person
) -> None:
    """The preview names the guest, so that no user takes it over unknowingly; also once it is taken."""
    event = ana.event()
    guest = ana.guest(event.id, "Robert")
    first, second = (invite(ana, event.id, member_id=guest.id).token for _ in "12")
    assert preview(api, first).member_id == guest.id
    assert accept(bo, first, "").member_id == guest.id
    shown = preview(api, second)
    assert (shown.member_id, list(shown.guests)) == (guest.id, [])
    assert failure(accept, api.person("Di"), second).reason == "GUEST_TAKEN"


def test_preview_says_that_the_event_is_archived(api: Api, ana: Person, bo: Person) -> None:
    """Until an owner reopens it; then the same invitation works."""
    event = ana.event()
    token = invite(ana, event.id).token
    assert not preview(api, token).archived
    ana.events.ArchiveEvent(es.ArchiveEventRequest(event_id=event.id))
    shown = preview(api, token)
    assert (shown.archived, shown.event_name) == (True, "Lisbon")
    assert failure(accept, bo, token).reason == "EVENT_ARCHIVED"
    ana.events.UnarchiveEvent(es.UnarchiveEventRequest(event_id=event.id))
    assert not preview(api, token).archived
    assert accept(bo, token).role == event_pb2.ROLE_EDITOR
