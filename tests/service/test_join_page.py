"""The page of an invitation: what it tells whom, that opening it accepts nothing, and the names that stay."""

import datetime as dt
import re
from typing import Any

import pytest
from sqlalchemy import update

from howmuch.storage.tables import invitations
from howmuch.v1 import event_pb2
from howmuch.v1 import event_service_pb2 as es
from tests.service.api import DELETE_ME, Api, Person, failure
from tests.service.test_mail_pages import text_of, title
from tests.service.test_members import accept, invite, listed_ids, members, preview, remove
from tests.service.world import contents


def page(api: Api, token: str, language: str = "") -> str:
    """The page, for somebody without a session."""
    metadata = (("accept-language", language),) if language else ()
    request = es.ShowInvitationRequest(token=token)
    return text_of(api.nobody().events.ShowInvitation(request, metadata=metadata))


def test_preview_tells_currency_and_members(api: Api, ana: Person, bo: Person) -> None:
    """Users by name beside the guests; who has left is not among them."""
    event = ana.event(currency_code="JPY")
    guest = ana.guest(event.id, "Cy")
    bo.join(ana, event.id)
    shown = preview(api, invite(ana, event.id, max_uses=2).token)
    assert (shown.currency_code, list(shown.member_names)) == ("JPY", ["Ana", "Bo"])
    assert (shown.member_count, [each.member_id for each in shown.guests]) == (2, [guest.id])
    bos = next(each for each in members(ana, event.id) if each.user_id == bo.user_id)
    remove(ana, event.id, bos.id)
    shown = preview(api, invite(ana, event.id).token)
    assert (shown.member_count, list(shown.member_names)) == (1, ["Ana"])


def test_opening_the_page_accepts_nothing(api: Api, ana: Person, bo: Person) -> None:
    """A program that shows previews of links opens it first; the invitation still works afterwards."""
    event = ana.event()
    token = invite(ana, event.id).token
    before = contents(api.database)
    for _ in "12":
        assert title(page(api, token)) == "Ana invites you to Lisbon"
    assert contents(api.database) == before
    assert accept(bo, token).id == event.id


def test_page_lets_one_choose_a_guest(api: Api, ana: Person) -> None:
    """All guests and somebody new; with a guest that is named, only that one and no choice."""
    event = ana.event()
    guests = [ana.guest(event.id, name) for name in ("Robert", "Cy")]
    shown = page(api, invite(ana, event.id).token)
    for guest in guests:
        assert f'<input type="radio" name="memberId" value="{guest.id}" required>' in shown
    assert 'name="memberId" value="" required' in shown
    assert '<meta property="og:title" content="Ana invites you to Lisbon">' in shown
    named = page(api, invite(ana, event.id, member_id=guests[0].id).token)
    assert f'<input type="hidden" name="memberId" value="{guests[0].id}">' in named
    assert guests[1].id not in named
    assert "Cy" not in named


def test_names_on_the_page_are_text(api: Api, ana: Person) -> None:
    """Whatever people and events are called, their names are shown as they are."""
    name = "</h1><script>alert(1)</script>{event} \"&'"
    event = ana.event(name=name)
    ana.guest(event.id, name)
    shown = page(api, invite(ana, event.id).token)
    assert shown.count("<script") == 1, "the page has one of its own"
    escaped = "&lt;/h1&gt;&lt;script&gt;alert(1)&lt;/script&gt;{event} &#34;&amp;&#39;"
    assert f'content="Ana invites you to {escaped}"' in shown
    assert shown.count(f"<bdi>{escaped}</bdi>") >= 3


@pytest.mark.parametrize(
    ("accepted", "language", "said"),
    [
        ("", "en", "Ana invites you to Lisbon"),
        ("ja", "en", "Ana invites you to Lisbon"),
        ("fr-CA,en;q=0.8", "fr", "Ana vous invite à Lisbon"),
        ("en;q=0.3, FR;q=0.9", "fr", "Ana vous invite à Lisbon"),
        ("fr;q=0, en;q=nonsense, *", "en", "Ana invites you to Lisbon"),
    ],
)
def test_page_is_in_the_language_that_is_preferred(
    api: Api, ana: Person, accepted: str, language: str, said: str
) -> None:
    """English if none of ours is asked for."""
    shown = page(api, invite(ana, ana.event().id).token, accepted)
    assert f'<html lang="{language}">' in shown
    assert title(shown) == said


def _used(api: Api, ana: Person, bo: Person, made: event_pb2.Invitation) -> None:
    accept(bo, made.token)


def _expired(api: Api, ana: Person, bo: Person, made: event_pb2.Invitation) -> None:
    past = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
    with api.database.begin() as connection:
        connection.execute(
            update(invitations)
            .where(invitations.c.id == made.id)
            .values(create_time=past - dt.timedelta(days=1), expire_time=past)
        )


def _revoked(api: Api, ana: Person, bo: Person, made: event_pb2.Invitation) -> None:
    ana.events.RevokeInvitation(
        es.RevokeInvitationRequest(event_id=made.event_id, invitation_id=made.id)
    )


def _deleted(api: Api, ana: Person, bo: Person, made: event_pb2.Invitation) -> None:
    ana.events.DeleteEvent(es.DeleteEventRequest(event_id=made.event_id))


def _archived(api: Api, ana: Person, bo: Person, made: event_pb2.Invitation) -> None:
    ana.events.ArchiveEvent(es.ArchiveEventRequest(event_id=made.event_id))


OVER = [
    (_used, "This invitation has been used"),
    (_expired, "This invitation has expired"),
    (_revoked, "This invitation was revoked"),
    (_deleted, "This invitation no longer works"),
    (_archived, "This event is archived"),
]
"""How an invitation ends, and the title of its page then."""


@pytest.mark.parametrize(("end", "said"), OVER)
def test_page_says_why_an_invitation_is_over(
    api: Api, ana: Person, bo: Person, end: Any, said: str
) -> None:
    """And what to do; it names nobody, and has no form."""
    made = invite(ana, ana.event().id)
    end(api, ana, bo, made)
    shown = page(api, made.token)
    assert title(shown) == said
    assert "<form" not in shown
    assert "Lisbon" not in shown
    assert "Ana" not in shown
    assert re.search(r"\b[Aa]sk\b", shown)


def test_unknown_invitation_has_a_page(api: Api) -> None:
    shown = page(api, "a" * 43, "fr")
    assert title(shown) == "Ceci n’est pas une invitation"


def test_link_of_an_invitation_is_told_to_those_who_may_invite(ana: Person) -> None:
    """A server that knows no address of its pages gives none; history never has it."""
    event = ana.event()
    made = invite(ana, event.id)
    [change] = [
        each
        for each in ana.events.ListChanges(es.ListChangesRequest(event_id=event.id)).changes
        if each.subject_id == made.id
    ]
    assert change.after.invitation.link == ""
    assert listed_ids(ana, event.id) == [made.id]


def test_user_keeps_the_name_of_the_guest_as_an_alias(ana: Person, bo: Person) -> None:
    """The latest last, also in history; the same name twice is no alias."""
    event = ana.event()
    robert = ana.guest(event.id, "Robert")
    joined = accept(bo, invite(ana, event.id).token, robert.id)
    [bos] = [each for each in members(ana, event.id) if each.id == joined.member_id]
    assert (bos.name, list(bos.aliases)) == ("Bo", ["Robert"])
    last = ana.events.ListChanges(es.ListChangesRequest(event_id=event.id)).changes[-1]
    assert list(last.after.member.aliases) == ["Robert"]
    assert not last.before.member.aliases
    other = ana.event(name="Porto")
    accept(bo, invite(ana, other.id).token, ana.guest(other.id, "Bo").id)
    assert [list(each.aliases) for each in members(ana, other.id)] == [[], []]


def test_alias_that_a_client_sends_is_refused(ana: Person) -> None:
    event = ana.event()
    request = es.UpdateMemberRequest(
        member=event_pb2.Member(event_id=event.id, id=event.member_id, aliases=["Nina"])
    )
    refused = failure(ana.events.UpdateMember, request)
    assert refused.reason == "FIELD_READ_ONLY"
    assert list(refused.fields) == ["member.aliases"]


def test_aliases_go_with_the_account(ana: Person, bo: Person) -> None:
    """From the member and from history."""
    event = ana.event()
    accept(bo, invite(ana, event.id).token, ana.guest(event.id, "Robert").id)
    bo.users.DeleteMe(DELETE_ME)
    assert [list(each.aliases) for each in members(ana, event.id)] == [[], []]
    changes = ana.events.ListChanges(es.ListChangesRequest(event_id=event.id)).changes
    assert "Robert" not in str(changes)
