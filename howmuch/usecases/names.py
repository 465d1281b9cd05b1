"""Names of users, members and events: no invisible characters, and no name that only looks like another.

The rule for characters is Unicode's property Default_Ignorable_Code_Point (DerivedCoreProperties.txt, Unicode
17), which includes the zero-width characters and most bidirectional controls. Look-alikes are names with the
same skeleton by Unicode Technical Standard 39.
"""

import re
import sys
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from disarm import skeleton_key

from howmuch.errors import InvalidArgument, invalid
from howmuch.usecases.validation import NAME_LENGTH, check_line

_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# The blank of Braille is not ignorable by that property, but it is invisible.
_BLANK = 0x2800
_INVISIBLE = re.compile(f"[{_IGNORABLE}{chr(_BLANK)}]")
_PICTURES = "".join(
    re.escape(chr(number))
    for number in (*range(0xA9, 0xAF), *range(0x2000, 0x3300), *range(0x1F000, 0x1FB00))
    if unicodedata.category(chr(number)) in ("So", "Sm") or chr(number) in "‼⁉ℹ〰〽"
    if number != _BLANK
)
_PICTURE = f"[{_PICTURES}]\ufe0f?[\U0001f3fb-\U0001f3ff]?"
# Emoji sequences of Unicode Technical Standard 51: joined pictures, keycaps, and flags of tags.
_EMOJI = re.compile(
    f"\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{{3,6}}\U000e007f"
    f"|{_PICTURE}(?:\u200d{_PICTURE})*|[0-9#*]\ufe0f\u20e3"
)


def check_name(value: str, field: str, *, required: bool = True) -> str:
    """A name: a line of at most 200 characters, all of them visible. Raises InvalidArgument for `field`."""
    value = check_line(value, field, length=NAME_LENGTH, required=required)
    if value.isascii():
        return value
    found = _INVISIBLE.search(_EMOJI.sub(" ", value))
    if found:
        number = ord(found[0])
        raise invalid(
            field,
            "CHARACTER_NOT_ALLOWED",
            f"{value[:40]!r} has the character U+{number:04X} ({_described(number)}), which is invisible."
            " Leave it out.",
        )
    return value


def _described(number: int) -> str:
    return unicodedata.name(chr(number), "a character without a name").lower()


def look_alike(name: str, others: Iterable[str]) -> str | None:
    """The first of the other names that looks like `name` and is spelled otherwise. None means no such name.

    The same name is not a look-alike: two people may have one name, of which a response warns.
    """
    skeleton = _skeleton(name)
    for other in others:
        if _skeleton(other) == skeleton and not is_same_name(other, name):
            return other
    return None


def is_same_name(name: str, other: str) -> bool:
    """Whether two names are the same, in any case and normal form."""
    return _spelled(name) == _spelled(other)


def looks_like(field: str, name: str, other: str) -> InvalidArgument:
    """The error for a name that looks like that of another member."""
    return invalid(
        field,
        "NAME_LOOKS_LIKE_ANOTHER",
        f"{name[:40]!r} looks like {other[:40]!r}, the name of another member, but has other characters."
        " Choose a name that differs visibly.",
    )


@lru_cache(maxsize=20_000)
def _skeleton(name: str) -> str:
    return sys.intern(skeleton_key(name))


def _spelled(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
