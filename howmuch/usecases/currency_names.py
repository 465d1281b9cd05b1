"""Currencies with their names and symbols in a language, from the Unicode CLDR."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale
from babel.numbers import get_currency_name, get_currency_symbol

from howmuch.ledger.currencies import CURRENCIES
from howmuch.runtime.locales import find_locale

# CLDR has no name for it in any language.
_NAMELESS = {"XAD": "Arab Accounting Dinar"}


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency as a language calls it. symbol: the code, if the language has no other."""

    code: str
    name: str
    digits: int
    symbol: str


@lru_cache(64)
def list_currencies(locale_tag: str) -> Sequence[Currency]:
    """All currencies of `CURRENCIES`, ordered by code. locale_tag: BCP 47."""
    locale = find_locale(locale_tag)
    return tuple(
        Currency(
            code,
            _name(code, locale),
            digits,
            get_currency_symbol(code, locale=locale),
        )
        for code, digits in sorted(CURRENCIES.items())
    )


def _name(code: str, locale: Locale) -> str:
    """The name in the language, or else in English."""
    for known in (locale, Locale("en")):
        name = get_currency_name(code, locale=known)
        if name != code:
            return name
    return _NAMELESS[code]
