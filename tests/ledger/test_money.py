"""Amounts, percentages and currencies: exact parsing, canonical text, and every refusal."""

from contextlib import suppress

import pytest
from babel.core import get_global
from babel.numbers import get_currency_precision, get_territory_currencies
from hypothesis import given
from hypothesis import strategies as st

from howmuch.errors import InvalidArgument
from howmuch.ledger.currencies import CURRENCIES, minor_digits
from howmuch.ledger.money import (
    MAX_MINOR,
    WHOLE_PERCENT,
    format_amount,
    format_percent,
    parse_amount,
    parse_percent,
)

currency_codes = st.sampled_from(sorted(CURRENCIES))


@pytest.mark.parametrize(
    ("code", "digits"),
    [
        ("EUR", 2),
        ("USD", 2),
        ("GBP", 2),
        ("CHF", 2),
        ("HUF", 2),
        ("ISK", 0),
        ("JPY", 0),
        ("KRW", 0),
        ("XOF", 0),
        ("KWD", 3),
        ("TND", 3),
        ("CLF", 4),
        ("XCG", 2),
    ],
)
def test_minor_digits_of_known_currencies(code: str, digits: int) -> None:
    """The digits are those of ISO 4217."""
    assert minor_digits(code) == digits


def test_currencies_agree_with_the_territories_of_the_world() -> None:
    """Every legal tender is there, with at least the digits that people write."""
    in_use = {
        code
        for territory in get_global("territory_currencies")
        for code in get_territory_currencies(territory, tender=True)
    }
    # The euro replaced BGN in 2026, which CLDR says only in later editions.
    assert in_use - CURRENCIES.keys() <= {"BGN"}
    assert all(
        CURRENCIES[code] >= get_currency_precision(code) for code in in_use & CURRENCIES.keys()
    )


@pytest.mark.parametrize(
    "code", ["", "eur", "EU", "EURO", "XXX", "XTS", "XAU", "XDR", "DEM", "ЕUR"]
)
def test_minor_digits_of_other_codes(code: str) -> None:
    """Anything but an active code with a minor unit is refused, by the name of the field."""
    with pytest.raises(InvalidArgument) as caught:
        minor_digits(code, "event.currency_code")
    assert caught.value.reason == "CURRENCY_UNKNOWN"
    assert caught.value.violations[0].field == "event.currency_code"
    assert repr(code) in caught.value.message


@pytest.mark.parametrize(
    ("text", "code", "minor", "canonical"),
    [
        ("10.3", "EUR", 1030, "10.30"),
        ("0.01", "EUR", 1, "0.01"),
        ("007", "EUR", 700, "7.00"),
        ("99999999999.99", "EUR", MAX_MINOR, "99999999999.99"),
        ("1000", "JPY", 1000, "1000"),
        ("9999999999999", "JPY", MAX_MINOR, "9999999999999"),
        ("1.005", "KWD", 1005, "1.005"),
        ("1.5", "KWD", 1500, "1.500"),
        ("0.0001", "CLF", 1, "0.0001"),
    ],
)
def test_l06_currencies_of_0_2_3_and_4_digits(
    text: str, code: str, minor: int, canonical: str
) -> None:
    """Minor units follow the currency: a yen is no hundredth of anything."""
    assert parse_amount(text, code, field="amount") == minor
    assert format_amount(minor, code) == canonical


@given(st.integers(-MAX_MINOR, MAX_MINOR), currency_codes)
def test_amount_round_trip(minor: int, code: str) -> None:
    """What is formatted is parsed to the same minor units."""
    text = format_amount(minor, code)
    assert parse_amount(text, code, field="amount", signed=True) == minor


@pytest.mark.parametrize(
    ("text", "code", "reason"),
    [
        ("", "EUR", "AMOUNT_REQUIRED"),
        (" ", "EUR", "AMOUNT_MALFORMED"),
        (" 1", "EUR", "AMOUNT_MALFORMED"),
        ("1\n", "EUR", "AMOUNT_MALFORMED"),
        ("1e3", "EUR", "AMOUNT_MALFORMED"),
        ("+1", "EUR", "AMOUNT_MALFORMED"),
        ("--1", "EUR", "AMOUNT_MALFORMED"),
        ("-", "EUR", "AMOUNT_MALFORMED"),
        (".5", "EUR", "AMOUNT_MALFORMED"),
        ("5.", "EUR", "AMOUNT_MALFORMED"),
        ("1.2.3", "EUR", "AMOUNT_MALFORMED"),
        ("1,000", "EUR", "AMOUNT_MALFORMED"),
        ("1_000", "EUR", "AMOUNT_MALFORMED"),
        ("10,50", "EUR", "AMOUNT_MALFORMED"),
        ("NaN", "EUR", "AMOUNT_MALFORMED"),
        ("Infinity", "EUR", "AMOUNT_MALFORMED"),
        ("0x10", "EUR", "AMOUNT_MALFORMED"),
        ("１０", "EUR", "AMOUNT_MALFORMED"),
        ("٣", "EUR", "AMOUNT_MALFORMED"),
        ("−5", "EUR", "AMOUNT_MALFORMED"),
        ("10 EUR", "EUR", "AMOUNT_MALFORMED"),
        ("-5", "EUR", "AMOUNT_NEGATIVE"),
        ("-0", "EUR", "AMOUNT_NEGATIVE"),
        ("0", "EUR", "AMOUNT_NOT_POSITIVE"),
        ("0.00", "EUR", "AMOUNT_NOT_POSITIVE"),
        ("1.005", "EUR", "AMOUNT_TOO_PRECISE"),
        ("1.000", "EUR", "AMOUNT_TOO_PRECISE"),
        ("1.0", "JPY", "AMOUNT_TOO_PRECISE"),
        ("1.0005", "KWD", "AMOUNT_TOO_PRECISE"),
        ("100000000000", "EUR", "AMOUNT_TOO_LARGE"),
        ("100000000000.00", "EUR", "AMOUNT_TOO_LARGE"),
        ("10000000000000", "JPY", "AMOUNT_TOO_LARGE"),
        ("9" * 100_000, "EUR", "AMOUNT_TOO_LARGE"),
    ],
)
def test_amount_refused(text: str, code: str, reason: str) -> None:
    """Each refusal has its own reason, and names the field, the value and the rule."""
    with pytest.raises(InvalidArgument) as caught:
        parse_amount(text, code, field="expense.payments[1].amount")
    assert caught.value.reason == reason
    violation = caught.value.violations[0]
    assert violation.field == "expense.payments[1].amount"
    assert repr(text)[:30] in violation.description
    assert len(violation.description) < 160
    assert violation.description.endswith(".")


def test_amount_of_zero_or_below_where_it_is_meant() -> None:
    """An adjustment may be zero or negative; a tip may be zero, but not negative."""
    assert parse_amount("-1.50", "EUR", field="f", signed=True) == -150
    assert parse_amount("0", "EUR", field="f", signed=True) == 0
    assert parse_amount("0", "EUR", field="f", allow_zero=True) == 0
    with pytest.raises(InvalidArgument, match="must not be negative"):
        parse_amount("-1", "EUR", field="f", allow_zero=True)


def test_amount_in_an_unknown_currency() -> None:
    """Without a currency, an amount has no meaning."""
    with pytest.raises(InvalidArgument, match="currency_code: 'XYZ'"):
        parse_amount("1", "XYZ", field="f")


@given(st.text(max_size=12))
def test_amount_of_any_text(text: str) -> None:
    """Any text is either parsed to an amount within bounds, or refused."""
    minor = 0
    with suppress(InvalidArgument):
        minor = parse_amount(text, "EUR", field="f", signed=True)
        assert text.isascii()
    assert abs(minor) <= MAX_MINOR


@pytest.mark.parametrize(
    ("text", "units", "canonical"),
    [
        ("33.3333", 333_333, "33.3333"),
        ("50", 500_000, "50"),
        ("50.50", 505_000, "50.5"),
        ("100", WHOLE_PERCENT, "100"),
        ("100.0000", WHOLE_PERCENT, "100"),
        ("0.0001", 1, "0.0001"),
    ],
)
def test_percent(text: str, units: int, canonical: str) -> None:
    """Percentages keep four digits, and are written as short as possible."""
    assert parse_percent(text, "percent") == units
    assert format_percent(units) == canonical


@given(st.integers(1, WHOLE_PERCENT))
def test_percent_round_trip(units: int) -> None:
    """What is formatted is parsed to the same units."""
    assert parse_percent(format_percent(units), "percent") == units


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "PERCENT_REQUIRED"),
        ("half", "PERCENT_MALFORMED"),
        ("50%", "PERCENT_MALFORMED"),
        ("5e1", "PERCENT_MALFORMED"),
        ("33.33333", "PERCENT_TOO_PRECISE"),
        ("-1", "PERCENT_OUT_OF_RANGE"),
        ("100.0001", "PERCENT_OUT_OF_RANGE"),
        ("9" * 100_000, "PERCENT_OUT_OF_RANGE"),
    ],
)
def test_percent_refused(text: str, reason: str) -> None:
    """Each refusal has its own reason, and names the field and the value."""
    with pytest.raises(InvalidArgument) as caught:
        parse_percent(text, "split.percent.parts[0].percent")
    assert caught.value.reason == reason
    assert caught.value.violations[0].field == "split.percent.parts[0].percent"
    assert repr(text)[:30] in caught.value.violations[0].description


def test_unknown_currency_is_quoted_in_part() -> None:
    """What a caller sends may be long: forty characters say which it was."""
    with pytest.raises(InvalidArgument) as caught:
        minor_digits("z" * 41)
    assert caught.value.reason == "CURRENCY_UNKNOWN"
    assert caught.value.message.count("z") == 40
