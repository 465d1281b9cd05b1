"""The mails of a program without a mail server: files in a directory."""

from collections.abc import Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path


def mails(directory: Path) -> Sequence[EmailMessage]:
    """All of them, oldest first."""
    return [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in sorted(directory.glob("*.eml"))
    ]


def to(directory: Path, address: str, word: str) -> list[str]:
    """The texts of the mails to an address in which a word is."""
    texts = []
    for mail in mails(directory):
        body = mail.get_body(("plain",))
        assert body is not None
        if mail["to"] == address and word in body.get_content():
            texts.append(body.get_content())
    return texts
