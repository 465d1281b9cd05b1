"""What links in mails lead to: pages that change nothing, and the end of mails."""

import datetime as dt
import re
from typing import Any

import pytest
from google.api.httpbody_pb2 import HttpBody
from sqlalchemy import select, update

from howmuch.ids import EVENT, new_id
from howmuch.storage.tables import account_tokens, members
from howmuch.v1 import event_pb2, user_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import user_service_pb2 as us
from tests.service.api import DELETE_ME, Api, Person, failure
from tests.service.world import contents, mail_token, mailed_token


def text_of(page: HttpBody) -> str:
    """A page that is HTML."""
    assert page.content_type == "text/html; charset=utf-8"
    return bytes(page.data).decode()


def unsubscribe(api: Api, token: str, event_id: str = "") -> str:
    """The page after the button, pressed by somebody without a session."""
    request = us.UnsubscribeRequest(token=token, event_id=event_id)
    return text_of(api.nobody().users.Unsubscribe(request))


def show(api: Api, token: str, event_id: str = "") -> str:
    """The page with the button."""
    request = us.ShowUnsubscribeRequest(token=token, event_id=event_id)
    return text_of(api.nobody().users.ShowUnsubscribe(request))


def title(page: str) -> str:
    """The headline, with its marks taken off."""
    found = re.search(r"<h1[^>]*>(.*)</h1>", page)
    assert found
    return re.sub("<[^>]+>", "", found[1])


def muted(api: Api, event_id: str) -> dict[str | None, bool]:
    """Who of an event has its mails off, by user id."""
    statement = select(members.c.user_id, members.c.muted).where(members.c.event_id == event_id)
    with api.database.read() as connection:
        return {row.user_id: row.muted for row in connection.execute(statement)}


def me(person: Person) -> user_pb2.User:
    """Their account."""
    return person.users.GetMe(us.GetMeRequest())


def set_locale(person: Person, locale: str) -> None:
    """Sets their language."""
    person.users.UpdateMe(us.UpdateMeRequest(user=user_pb2.User(locale=locale)))


def test_unsubscribing_from_an_event_mutes_that_one(api: Api, ana: Person, bo: Person) -> None:
    """Of that user and event alone, however often it is done; history and revision know nothing of it."""
    event, other = ana.event(), ana.event(name="Porto")
    bo.join(ana, event.id)
    revision, account = ana.revision(event.id), me(ana)
    token = mail_token(api, ana.user_id)
    pages = {unsubscribe(api, token, event.id) for _ in "12"}
    assert [title(page) for page in pages] == ["You will get no more mails about “Lisbon”."]
    assert muted(api, event.id) == {ana.user_id: True, bo.user_id: False}
    assert muted(api, other.id) == {ana.user_id: False}
    assert ana.revision(event.id) == revision
    changes = ana.events.ListChanges(es.ListChangesRequest(event_id=event.id)).changes
    assert len(changes) == revision
    assert me(ana) == account
    mine = ana.events.ListMembers(es.ListMembersRequest(event_id=event.id)).members[0]
    assert mine.muted


def test_unsubscribing_from_all_turns_mails_off(api: Api, ana: Person, bo: Person) -> None:
    """The account has another etag then, and the same one when it is done again; no event is muted."""
    event = ana.event()
    before, others = me(ana), me(bo)
    token = mail_token(api, ana.user_id)
    page = unsubscribe(api, token)
    assert title(page) == "You will get no more mails about your events."
    after = me(ana)
    assert after.mail_mode == user_pb2.MAIL_MODE_OFF
    assert after.etag != before.etag
    stale = us.UpdateMeRequest(user=user_pb2.User(name="Anna", etag=before.etag))
    assert failure(lambda: ana.users.UpdateMe(stale)).reason == "ETAG_STALE"
    assert unsubscribe(api, token) == page
    assert me(ana) == after
    assert me(bo) == others
    assert muted(api, event.id) == {ana.user_id: False}


def test_event_of_others_is_answered_as_one_that_is_not(api: Api, ana: Person, bo: Person) -> None:
    """Nothing happens, and neither its name nor whether there is one is told; so too after leaving."""
    event, left = bo.event(name="Secret"), bo.event(name="Left")
    mine = ana.join(bo, left.id).member_id
    bo.events.RemoveMember(es.RemoveMemberRequest(event_id=left.id, member_id=mine))
    token = mail_token(api, ana.user_id)
    before = contents(api.database)
    ids = (event.id, left.id, new_id(EVENT))
    assert len({unsubscribe(api, token, event_id) for event_id in ids}) == 1
    assert (
        title(unsubscribe(api, token, event.id)) == "You will get no more mails about this event."
    )
    shown = {show(api, token, event_id).replace(event_id, "ID") for event_id in ids}
    assert [title(page) for page in shown] == ["Stop mails about this event?"]
    assert contents(api.database) == before


def test_opening_a_page_changes_nothing(api: Api, ana: Person) -> None:
    """Programs that look through mails open every link: each still works afterwards, opened twice."""
    event = ana.event()
    verify = mailed_token(api, ana.user_id, "VERIFY_EMAIL")
    reset = mailed_token(api, ana.user_id, "RESET_PASSWORD")
    token = mail_token(api, ana.user_id)
    before = contents(api.database)
    users = api.nobody().users
    for _ in "12":
        assert title(show(api, token, event.id)) == "Stop mails about “Lisbon”?"
        assert title(show(api, token)) == "Stop mails about all your events?"
        shown = text_of(users.ShowVerifyEmail(us.ShowVerifyEmailRequest(token=verify)))
        assert f'value="{verify}"' in shown
        shown = text_of(users.ShowResetPassword(us.ShowResetPasswordRequest(token=reset)))
        assert f'value="{reset}"' in shown
    assert contents(api.database) == before
    assert users.VerifyEmail(us.VerifyEmailRequest(token=verify)).email_verified
    users.ResetPassword(us.ResetPasswordRequest(token=reset, new_password="another one 4"))


@pytest.mark.parametrize(
    ("name", "request_type", "purpose"),
    [
        ("ShowVerifyEmail", us.ShowVerifyEmailRequest, "VERIFY_EMAIL"),
        ("ShowResetPassword", us.ShowResetPasswordRequest, "RESET_PASSWORD"),
    ],
)
def test_page_of_a_link_that_is_good_no_more(
    api: Api, ana: Person, name: str, request_type: Any, purpose: str
) -> None:
    """A link that was replaced, used or has expired has no page."""
    older, token = (mailed_token(api, ana.user_id, purpose) for _ in "12")
    page = getattr(api.nobody().users, name)
    page(request_type(token=token))
    with api.database.begin() as connection:
        connection.execute(
            update(account_tokens)
            .where(account_tokens.c.user_id == ana.user_id)
            .values(expire_time=dt.datetime.now(dt.UTC))
        )
    for spent in (older, token):
        failed = failure(page, request_type(token=spent))
        assert (failed.code, failed.reason) == ("FAILED_PRECONDITION", "TOKEN_INVALID")


def test_mail_token_of_a_deleted_account_is_unknown(api: Api, ana: Person) -> None:
    """Nobody gets mails there any more."""
    token = mail_token(api, ana.user_id)
    ana.users.DeleteMe(DELETE_ME)
    for call in (show, unsubscribe):
        failed = failure(call, api, token)
        assert (failed.code, failed.reason) == ("FAILED_PRECONDITION", "TOKEN_INVALID")
        assert token not in failed.message


def test_names_are_text_and_nothing_else(api: Api, ana: Person) -> None:
    """Whatever an event is called, its name is shown as it is."""
    name = "</h1><script>alert(1)</script>{title} \"&'"
    event = ana.event(name=name)
    token = mail_token(api, ana.user_id)
    for page in (show(api, token, event.id), unsubscribe(api, token, event.id)):
        assert "<script" not in page
        escaped = "&lt;/h1&gt;&lt;script&gt;alert(1)&lt;/script&gt;{title} &#34;&amp;&#39;"
        assert f"<bdi>{escaped}</bdi>" in page


@pytest.mark.parametrize(
    ("locale", "language", "title_of_stop"),
    [
        ("fr-CA", "fr", "Ne plus recevoir d’e\u2011mails sur «\u00a0Lisbon\u00a0»\u202f?"),
        ("FR", "fr", "Ne plus recevoir d’e\u2011mails sur «\u00a0Lisbon\u00a0»\u202f?"),
        ("fry", "en", "Stop mails about “Lisbon”?"),
        ("ja", "en", "Stop mails about “Lisbon”?"),
    ],
)
def test_pages_are_in_the_language_of_the_user(
    api: Api, ana: Person, locale: str, language: str, title_of_stop: str
) -> None:
    """Theirs where there are words of it, else English."""
    set_locale(ana, locale)
    event = ana.event()
    users, token = api.nobody().users, mail_token(api, ana.user_id)
    verify = mailed_token(api, ana.user_id, "VERIFY_EMAIL")
    reset = mailed_token(api, ana.user_id, "RESET_PASSWORD")
    shown = show(api, token, event.id)
    assert title(shown) == title_of_stop
    for page in (
        shown,
        unsubscribe(api, token, event.id),
        text_of(users.ShowVerifyEmail(us.ShowVerifyEmailRequest(token=verify))),
        text_of(users.ShowResetPassword(us.ShowResetPasswordRequest(token=reset))),
    ):
        assert f'<html lang="{language}">' in page


def test_muting_is_not_undone_by_a_change_of_the_member(api: Api, ana: Person) -> None:
    """Who is renamed stays muted, since the change starts from what is there."""
    event = ana.event()
    unsubscribe(api, mail_token(api, ana.user_id), event.id)
    renamed = event_pb2.Member(event_id=event.id, id=event.member_id, name="A.")
    assert ana.events.UpdateMember(es.UpdateMemberRequest(member=renamed)).muted
