"""Rules for the plain fields of requests: lines, texts, addresses, dates. Amounts are in ledger/money.

Each function returns the clean value or raises InvalidArgument that names the field, the value and the
rule. Lengths count Unicode characters.
"""

import datetime as dt
import re
import unicodedata
import zoneinfo
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import TypeVar, get_type_hints

from email_validator import EmailNotValidError, validate_email

from howmuch.errors import Violations, invalid
from howmuch.ledger.split_rules import MAX_WEIGHT
from howmuch.model import TEXT_LENGTH, Draft, TextRule
from howmuch.weights import Weight

Number = TypeVar("Number", int, Decimal, Weight)

NAME_LENGTH = 200
EMAIL_LENGTH = 254
PASSWORD_LENGTHS = (10, 256)
WEIGHTS = (0, MAX_WEIGHT)
FIRST_DATE = dt.date(1900, 1, 1)
LAST_DATE = dt.date(2199, 12, 31)

_LONGEST_CAUSE = 160

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)

DRAFT_TEXTS: dict[str, TextRule] = {
    name: rule
    for name, hint in get_type_hints(Draft, include_extras=True).items()
    for rule in getattr(hint, "__metadata__", ())
    if isinstance(rule, TextRule)
}


def _shown(value: str) -> str:
    return repr(value if len(value) <= 40 else value[:40] + "…")


def check_line(value: str, field: str, *, length: int, required: bool = True) -> str:
    """A text on one line without control characters; spaces at its ends are taken off."""
    value = value.strip()
    if not value and required:
        raise invalid(field, "FIELD_REQUIRED", f"A text of 1 to {length:,} characters is required.")
    _check_length(value, field, length)
    for character in value:
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"):
            raise invalid(
                field,
                "CHARACTER_NOT_ALLOWED",
                f"{_shown(value)} has the character U+{ord(character):04X};"
                " line breaks and control characters are not allowed here.",
            )
    return value


def check_text(value: str, field: str, *, length: int = TEXT_LENGTH) -> str:
    """A text that may be empty and may have line breaks and tabs, but no other control character."""
    _check_length(value, field, length)
    for character in value:
        if character not in "\n\r\t" and unicodedata.category(character) in ("Cc", "Cs"):
            raise invalid(
                field,
                "CHARACTER_NOT_ALLOWED",
                f"{_shown(value)} has the character U+{ord(character):04X};"
                " of control characters only line breaks and tabs are allowed.",
            )
    return value


def _check_length(value: str, field: str, length: int) -> None:
    if len(value) > length:
        raise invalid(
            field,
            "TEXT_TOO_LONG",
            f"{_shown(value)} has {len(value):,} characters; at most {length:,} are allowed.",
        )


def check_texts(given: Mapping[str, str]) -> dict[str, str]:
    """The texts of a draft, clean by the rules of its fields. given: by the names of the fields."""
    wrong, checked = Violations(), {}
    for name, rule in DRAFT_TEXTS.items():
        with wrong:
            checked[name] = (
                check_text(given[name], name, length=rule.length)
                if rule.lines
                else check_line(given[name], name, length=rule.length, required=rule.required)
            )
    wrong.raise_any()
    return checked


def check_email(value: str, field: str) -> str:
    """An address, in lower case. Nothing is looked up: only a mail shows whether it works.

    The part before the @ is ASCII, since most mail servers take nothing else; the domain may be in any
    script.
    """
    # Before anything that takes longer for a longer text.
    if len(value) > EMAIL_LENGTH:
        raise invalid(
            field,
            "EMAIL_MALFORMED",
            f"{_shown(value)} has {len(value):,} characters; at most {EMAIL_LENGTH} are allowed.",
        )
    try:
        found = validate_email(value.strip(), check_deliverability=False, allow_smtputf8=False)
        return found.normalized.lower()
    except EmailNotValidError as error:
        # The reason may list every character, which headers of an answer have no room for.
        reason = str(error) if len(str(error)) <= _LONGEST_CAUSE else "It has wrong characters."
        raise invalid(
            field, "EMAIL_MALFORMED", f"{_shown(value)} is not an e-mail address: {reason}"
        ) from error


def check_password(value: str, field: str, *, shortest: int = PASSWORD_LENGTHS[0]) -> str:
    """A password. The value is never shown.

    shortest: 1 for one that is to be compared with the one there is.
    """
    longest = PASSWORD_LENGTHS[1]
    if not shortest <= len(value) <= longest:
        raise invalid(
            field,
            "PASSWORD_LENGTH",
            f"The password has {len(value):,} {'character' if len(value) == 1 else 'characters'};"
            f" {shortest} to {longest} are allowed.",
        )
    return value


def parse_date(value: str, field: str) -> dt.date:
    """A day as `YYYY-MM-DD`, from 1900 to 2199."""
    if not value:
        raise invalid(field, "DATE_REQUIRED", "A day is required, such as 2026-11-22.")
    try:
        if not _DATE.fullmatch(value):
            raise ValueError(value)
        date = dt.date.fromisoformat(value)
    except ValueError as error:
        raise invalid(
            field,
            "DATE_MALFORMED",
            f"{_shown(value)} is not a day; it must be YYYY-MM-DD, such as 2026-11-22.",
        ) from error
    if not FIRST_DATE <= date <= LAST_DATE:
        raise invalid(
            field,
            "DATE_OUT_OF_RANGE",
            f"{value} is not between {FIRST_DATE} and {LAST_DATE}.",
        )
    return date


def check_locale(value: str, field: str) -> str:
    """A BCP 47 language tag such as `en` or `pt-BR`."""
    if not _LOCALE.fullmatch(value):
        raise invalid(
            field, "LOCALE_MALFORMED", f"{_shown(value)} is not a language tag such as en or pt-BR."
        )
    return value


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def check_time_zone(value: str, field: str) -> str:
    """A name from the IANA time zone database."""
    if value not in _time_zones():
        raise invalid(
            field,
            "TIME_ZONE_UNKNOWN",
            f"{_shown(value)} is not an IANA time zone such as Europe/Lisbon.",
        )
    return value


def check_weight(value: Weight, field: str) -> Weight:
    """A member's weight."""
    return check_range(value, field, *WEIGHTS)


def check_range(value: Number, field: str, smallest: int, largest: int) -> Number:
    """A number within bounds, both included."""
    if not smallest <= value <= largest:
        raise invalid(
            field,
            "NUMBER_OUT_OF_RANGE",
            f"{value} is not between {smallest:,} and {largest:,}.",
        )
    return value


def check_idempotency_key(value: str) -> str:
    """The value of the `idempotency-key` header."""
    if not _IDEMPOTENCY_KEY.fullmatch(value):
        raise invalid(
            "idempotency-key",
            "IDEMPOTENCY_KEY_MALFORMED",
            f"{_shown(value)} must be 1 to 255 visible ASCII characters without spaces.",
        )
    return value


def check_token(value: str, field: str) -> str:
    """A token out of a link. The value is never shown."""
    if not _TOKEN.fullmatch(value):
        raise invalid(
            field,
            "TOKEN_MALFORMED",
            "This is not a token out of a link: those have 43 characters of A-Z, a-z, 0-9, - and _.",
        )
    return value


def check_revision(revision: int, latest: int, field: str) -> int:
    """A revision that an event has had, or 0. latest: its present one."""
    if not 0 <= revision <= latest:
        raise invalid(
            field,
            "REVISION_OUT_OF_RANGE",
            f"{revision} is not between 0 and {latest}, the event's revision.",
        )
    return revision
