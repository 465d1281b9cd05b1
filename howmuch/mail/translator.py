"""Translates messages into one language, and formats their values for one locale."""

import datetime as dt
import gettext
import zoneinfo
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from markupsafe import Markup

from howmuch.ledger.money import format_percent
from howmuch.mail import formats
from howmuch.mail.catalogs import SOURCE_LANGUAGE, translations
from howmuch.mail.phrases import Phrase, plain, unbroken
from howmuch.runtime.locales import find_locale


@dataclass(frozen=True, slots=True)
class Translator:
    """language: of the words. locale: of numbers, amounts and dates, in this language."""

    language: str
    direction: str
    catalog: gettext.NullTranslations
    locale: Locale
    zone: zoneinfo.ZoneInfo

    def say(self, message: str, **values: Phrase) -> Phrase:
        """The message in this language, with `values` in its placeholders."""
        return _fill(self.catalog.gettext(message), values)

    def say_count(self, one: str, many: str, count: int, **values: Phrase) -> Phrase:
        """The message in the singular or plural of `count`, which is also one of the values."""
        values["count"] = plain(formats.format_number(count, self.locale))
        return _fill(self.catalog.ngettext(one, many, count), values)

    def money(self, minor: int, currency_code: str) -> Phrase:
        return unbroken(formats.format_money(minor, currency_code, self.locale))

    def number(self, number: Decimal | int) -> Phrase:
        return plain(formats.format_number(number, self.locale))

    def percent(self, units: int) -> Phrase:
        """A percentage. units: of 1/10_000 percent."""
        number = formats.format_number(Decimal(format_percent(units)), self.locale)
        return self.say("{number}%", number=plain(number))

    def day(self, date: dt.date) -> Phrase:
        return unbroken(formats.format_day(date, self.locale))

    def long_day(self, date: dt.date) -> Phrase:
        """A day with its month in full: "July 14, 2026"."""
        return plain(format_date(date, "long", locale=self.locale))

    def moment(self, instant: dt.datetime) -> Phrase:
        """Day and time of day, with the city or name of the time zone."""
        time = plain(formats.format_minute(instant, self.zone, self.locale))
        city = formats.zone_city(self.zone, self.locale)
        if city:
            return self.say("{time} ({city} time)", time=time, city=plain(city))
        name = plain(self.zone.key.removeprefix("Etc/"))
        return self.say("{time} ({zone})", time=time, zone=name)

    def listed(self, phrases: list[Phrase]) -> Phrase:
        """Phrases as the list of a sentence: "Ana, Bo and you"."""
        locale = find_language(self.language)
        return Phrase(
            format_list([phrase.text for phrase in phrases], locale=locale),
            # Babel's words between them contain nothing to escape.
            Markup(format_list([str(phrase.html) for phrase in phrases], locale=locale)),  # noqa: S704
        )


@cache
def find_language(language: str) -> Locale:
    """The locale of a language that has a catalog."""
    # Lists in British English have no comma before "and", like the messages.
    return Locale("en", "GB") if language == SOURCE_LANGUAGE else Locale(language)


def has_words(language: str) -> bool:
    """Whether mails have words in a language, such as `fr`."""
    return language == SOURCE_LANGUAGE or isinstance(
        translations(language), gettext.GNUTranslations
    )


@lru_cache(1024)
def find_translator(locale_tag: str, time_zone: str) -> Translator:
    """The translator for a reader: in English if the reader's language has no catalog."""
    locale = find_locale(locale_tag)
    catalog = translations(locale.language)
    known = isinstance(catalog, gettext.GNUTranslations)
    language = locale.language if known else SOURCE_LANGUAGE
    if locale.language != language:
        # An amount in another form than its sentence may be read wrong: 1.234 is not 1,234.
        locale = Locale(language)
    direction = find_language(language).text_direction
    return Translator(language, direction, catalog, locale, formats.find_zone(time_zone))


_own_words = lru_cache(1024)(plain)
"""A message, escaped."""


def _fill(message: str, values: dict[str, Phrase]) -> Phrase:
    words = _own_words(message)
    if not values:
        return words
    # The message comes from the code or a catalog, so its placeholders are known. Values are not parsed.
    texts = {name: value.text for name, value in values.items()}
    htmls = {name: value.html for name, value in values.items()}
    # Message and values are already escaped.
    return Phrase(message.format_map(texts), Markup(str(words.html).format_map(htmls)))  # noqa: S704
