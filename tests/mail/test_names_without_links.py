"""Names of people and events in mails have nothing to click on, so that nobody mails a text of their own."""

import datetime as dt

import pytest

from howmuch.mail.letters import InvitationLetter, Reader
from howmuch.mail.phrases import without_links
from howmuch.mail.render import render
from howmuch.model import Role
from tests.mail.scenes import change, expense, letter

HOSTILE = [
    "http://evil.com",
    "HTTPS://EVIL.COM/x",
    "see www.evil.com now",
    "evil.com",
    "evil.com/login",
    "evil.com:8080",
    "me@evil.com",
    "mailto:me@evil.com",
    "hxxp://evil.com",
    "javascript:alert(1)//evil.com",
    "ｅｖｉｌ．com",
    "evil。com",
    "evil｡com",
    "http：／／evil．com",
    "evil\u200b.\u200bcom",
    "e\u00advil.c\u00adom",
    "evil\u200c.com",
    "\u202emoc.live\u202c evil.com",
    "evil\n.com http://\nevil.com",
    "evil.com\r\nBcc: all@evil.com",
    "1.2.3.4/x",
    "192.168.10.10",
    "evil\ud800.com",
]
ADDRESSES = (
    "://",
    "www.",
    "evil.com",
    "@evil",
    "evil。",
    "evil｡",
    "．",
    "mailto:",
    "1.2.3.4",
    "192.168.10.10",
)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_invitation_has_no_link_but_ours(hostile: str) -> None:
    """Neither in the subject nor in the text, whether a person or an event has the name."""
    mail = render(
        InvitationLetter(
            Reader("", "en", "UTC"),
            inviter_name=f"Ana {hostile}",
            event_name=f"Trip {hostile}",
            role=Role.VIEWER,
            expire_time=dt.datetime(2026, 7, 14, tzinfo=dt.UTC),
            link="LINK",
            refuse_link="REFUSE",
        )
    )
    for text in (mail.subject, mail.text, mail.html.partition("<body")[2]):
        assert "Ana" in text
        assert "Trip" in text
        assert not [address for address in ADDRESSES if address in text]
    assert "\n" not in mail.subject


@pytest.mark.parametrize("hostile", HOSTILE)
def test_mail_about_changes_has_no_link_in_names(hostile: str) -> None:
    """Neither in its subject nor in a headline."""
    names = {"mbr_ana": f"Ana {hostile}", "mbr_bo": "Bo", "mbr_me": "Dan"}
    happened = change("EXPENSE_CREATED", None, expense("Dinner"))
    mail = render(letter(happened, names=names, event_name=f"Trip {hostile}"))
    assert "Dinner" in mail.subject
    assert not [address for address in ADDRESSES if address in mail.subject]
    [headline] = [line for line in mail.text.splitlines() if "added" in line]
    assert not [address for address in ADDRESSES if address in headline.partition("added")[0]]


@pytest.mark.parametrize(
    "name",
    [
        "Ana",
        "J.R. Smith",
        "St. Moritz",
        "Trip: Rome",
        "14.7.2026",
        "12.50 each",
        "Prezzo 1.234,50",
        "v2.0",
        "Wait...",
        "Zoë & Søren",
        "Ana 👩‍👩‍👧",
        "می‌خواهم",
        "R&B @ Bob’s",
    ],
)
def test_ordinary_name_stays(name: str) -> None:
    """Nothing is taken out that is no address."""
    assert without_links(name) == name


def test_name_that_is_an_address_becomes_an_ellipsis() -> None:
    """A sentence needs something in its place."""
    assert without_links("http://evil.com") == "…"
    assert without_links("evil.com") == "evil com"
