"""The links of a mail to pages of its events: where they stand, and that none is empty."""

from howmuch.mail.letters import DigestLetter, EventLinks, Reader
from howmuch.mail.render import render
from howmuch.model import Comment
from howmuch.usecases.history import Change
from tests.mail.scenes import EVENT, NOW, change, expense, letter

PAGE = "https://example.com/events/evt_1"
LINKS = EventLinks(
    event=PAGE,
    settings=f"{PAGE}/settings",
    expense=PAGE + "/expenses/{expense_id}",
    explain=f"{PAGE}/balances/mbr_me",
)
CREATED = change("EXPENSE_CREATED", None, expense())
COMMENT = Comment("cmt_1", "evt_1", "exp_7", "Dinner", "mbr_bo", "With the tip?", NOW, None)
COMMENTED = Change("evt_1", 4, "COMMENT_ADDED", "mbr_bo", "cmt_1", None, COMMENT, NOW)
ARCHIVED = change("EVENT_ARCHIVED", EVENT, EVENT)


def test_event_is_opened_and_muted_from_its_mail() -> None:
    """Beside the link that stops the mails at one click."""
    content = render(letter(ARCHIVED, links=LINKS, unsubscribe_link="https://example.com/stop"))
    assert f"Open Lisbon trip\n{PAGE}\n" in content.text
    assert content.text.endswith(
        "Stop mail about this event\nhttps://example.com/stop\n"
        f"Choose the mails about this event\n{PAGE}/settings\n"
    )
    for url in (PAGE, f"{PAGE}/settings", "https://example.com/stop"):
        assert content.html.count(f'href="{url}"') == 1
    assert "/expenses/" not in content.text + content.html, "no expense has changed"


def test_change_of_an_expense_leads_to_it() -> None:
    """So does a comment on it; in HTML the sentence is the link."""
    content = render(letter(CREATED, COMMENTED, links=LINKS))
    for expense_id, said in (("exp_1", "Ana added"), ("exp_7", "Bo commented on")):
        assert f"\n  {PAGE}/expenses/{expense_id}\n" in content.text
        assert f'href="{PAGE}/expenses/{expense_id}" style="color:#0f6b4f"><bdi>' in content.html
        assert said in content.text


def test_each_event_of_a_digest_has_its_links() -> None:
    """The footer has the settings of the reader, not those of one event."""
    other = EventLinks("https://example.com/events/evt_2", "https://example.com/events/evt_2/mails")
    news = [letter(CREATED, links=links).news for links in (LINKS, other, EventLinks())]
    digest = DigestLetter(
        Reader("Dan", "fr", "UTC"), news, NOW.date(), settings_link="https://example.com/settings"
    )
    content = render(digest)
    for links in (LINKS, other):
        assert content.text.count(f"\n{links.event}\n") == 1
        assert content.text.count(f"\n{links.settings}\n") == 1
        assert content.html.count(f'href="{links.event}"') == 1
        assert content.html.count(f'href="{links.settings}"') == 1
    assert content.text.endswith("Vos réglages d’e-mails\nhttps://example.com/settings\n")
    assert content.text.count("Ouvrir") == 2


def test_mail_without_pages_has_no_empty_links() -> None:
    """A server without the web app knows no pages."""
    content = render(letter(CREATED, ARCHIVED))
    assert "href" not in content.html
    assert "Open" not in content.text
    assert "http" not in content.text
