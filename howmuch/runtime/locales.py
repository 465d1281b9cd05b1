"""Locales by their tags."""

from functools import lru_cache

from babel import Locale, UnknownLocaleError


@lru_cache(1024)
def find_locale(tag: str) -> Locale:
    """The locale of a BCP 47 tag, or of the longest known beginning of the tag, or English."""
    parts = tag.split("-")
    for length in range(len(parts), 0, -1):
        try:
            return Locale.parse("-".join(parts[:length]), sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")
