"""What people write into names and reasons stays text: in HTML, in headers, in sentences."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from howmuch.mail.compose import compose
from howmuch.mail.letters import DigestLetter, InvitationLetter, Letter, Reader, VerifyLetter
from howmuch.mail.phrases import clean_line
from howmuch.mail.render import Content, render
from howmuch.model import Role
from tests.mail.scenes import (
    EVENT,
    GUEST,
    NOW,
    change,
    composed,
    expense,
    html_text,
    letter,
    part,
    read,
)

HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "Content-Language",
    "Auto-Submitted",
]
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Any character at all, those that have a meaning somewhere more often.
TEXTS = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Zs", "Lo", "So", "Mn"]),
        st.sampled_from(
            [
                "\r\n",
                "\r\nBcc: all@example.com\r\n",
                "\n\n<script>alert(1)</script>",
                "=?utf-8?q?Bcc=3A?=",
                "=?",
                "--=_",
                "{actor}",
                "{0.__class__}",
                "%(actor)s",
                "{{ view }}",
                "]]>",
                "&amp;",
                "<!--",
                '" onload="',
                "'",
                "\\",
                "👩‍👩‍👧",
                "שלום",
                "\u202emoc.elpmaxe",
                "x" * 300,
            ]
        ),
    ),
    max_size=12,
).map("".join)


def reason_letter(text: str, locale: str = "en") -> Letter:
    """A mail with the text in every place that people can fill."""
    texts = {"mbr_ana": text, "mbr_bo": text}
    changes = [
        change("EXPENSE_CREATED", None, expense(text, category=text)),
        change("EXPENSE_UPDATED", expense("a", notes="a"), expense(text, notes=text)),
        change("MEMBER_UPDATED", GUEST, replace(GUEST, name=text)),
        change("EVENT_UPDATED", EVENT, replace(EVENT, name=text, description=text)),
    ]
    news = letter(*changes, names=texts, event_name=text, net=[("EUR", 5)]).news
    return DigestLetter(Reader(text, locale, "UTC"), [news, news], NOW.date())


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        """"quoted" & 'quoted' <b>bold</b>""",
        "&lt;already&gt;",
        "{actor} {0} %(x)s {{ view.subject }}",
        "عشاء في لشبونة",
        "🍕🍷 👩‍👩‍👧",
    ],
)
def test_markup_and_templates_in_a_reason_are_shown_as_written(text: str) -> None:
    """Text and HTML show exactly what was written, and nothing of it is obeyed."""
    content = render(letter(change("EXPENSE_CREATED", None, expense(text))))
    assert content.subject == f"Lisbon trip: Ana added “{text}”, €48.60"
    assert f"Ana added “{text}”, €48.60\n" in content.text
    assert f"Ana added “{text}”, €48.60\n" in html_text(content.html)
    assert "<bdi>" in content.html


def test_line_breaks_become_spaces() -> None:
    """A name on two lines would be a new header, or a sentence of its own."""
    names = {"mbr_ana": "Ana\r\nBcc: all@example.com\x00\t\u2028\x85"}
    content = render(letter(change("EXPENSE_CREATED", None, expense("a\n\nb")), names=names))
    assert content.subject == "Lisbon trip: Ana Bcc: added “a b”, €48.60"
    assert read(composed(content)).keys() == HEADERS


def test_bidi_overrides_are_taken_out() -> None:
    """No name turns the amount behind it around."""
    content = render(letter(change("EXPENSE_CREATED", None, expense("a\u202eb\u2066c\u2069d"))))
    assert content.subject == "Lisbon trip: Ana added “abcd”, €48.60"
    assert not TURNING.search(content.text + content.html)


def test_long_texts_are_cut() -> None:
    """A subject has 150 characters at most and keeps what is at its end; the body shows the beginning."""
    long = "word " * 200
    names = {"mbr_ana": "A" * 200}
    happened = change("EXPENSE_CREATED", None, expense(long))
    content = render(letter(happened, names=names, event_name="E" * 200))
    assert len(content.subject) == 150
    assert content.subject.startswith("E" * 59 + "…: " + "A" * 39 + "… added “word")
    assert "word word…”, €48.60\n" in content.text
    short = render(letter(happened))
    assert short.subject.endswith("word…”, €48.60")


@pytest.mark.parametrize(
    ("text", "longest", "cleaned"),
    [
        ("  a \t b  ", 9, "a b"),
        ("a\u00a0b", 9, "a\u00a0b"),
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcde…"),
        ("abcd efg", 6, "abcd…"),
        ("\ud800a\uffff", 9, "a"),
        ("", 9, ""),
    ],
)
def test_clean_line(text: str, longest: int, cleaned: str) -> None:
    """One line, bounded; the no-break space stays."""
    assert clean_line(text, longest) == cleaned


@settings(deadline=None)
@given(text=TEXTS, locale=st.sampled_from(["en", "fr", "ar", "x" * 9]))
def test_any_text_anywhere_makes_a_sound_mail(text: str, locale: str) -> None:
    """Well-formed HTML, the headers of every mail and no more, lines that servers take, nothing lost."""
    letters: list[Letter] = [
        reason_letter(text, locale),
        letter(change("EXPENSE_CREATED", None, expense(text)), event_name=text, locale=locale),
        InvitationLetter(
            Reader("", locale, "UTC"), text, text, Role.VIEWER, NOW, "https://example.com/j"
        ),
        VerifyLetter(Reader(text, locale, text), "https://example.com/v", NOW),
    ]
    for each in letters:
        content = render(each)
        html_text(content.html)
        mail = composed(content)
        message = read(mail)
        assert message.keys() == HEADERS
        assert message["Subject"] == content.subject
        assert part(message, "plain") == content.text
        assert part(message, "html") == content.html
        assert all(len(line) <= 998 for line in mail.split(b"\r\n"))
        assert mail.count(b"\n") == mail.count(b"\r\n") == mail.count(b"\r")
        assert mail.isascii()
        assert not TURNING.search(content.subject + content.text + content.html)


@settings(deadline=None)
@given(subject=TEXTS, text=TEXTS, html=TEXTS)
def test_any_content_is_read_back_as_it_was(subject: str, text: str, html: str) -> None:
    """Compose trusts no subject and changes no body, but for line breaks and halves of characters."""
    mail = compose(
        Content(subject, text, html, "en"),
        sender="howmuch <noreply@example.com>",
        recipient="dan@example.com",
        message_id="<dlv_1@example.com>",
        date=NOW,
    )
    message = read(mail)
    assert message.keys() == HEADERS
    assert message["Subject"] == clean_line(subject, 150)
    for subtype, body in (("plain", text), ("html", html)):
        sent = body.replace("\r\n", "\n").replace("\r", "\n").encode(errors="replace").decode()
        assert part(message, subtype) == sent
    assert all(len(line) <= 998 for line in mail.split(b"\r\n"))
