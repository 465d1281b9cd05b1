"""The bytes of a mail: its headers, its two forms, and the values it refuses."""

import datetime as dt
from typing import Any

import pytest

from howmuch.mail.render import Content
from tests.mail.scenes import NOW, composed, part, read

CONTENT = Content("Lisbon trip: 5 changes", "text\n", "<p>html</p>\n", "fr")


def test_headers() -> None:
    """Every mail says what it is, from whom, when, in which language, and that a program wrote it."""
    message = read(composed(CONTENT))
    assert dict(message.items()) == {
        "From": "howmuch <noreply@example.com>",
        "To": "dan@example.com",
        "Subject": "Lisbon trip: 5 changes",
        "Date": "Tue, 14 Jul 2026 19:42:00 +0000",
        "Message-ID": "<dlv_1@example.com>",
        "MIME-Version": "1.0",
        "Content-Type": message["Content-Type"],
        "Content-Language": "fr",
        "Auto-Submitted": "auto-generated",
    }
    assert message.get_content_type() == "multipart/alternative"
    parts = [each.get_content_type() for each in message.iter_parts()]
    assert parts == ["text/plain", "text/html"]
    assert part(message, "plain") == "text\n"


def test_same_mail_is_the_same_bytes() -> None:
    """A mail that is sent again is the one that was sent; another id has another boundary."""
    assert composed(CONTENT) == composed(CONTENT)
    other = composed(CONTENT, message_id="<dlv_2@example.com>")
    first, second = (read(mail).get_boundary() for mail in (composed(CONTENT), other))
    assert first != second


def test_thread_is_referred_to() -> None:
    """All mails about one event reply to the same id, so that mail programs keep them together."""
    message = read(composed(CONTENT, thread="<evt_1@example.com>"))
    assert message["In-Reply-To"] == message["References"] == "<evt_1@example.com>"


def test_unsubscribing_takes_one_click() -> None:
    """RFC 8058: the URL in angle brackets, and the header that says that POST does it."""
    url = "https://example.com/stop?token=" + "a" * 400
    message = read(composed(CONTENT, unsubscribe_url=url))
    assert message["List-Unsubscribe"] == f"<{url}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_date_is_in_utc() -> None:
    """The same instant makes the same header, in whichever zone the program has it."""
    there = NOW.astimezone(dt.timezone(dt.timedelta(hours=9)))
    assert composed(CONTENT, date=there) == composed(CONTENT)


@pytest.mark.parametrize(
    ("given", "name", "address"),
    [
        ("a.b+c@example.com", "", "a.b+c@example.com"),
        ("<a@example.com>", "", "a@example.com"),
        ("How Much <a@example.com>", "How Much", "a@example.com"),
        ('"Much, How" <a@example.com>', "Much, How", "a@example.com"),
        ('How "x" Much, Ltd. <a@example.com>', 'How "x" Much, Ltd.', "a@example.com"),
        ("Zürich, señor 🍕 <a@example.com>", None, "a@example.com"),
        ("a@bücher.example", "", "a@xn--bcher-kva.example"),
        ("a@[127.0.0.1]", "", "a@[127.0.0.1]"),
    ],
)
def test_addresses(given: str, name: str | None, address: str) -> None:
    """With and without a name, in any script; a domain in other scripts is put into ASCII."""
    [read_address] = read(composed(CONTENT, sender=given))["From"].addresses
    assert read_address.addr_spec == address
    assert read_address.display_name == (given.partition(" <")[0] if name is None else name)


@pytest.mark.parametrize("field", ["sender", "recipient"])
@pytest.mark.parametrize(
    "value",
    [
        "",
        "dan",
        "dan@",
        "@example.com",
        "dan@example.com, eve@example.com",
        "dan@example.com eve@example.com",
        "dan@example.com\r\nBcc: eve@example.com",
        "dan@example.com\n",
        "Dan\r\n <dan@example.com>",
        "Dan\x00 <dan@example.com>",
        "Dan\u2028 <dan@example.com>",
        "Dan <dan@example.com> <eve@example.com>",
        "zoë@example.com",
        "a" * 65 + "@example.com",
    ],
)
def test_address_that_no_header_can_have_is_refused(field: str, value: str) -> None:
    """The error names the field, so that the reason can be told from a log."""
    with pytest.raises(ValueError, match=f"^{field}: "):
        composed(CONTENT, **{field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("message_id", ""),
        ("message_id", "no at sign"),
        ("message_id", "<a@b>\r\nBcc: eve@example.com"),
        ("message_id", "<a@b\n>"),
        ("message_id", "<ä@b>"),
        ("message_id", "<a\x01@b>"),
        ("thread", "<a@b> <c@d>"),
        ("thread", "<" + "a" * 200 + "@b>"),
        ("unsubscribe_url", "https://example.com/\r\nBcc: eve@example.com"),
        ("unsubscribe_url", "https://example.com/>,<https://example.org/"),
        ("unsubscribe_url", "https://example.com/a b"),
        ("unsubscribe_url", "https://exämple.com/"),
        ("unsubscribe_url", "javascript:alert(1)"),
        ("unsubscribe_url", "https://example.com/" + "a" * 1000),
        ("date", dt.datetime(2026, 7, 14)),  # noqa: DTZ001 - that it has no zone is the point
    ],
)
def test_value_that_no_header_can_have_is_refused(field: str, value: Any) -> None:
    """Line breaks and control characters raise; they are never passed on, nor quietly taken out."""
    with pytest.raises(ValueError, match=f"^{field}: "):
        composed(CONTENT, **{field: value})


def test_language_with_a_line_break_is_refused() -> None:
    """Even what only our own code gives is checked before it becomes a header."""
    with pytest.raises(ValueError, match=r"^language: "):
        composed(Content("a", "b", "c", "en\r\nBcc: eve@example.com"))


def test_error_about_a_link_does_not_repeat_it() -> None:
    """A link to unsubscribe holds a token."""
    with pytest.raises(ValueError, match="unsubscribe_url") as caught:
        composed(CONTENT, unsubscribe_url="https://example.com/?token=secret value")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["x" * 5000, "ж" * 5000, ".\n.\n", "From me\n--=_\n", "a \n\t\n", ""]
)
def test_bodies_of_any_shape_are_sent_whole(text: str) -> None:
    """Long lines, other scripts, dots, blanks at the end: the same text is read back."""
    mail = composed(Content("s", text, text, "en"))
    assert part(read(mail), "plain") == text
    assert max(map(len, mail.split(b"\r\n"))) <= 150
