"""Colours and initials, which show a member without a picture."""

import re
import unicodedata
from zlib import crc32

from howmuch.errors import invalid

# Each has a contrast of at least 4.5 to 1 with white.
PALETTE = (
    "#b3261e",
    "#a8352f",
    "#9a4a00",
    "#7d5700",
    "#5f6200",
    "#386a20",
    "#006e1c",
    "#006b5b",
    "#00687a",
    "#1d6fb8",
    "#3f5aa9",
    "#5b53a8",
    "#7145a8",
    "#8f3f9c",
    "#9c3f76",
    "#a03557",
)
"""Default colours."""

_COLOUR = re.compile("#[0-9a-f]{6}", re.ASCII)
_JOINER = "\u200d"


def default_colour(member_id: str) -> str:
    """The colour of a member who has chosen none. It follows from the id."""
    return PALETTE[crc32(member_id.encode()) % len(PALETTE)]


def check_colour(value: str, member_id: str) -> str:
    """A colour in lower case. Empty for the default of the member."""
    colour = value.strip().lower()
    if colour and not _COLOUR.fullmatch(colour):
        raise invalid(
            "member.colour",
            "COLOUR_MALFORMED",
            f"{value[:40]!r} is not a colour; it must be #rrggbb, such as #1d6fb8, or empty for the default.",
        )
    return "" if colour == default_colour(member_id) else colour


def initials(name: str) -> str:
    """The first character of the first and of the last word, as people see them, in capitals."""
    first = [graphemes[0] for word in name.split() if (graphemes := _shown(word))]
    return "".join(map(_capital, [first[0], first[-1]] if len(first) > 1 else first))


def _shown(word: str) -> list[str]:
    """The letters, digits and pictures of a word; all its graphemes, if it has none of these."""
    found = graphemes_of(word)
    telling = [
        each for each in found if unicodedata.category(each[0])[0] in "LN" or _is_picture(each)
    ]
    return telling or found


def _is_picture(grapheme: str) -> bool:
    return unicodedata.category(grapheme[0]) == "So"


def _capital(grapheme: str) -> str:
    upper = grapheme.upper()
    return upper if len(upper) == len(grapheme) else grapheme


def graphemes_of(text: str) -> list[str]:
    """The text in characters as people see them: letters with their marks, emoji sequences, flags.

    The rules of Unicode Standard Annex 29 that occur in names: marks, joiners, skin tones, flags, Hangul.
    """
    found: list[str] = []
    for character in unicodedata.normalize("NFC", text):
        if found and _continues(found[-1], character):
            found[-1] += character
        else:
            found.append(character)
    return found


def _continues(grapheme: str, character: str) -> bool:
    if unicodedata.category(character) in ("Mn", "Me", "Mc") or character == _JOINER:
        return True
    if "\U0001f3fb" <= character <= "\U0001f3ff" or "\U000e0020" <= character <= "\U000e007f":
        return True
    if grapheme[-1] == _JOINER:
        return unicodedata.category(character) == "So"
    if _is_flag(character):
        return len(grapheme) == 1 and _is_flag(grapheme)
    # Vowels and final consonants of Hangul that are written apart.
    return "\u1160" <= character <= "\u11ff" and "\u1100" <= grapheme[-1] <= "\u11ff"


def _is_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
