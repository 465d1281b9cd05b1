"""Composes a mail into the bytes that a mail server takes.

`email.message` with its policies takes longer than the rendering, and all mails have the same form, so they
are built by hand. Tests read them back with `email`.
"""

import datetime as dt
from base64 import encodebytes
from binascii import b2a_qp
from email.utils import format_datetime
from hashlib import sha256

from howmuch.mail.headers import (
    check_address,
    check_language,
    check_message_id,
    check_url,
    encode_text,
)
from howmuch.mail.phrases import clean_line
from howmuch.mail.render import SUBJECT_LENGTH, Content


def compose(
    content: Content,
    *,
    sender: str,
    recipient: str,
    message_id: str,
    date: dt.datetime,
    thread: str = "",
    unsubscribe_url: str = "",
) -> bytes:
    """The mail, with CRLF at the end of lines of at most 998 octets; the same bytes for the same input.

    sender, recipient: `a@example.com` or `Name <a@example.com>`. message_id, thread: `<id@host>`.
    thread: the id that all mails of one event refer to. unsubscribe_url: mail programs call it to stop
    these mails. Raises ValueError that names the field if a value is invalid in its header.
    """
    if date.tzinfo is None:
        raise ValueError("date: a time without a zone")
    own_id = check_message_id(message_id, "message_id")
    # Neither encoding of the parts can contain it, so they are not searched for it.
    boundary = "=_" + sha256(own_id.encode()).hexdigest()[:32]
    headers = [
        f"From: {check_address(sender, 'sender')}",
        f"To: {check_address(recipient, 'recipient')}",
        f"Subject: {encode_text(clean_line(content.subject, SUBJECT_LENGTH))}",
        f"Date: {format_datetime(date.astimezone(dt.UTC))}",
        f"Message-ID: {own_id}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
        f"Content-Language: {check_language(content.language, 'language')}",
        "Auto-Submitted: auto-generated",
    ]
    if thread:
        thread_id = check_message_id(thread, "thread")
        headers += [f"In-Reply-To: {thread_id}", f"References: {thread_id}"]
    if unsubscribe_url:
        url = check_url(unsubscribe_url, "unsubscribe_url")
        headers += [
            f"List-Unsubscribe: <{url}>",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        ]
    separator = f"--{boundary}\r\n".encode()
    return b"".join(
        (
            "\r\n".join(headers).encode("ascii"),
            b"\r\n\r\n",
            separator,
            _part("plain", content.text),
            separator,
            _part("html", content.html),
            f"--{boundary}--\r\n".encode(),
        )
    )


def _part(subtype: str, text: str) -> bytes:
    """One form of the mail, in quoted-printable, or in base 64 if that is shorter."""
    body = text.replace("\r\n", "\n").replace("\r", "\n").encode(errors="replace")
    encoded, encoding = b2a_qp(body), "quoted-printable"
    if len(encoded) * 3 > len(body) * 4:
        encoded, encoding = encodebytes(body.replace(b"\n", b"\r\n")), "base64"
    header = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return header.encode("ascii") + encoded.replace(b"\n", b"\r\n") + b"\r\n"
