"""Checks the values of a mail's headers against header injection, and encodes them.

Sources: RFC 5322 (form), RFC 2047 (other characters than ASCII), RFC 8058 (one-click unsubscribe).
"""

import re
from base64 import b64encode
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from howmuch.mail.phrases import clean_line

_ADDRESS_LENGTH = 320
_NAME_LENGTH = 200
_URL_LENGTH = 900

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NAMED = re.compile(r"(?:(?P<name>[^<>]*?)\s*<(?P<inner>[^<>]*)>|(?P<bare>[^<>]*))")
# RFC 5322 allows these characters in an address without quotation marks.
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}", re.ASCII)
_LITERAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@\[[0-9A-Fa-f.:IPv]{1,60}\]", re.ASCII)
_MESSAGE_ID = re.compile(r"<?([^\s<>@]{1,120}@[^\s<>@]{1,120})>?", re.ASCII)
_URL = re.compile(r"(?:https?://|mailto:)[!#-;=?-~]+", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}", re.ASCII)
_PLAIN_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+", re.ASCII)

# An encoded word has at most 75 characters. 12 of them surround the base 64, so 45 octets fit.
_WORD_OCTETS = 45
# The first word follows the name of the header on its line.
_FIRST_WORD_OCTETS = 36


@lru_cache(1024)
def check_address(value: str, field: str) -> str:
    """The value of From or To: `a@example.com` or `Name <a@example.com>`.

    Raises ValueError that names `field` for an invalid address, control characters, or other characters
    than ASCII before the @, which only servers with SMTPUTF8 take. A domain in other scripts is encoded.
    """
    _refuse_control(value, field)
    match = _NAMED.fullmatch(value.strip())
    if match is None:
        raise ValueError(f"{field}: {value[:60]!r} is not an e-mail address")
    address = ascii_address(match["inner"] if match["bare"] is None else match["bare"], field)
    name = clean_line((match["name"] or "").strip().strip('"'), _NAME_LENGTH)
    return f"{_encode_name(name)} <{address}>" if name else address


def check_message_id(value: str, field: str) -> str:
    """A message id, with its angle brackets added if they are missing. Raises ValueError naming `field`."""
    match = _MESSAGE_ID.fullmatch(value)
    if match is None or not value.isprintable() or not value.isascii():
        raise ValueError(f"{field}: {value[:60]!r} is not a message id such as <id@host>")
    return f"<{match[1]}>"


def check_url(value: str, field: str) -> str:
    """An http, https or mailto URL in ASCII. Raises ValueError that names `field`."""
    # The error does not show the value, which may contain a token.
    if len(value) > _URL_LENGTH or not _URL.fullmatch(value):
        raise ValueError(f"{field}: not a URL in ASCII of at most {_URL_LENGTH} characters")
    return value


def check_language(value: str, field: str) -> str:
    """A language tag. Raises ValueError that names `field`."""
    if not _LANGUAGE.fullmatch(value):
        raise ValueError(f"{field}: {value[:60]!r} is not a language tag")
    return value


def encode_text(text: str) -> str:
    """A clean line as the value of a header: unchanged if it is ASCII, else in encoded words."""
    # "=?" begins an encoded word, so a text that contains it is encoded.
    if text.isascii() and "=?" not in text:
        return text
    words = []
    octets = bytearray()
    longest = _FIRST_WORD_OCTETS
    for character in text:
        encoded = character.encode()
        if len(octets) + len(encoded) > longest:
            words.append(octets)
            octets, longest = bytearray(), _WORD_OCTETS
        octets += encoded
    words.append(octets)
    return "\r\n ".join(f"=?utf-8?b?{b64encode(word).decode()}?=" for word in words)


def _refuse_control(value: str, field: str) -> None:
    if _CONTROL.search(value):
        raise ValueError(f"{field}: {value[:60]!r} has line breaks or control characters")


def ascii_address(address: str, field: str) -> str:
    """An address in the form that mail servers take. Raises ValueError as `check_address` does."""
    address = address.strip(" ")
    if not address.isascii():
        try:
            encoded = validate_email(address, check_deliverability=False).ascii_email
        except EmailNotValidError:
            encoded = None
        if encoded is None:
            raise ValueError(f"{field}: {address[:60]!r} cannot be written in ASCII")
        address = encoded
    if len(address) > _ADDRESS_LENGTH or not (
        _ADDRESS.fullmatch(address) or _LITERAL.fullmatch(address)
    ):
        raise ValueError(f"{field}: {address[:60]!r} is not an e-mail address")
    return address


def _encode_name(name: str) -> str:
    if not name.isascii() or "=?" in name:
        return encode_text(name)
    if _PLAIN_NAME.fullmatch(name):
        return name
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'
