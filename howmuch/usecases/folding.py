"""Folding of texts for a search that ignores case, accents and normal form."""

import unicodedata
from functools import lru_cache

# Letters that Unicode does not take apart, though people type them without their stroke, dot or ligature.
_LETTERS = str.maketrans(
    {"ı": "i", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ł": "l", "ŧ": "t", "þ": "th"}
    | {"æ": "ae", "œ": "oe"}
)


@lru_cache(maxsize=20_000)
def fold(text: str) -> str:
    """The text in small letters without accents, in NFC: `Güell` is `guell`, `Straße` is `strasse`.

    Signs that make another letter, such as the voicing of kana, stay.
    """
    if text.isascii():
        return text.lower()
    small = _without_marks(_without_marks(text).casefold()).translate(_LETTERS)
    return unicodedata.normalize("NFC", small)


def _without_marks(text: str) -> str:
    """The text in NFKD without accents and points."""
    decomposed = unicodedata.normalize("NFKD", text)
    marks = filter(_is_mark, set(decomposed))
    return decomposed.translate(dict.fromkeys(map(ord, marks)))


def _is_mark(character: str) -> bool:
    # 1 is a stroke; classes from 2 to 9 are signs of syllabic scripts.
    kind = unicodedata.combining(character)
    return kind == 1 or kind >= 10
