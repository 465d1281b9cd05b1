"""Amounts, dates and times in the format of the reader's locale."""

import datetime as dt
import zoneinfo
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_time, get_datetime_format, get_timezone_location
from babel.numbers import NumberPattern, format_decimal, get_currency_symbol, parse_pattern

from howmuch.ledger.currencies import minor_digits
from howmuch.ledger.money import format_amount

UTC = zoneinfo.ZoneInfo("UTC")


@lru_cache(1024)
def find_zone(name: str) -> zoneinfo.ZoneInfo:
    """The time zone of an IANA name; UTC if it is unknown."""
    try:
        return zoneinfo.ZoneInfo(name)
    # The name may be a directory, or not a valid path.
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


@lru_cache(1024)
def _currency_pattern(locale: Locale, currency_code: str) -> NumberPattern:
    """The locale's pattern for amounts, with the number of digits of the currency."""
    text = locale.currency_formats["standard"].pattern
    # CLDR: a space between the letters of a symbol and a digit.
    if get_currency_symbol(currency_code, locale=locale)[-1:].isalpha():
        text = text.replace("¤#", "¤\xa0#")
    pattern = parse_pattern(text)
    digits = minor_digits(currency_code)
    pattern.frac_prec = (digits, digits)
    return pattern


@lru_cache(4096)
def format_money(minor: int, currency_code: str, locale: Locale) -> str:
    """An amount of minor units with the symbol of its currency: "€48.60", "48,60 €"."""
    amount = Decimal(format_amount(minor, currency_code))
    pattern = _currency_pattern(locale, currency_code)
    return str(pattern.apply(amount, locale, currency=currency_code, currency_digits=False))


def format_number(number: Decimal | int, locale: Locale) -> str:
    """A number with the locale's separators: "1,200", "33.3333"."""
    return format_decimal(number, locale=locale, decimal_quantization=False)


@lru_cache(4096)
def format_day(date: dt.date, locale: Locale) -> str:
    """A day: "Jul 14, 2026"."""
    return format_date(date, "medium", locale=locale)


def format_minute(instant: dt.datetime, zone: zoneinfo.ZoneInfo, locale: Locale) -> str:
    """Day and time of day in the zone, to the minute: "Jul 14, 2026, 9:30 PM"."""
    local = instant.astimezone(zone)
    return (
        str(get_datetime_format("medium", locale=locale))
        .replace("'", "")
        .replace("{0}", format_time(local, "short", locale=locale))
        .replace("{1}", format_day(local.date(), locale))
    )


@lru_cache(1024)
def zone_city(zone: zoneinfo.ZoneInfo, locale: Locale) -> str:
    """The city in the name of a zone, "Lisbon". Empty means that it has none, as UTC."""
    if "/" not in zone.key or zone.key.startswith("Etc/"):
        return ""
    return get_timezone_location(zone, locale=locale, return_city=True)
