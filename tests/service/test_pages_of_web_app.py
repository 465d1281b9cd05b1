"""The pages behind links in mails, on a server with the web app: they lead into it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from howmuch.rpc.server_options import PageLinks
from howmuch.storage.database import Database
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import user_service_pb2 as us
from tests.service.api import Api, Person
from tests.service.conftest import serve
from tests.service.test_join_page import OVER, page
from tests.service.test_mail_pages import text_of, title, unsubscribe
from tests.service.test_members import accept, invite
from tests.service.world import contents, mail_token, mailed_token

LINKS = PageLinks(
    invitation="https://example.com/join/{token}",
    join_command="howmuch join {token} --server example.com:443",
    web_app="https://example.com",
)


@pytest.fixture(scope="module")
def api(database: Database) -> Iterator[Api]:
    """A server beside the web app."""
    yield from serve(database, page_links=lambda: LINKS)


def ways(shown: str) -> dict[str, str]:
    """The links of a page: label to address."""
    links = re.findall(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', shown)
    return {re.sub("<[^>]+>", "", label): url for url, label in links}


def test_invited_person_says_who_they_are(api: Api, ana: Person, bo: Person) -> None:
    """One link for each guest and one for somebody new. Opening the page accepts nothing."""
    event = ana.event()
    guests = [ana.guest(event.id, name) for name in ("Robert", "Cy")]
    token = invite(ana, event.id).token
    before = contents(api.database)
    shown = page(api, token)
    assert title(shown) == "Ana invites you to Lisbon"
    assert ways(shown) == {
        **{guest.name: f"/invitations/{token}?as={guest.id}" for guest in guests},
        "I am somebody new": f"/invitations/{token}?as=new",
    }
    assert "<form" not in shown
    assert "<script" not in shown
    assert contents(api.database) == before
    assert accept(bo, token, guests[0].id).member_id == guests[0].id


def test_invitation_of_one_guest_has_one_way(api: Api, ana: Person) -> None:
    """So has one to an event without guests."""
    event = ana.event()
    plain = invite(ana, event.id).token
    assert ways(page(api, plain)) == {"Join Lisbon": f"/invitations/{plain}?as=new"}
    robert, _ = (ana.guest(event.id, name) for name in ("Robert", "Cy"))
    named = invite(ana, event.id, member_id=robert.id).token
    shown = page(api, named)
    assert ways(shown) == {"Join Lisbon": f"/invitations/{named}?as={robert.id}"}
    assert "You join as <bdi>Robert</bdi>" in shown
    assert "Cy" not in shown


def test_preview_of_the_link_has_a_picture(api: Api, ana: Person) -> None:
    """Programs that show previews need absolute addresses. The terminal is folded away."""
    token = invite(ana, ana.event().id).token
    shown = page(api, token, "fr")
    tags = dict(re.findall(r'<meta (?:property|name)="([a-z]+:[a-z_]+)" content="([^"]*)">', shown))
    assert tags.pop("og:description").startswith("Avec howmuch, on partage")
    assert tags == {
        "og:type": "website",
        "og:site_name": "howmuch",
        "og:title": "Ana vous invite à Lisbon",
        "og:locale": "fr",
        "og:url": f"https://example.com/join/{token}",
        "og:image": "https://example.com/icons/share.png",
        "twitter:card": "summary_large_image",
    }
    assert '<meta name="robots" content="noindex">' in shown
    [folded] = re.findall(r"<details>(.*?)</details>", shown, re.DOTALL)
    assert "<summary>Pour les développeurs</summary>" in folded
    assert f"howmuch join {token} --server example.com:443" in folded


def test_names_are_text_also_in_buttons(api: Api, ana: Person) -> None:
    name = "</a><script>alert(1)</script>{inviter} \"&'"
    event = ana.event(name=name)
    ana.guest(event.id, name)
    shown = page(api, invite(ana, event.id).token)
    assert "<script" not in shown
    escaped = "&lt;/a&gt;&lt;script&gt;alert(1)&lt;/script&gt;{inviter} &#34;&amp;&#39;"
    assert f"<bdi>{escaped}</bdi></a>" in shown
    assert f'content="Ana invites you to {escaped}"' in shown


TELLS_INVITER = {
    "This invitation has been used",
    "This invitation has expired",
    "This event is archived",
}


@pytest.mark.parametrize(("end", "said"), OVER)
def test_page_of_an_invitation_that_is_over_leads_on(
    api: Api, ana: Person, bo: Person, end: Any, said: str
) -> None:
    """It says whom to ask, unless the link was taken back, perhaps because a stranger has it."""
    made = invite(ana, ana.event().id)
    end(api, ana, bo, made)
    shown = page(api, made.token)
    assert title(shown) == said
    assert ("<bdi>Ana</bdi>" in shown) == (said in TELLS_INVITER)
    assert ("person who invited you" in shown) == (said not in TELLS_INVITER)
    assert ways(shown) == {"Open howmuch": "/"}
    assert "Lisbon" not in shown


def test_unknown_invitation_leads_on_too(api: Api) -> None:
    shown = page(api, "a" * 43, "fr")
    assert "demandez-en un nouveau à la personne qui vous a invité" in shown
    assert ways(shown) == {"Ouvrir howmuch": "/"}


@pytest.mark.parametrize(
    ("purpose", "name", "url"),
    [
        ("VERIFY_EMAIL", "VerifyEmail", "/"),
        ("RESET_PASSWORD", "ResetPassword", "/login"),
        ("CHANGE_EMAIL", "ConfirmEmailChange", "/"),
        ("UNDO_EMAIL", "UndoEmailChange", "/"),
    ],
)
def test_page_of_a_link_in_a_mail_leads_on(
    api: Api, ana: Person, purpose: str, name: str, url: str
) -> None:
    """Its script shows the link after success."""
    token = mailed_token(api, ana.user_id, purpose)
    show = getattr(api.nobody().users, f"Show{name}")
    shown = text_of(show(getattr(us, f"Show{name}Request")(token=token)))
    assert ways(shown) == {"Open howmuch": url}
    assert '<p id="next" hidden>' in shown


def test_ended_mails_lead_on(api: Api, ana: Person) -> None:
    """To the web app, where they can be turned on again."""
    token = mail_token(api, ana.user_id)
    for event_id in (ana.event().id, ""):
        assert ways(unsubscribe(api, token, event_id)) == {"Open howmuch": "/"}


def test_link_of_an_invitation_is_its_page(ana: Person) -> None:
    event = ana.event()
    made = ana.events.CreateInvitation(es.CreateInvitationRequest(event_id=event.id))
    assert made.link == f"https://example.com/join/{made.token}"
