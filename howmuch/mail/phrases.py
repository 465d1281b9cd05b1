"""Phrases in both plain text and HTML, with users' texts made safe in either."""

import re
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup, escape

# Line breaks, tabs, control characters and runs of spaces become one space. Not \s: the no-break
# spaces of French and of amounts stay.
_BREAKS = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029]+")
# Characters that turn the direction of the surrounding text, that XML forbids, and lone surrogates.
_HARMFUL = re.compile("[\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A piece of a sentence. html: the text, escaped and marked up."""

    text: str
    html: Markup


def clean_line(text: str, longest: int) -> str:
    """`text` on one line of at most `longest` characters, without harmful characters."""
    # Texts may be long, and far more than this is never shown. The removed part is the smaller one.
    cleaned = text[: 4 * longest]
    # Most texts are printable, so nothing has to be removed.
    if not cleaned.isprintable() or "  " in cleaned:
        cleaned = _BREAKS.sub(" ", _HARMFUL.sub("", cleaned))
    cleaned = cleaned.strip(" ")
    if len(cleaned) <= longest:
        return cleaned
    return cleaned[: longest - 1].rstrip(" ") + "…"


def user_text(text: str, longest: int) -> Phrase:
    """A user's text for use in a sentence. In HTML, <bdi> isolates its direction of writing."""
    return _isolated(clean_line(text, longest))


@lru_cache(4096)
def _isolated(text: str) -> Phrase:
    return Phrase(text, Markup("<bdi>") + escape(text) + Markup("</bdi>"))


def plain(text: str) -> Phrase:
    """A text of the program."""
    return Phrase(text, escape(text))


def unbroken(text: str) -> Phrase:
    """A text of the program that stays on one line, such as an amount."""
    return Phrase(
        text, Markup('<span style="white-space:nowrap">') + escape(text) + Markup("</span>")
    )


def joined(separator: str, phrases: list[Phrase]) -> Phrase:
    return Phrase(
        separator.join(phrase.text for phrase in phrases),
        escape(separator).join(phrase.html for phrase in phrases),
    )
