"""Phrases in both plain text and HTML, with users' texts made safe in either."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup, escape

# Line breaks, tabs, control characters and runs of spaces become one space. Not \s: the no-break
# spaces of French and of amounts stay.
_BREAKS = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_LINES = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
DETAIL_INDENT = "  "
"""Before each line of details in plain text, as in changes.txt."""
# Characters that turn the direction of the surrounding text, that XML forbids, and lone surrogates.
_HARMFUL = re.compile("[\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]")

# Mail programs make links of addresses in plain text, and domains in any script are addresses. IDNA reads
# these signs as a dot, and browsers read the others as a colon and slashes.
_DOT = "[.\u2024\u3002\ufe52\uff0e\uff61]"
_COLON = "[:\ufe55\uff1a]"
_SLASH = "[/\\\\\u2044\u2215\uff0f\uff3c]"
_SCHEMES = (
    "https?|ftps?|file|mailto|tel|sms|callto|facetime|sips?|xmpp|skype|whatsapp|tg|javascript|vbscript"
    "|data|blob|about|view-source|intent|market|magnet|bitcoin|ethereum|geo|maps|irc|ldap|news|urn"
)
# Within one word.
_ADDRESS = re.compile(
    rf"{_COLON}{_SLASH}{{2}}"  # after any scheme
    rf"|(?<!\w)(?:{_SCHEMES}){_COLON}\S"
    rf"|(?<!\w)www\d?{_DOT}"
    # A domain with a path, a port or a query behind it, or a person before it.
    rf"|\S{_DOT}[\w-]+(?:{_SLASH}|[?#]|{_COLON}\d)"
    rf"|@[\w-]+{_DOT}\w",
    re.IGNORECASE,
)
# Before at least two characters, as every top-level domain has them. Initials such as J.R. stay.
_INNER_DOT = re.compile(rf"(?<=[^\s.]){_DOT}(?=[^\s.]{{2}})")
_NUMBER = re.compile(rf"\W*\d+(?:(?:{_DOT}|[,’'])\d+){{1,2}}\W*")
_IP_ADDRESS = re.compile(rf"(?<!\d)\d{{1,3}}(?:{_DOT}\d{{1,3}}){{3}}(?!\d)")
_SPACES = re.compile(r"(\s+)")


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


def lines_text(text: str, longest: int) -> Phrase:
    """A user's text with its line breaks, as a line of details; several blank lines become one."""
    lines: list[Phrase] = []
    for line in _LINES.split(text[: 4 * longest].strip()):
        shown = user_text(line, longest) if longest > 0 else Phrase("…", Markup("…"))
        if shown.text or (lines and lines[-1].text):
            lines.append(shown)
        if longest <= 0:
            break
        longest -= len(shown.text)
    return Phrase(
        f"\n{DETAIL_INDENT}".join(line.text for line in lines),
        Markup("<br>").join(line.html for line in lines),
    )


def name_text(text: str, longest: int) -> Phrase:
    """The name of a person or an event for use in a sentence: `user_text` without anything to click on."""
    return _isolated(clean_line(without_links(text[: 4 * longest]), longest))


@lru_cache(4096)
def without_links(text: str) -> str:
    """`text` without addresses of pages and people. A dot within a word, as in `evil.com`, becomes a space.

    Numbers such as 12.50 and 14.7.2026 stay. A text that is nothing but an address becomes an ellipsis.
    """
    # Invisible characters would hide an address from this search and not from its reader. The two that join
    # letters and emoji stay.
    visible = "".join(
        character
        for character in _HARMFUL.sub("", text)
        if character in "\u200c\u200d" or unicodedata.category(character) != "Cf"
    )
    left = "".join(map(_without_link, _SPACES.split(visible)))
    return left if left.strip() or not text.strip() else "…"


def _without_link(word: str) -> str:
    if word.isalpha():
        return word
    joined_up = word.replace("\u200c", "").replace("\u200d", "")
    if _ADDRESS.search(joined_up) or _IP_ADDRESS.search(joined_up):
        return ""
    return word if _NUMBER.fullmatch(word) else _INNER_DOT.sub(" ", word)


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
