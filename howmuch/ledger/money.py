"""Amounts and percentages: exact integers inside, decimal strings on the wire.

An amount is an integer of minor units (cents for EUR, yen for JPY). A percentage is an integer of
ten-thousandths of a percent, so 100 % is 1_000_000.
"""

import re
from functools import lru_cache
from typing import NoReturn

from howmuch.errors import InvalidArgument, invalid
from howmuch.ledger.currencies import minor_digits

MAX_MINOR = 9_999_999_999_999
"""The largest amount, in minor units of any currency: 99 999 999 999.99 EUR."""

MAX_SUM_MINOR = 4_000_000_000_000_000
"""The largest sum of one member or of one pair in an event, in minor units of one currency. Those of all
members together stay within 64 bits."""

PERCENT_DIGITS = 4
"""Fraction digits that a percentage may have."""

WHOLE_PERCENT = 1_000_000
"""100 %, in units of percentages."""

# \d would also match digits of other scripts.
_DECIMAL = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")
_SHOWN_CHARACTERS = 40


def clip(text: str) -> str:
    """The value for an error text: quoted, and cut to 40 characters."""
    shown = repr(text)
    if len(shown) <= _SHOWN_CHARACTERS:
        return shown
    return shown[: _SHOWN_CHARACTERS - 3] + "..."


def parse_amount(
    text: str, currency_code: str, *, field: str, signed: bool = False, allow_zero: bool = False
) -> int:
    """Minor units of a decimal string of major units: "10.3" EUR is 1030.

    signed: allow negative amounts and zero (an adjustment). allow_zero: allow zero.
    Raises InvalidArgument for `field`: AMOUNT_REQUIRED, AMOUNT_MALFORMED, AMOUNT_TOO_PRECISE,
    AMOUNT_TOO_LARGE (beyond MAX_MINOR), AMOUNT_NEGATIVE, AMOUNT_NOT_POSITIVE, or, for
    `currency_code`, CURRENCY_UNKNOWN.
    """
    digits = minor_digits(currency_code)

    def refuse(reason: str, rule: str) -> NoReturn:
        raise invalid(field, reason, f"{clip(text)} {rule}.")

    if not text:
        raise invalid(field, "AMOUNT_REQUIRED", "'' is not an amount; an amount is required.")
    match = _DECIMAL.fullmatch(text)
    if match is None:
        refuse(
            "AMOUNT_MALFORMED",
            f"is not an amount; write digits and at most one '.', such as {_example(digits)}",
        )
    sign, whole, fraction = match[1], match[2], match[3] or ""
    if sign and not signed:
        refuse("AMOUNT_NEGATIVE", "must not be negative")
    if len(fraction) > digits:
        refuse(
            "AMOUNT_TOO_PRECISE",
            f"has {_fraction_digits(fraction)}; {currency_code} has at most {digits}",
        )
    # The length is checked first, because int() refuses strings of several thousand digits.
    significant = (whole + fraction.ljust(digits, "0")).lstrip("0") or "0"
    if len(significant) > len(str(MAX_MINOR)):
        refuse(
            "AMOUNT_TOO_LARGE",
            f"is beyond the largest amount, {format_amount(MAX_MINOR, currency_code)} "
            f"{currency_code}",
        )
    minor = int(significant)
    if minor == 0 and not (allow_zero or signed):
        refuse("AMOUNT_NOT_POSITIVE", "must be more than zero")
    return -minor if sign else minor


# An expense shows the same amount several times, and "0.00" for each member who paid nothing.
@lru_cache(maxsize=4_096)
def format_amount(minor: int, currency_code: str) -> str:
    """The canonical decimal string of major units, with all the currency's digits: "10.30"."""
    return _format(minor, minor_digits(currency_code))


def parse_percent(text: str, field: str) -> int:
    """Units of 1/10_000 percent of a decimal string of percent: "33.3333" is 333_333.

    Raises InvalidArgument for `field`: PERCENT_REQUIRED, PERCENT_MALFORMED, PERCENT_TOO_PRECISE
    (more than 4 fraction digits) or PERCENT_OUT_OF_RANGE (not from 0 to 100).
    """
    if not text:
        raise invalid(
            field, "PERCENT_REQUIRED", "'' is not a percentage; a percentage is required."
        )
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise invalid(
            field,
            "PERCENT_MALFORMED",
            f"{clip(text)} is not a percentage; write digits and at most one '.', such as '33.5'.",
        )
    sign, whole, fraction = match[1], match[2], match[3] or ""
    if len(fraction) > PERCENT_DIGITS:
        raise invalid(
            field,
            "PERCENT_TOO_PRECISE",
            f"{clip(text)} has {_fraction_digits(fraction)}; "
            f"a percentage has at most {PERCENT_DIGITS}.",
        )
    significant = (whole + fraction.ljust(PERCENT_DIGITS, "0")).lstrip("0") or "0"
    too_long = len(significant) > len(str(WHOLE_PERCENT))
    if sign or too_long or int(significant) > WHOLE_PERCENT:
        raise invalid(field, "PERCENT_OUT_OF_RANGE", f"{clip(text)} must be from 0 to 100.")
    return int(significant)


def format_percent(units: int) -> str:
    """The shortest decimal string of percent: 500_000 is "50", 333_333 is "33.3333"."""
    return _format(units, PERCENT_DIGITS).rstrip("0").rstrip(".")


def sum_mismatch(
    field: str, subject: str, *, expected: str, actual: str, difference: str, unit: str
) -> InvalidArgument:
    """The error for parts with a wrong sum. expected, actual, difference: canonical decimal strings.

    subject: name of the parts, plural, such as "payments". difference: actual minus expected.
    unit: the currency code or "%".
    """
    explicit = difference if difference.startswith("-") else f"+{difference}"
    return invalid(
        field,
        "SUM_MISMATCH",
        f"The {subject} sum to {actual} {unit}, but must sum to {expected} {unit} "
        f"(difference {explicit} {unit}).",
        metadata={"expected": expected, "actual": actual, "difference": difference},
    )


def check_sum(
    field: str, subject: str, *, expected_minor: int, actual_minor: int, currency_code: str
) -> None:
    """Raises SUM_MISMATCH for `field` unless the two amounts are equal."""
    if actual_minor != expected_minor:
        raise sum_mismatch(
            field,
            subject,
            expected=format_amount(expected_minor, currency_code),
            actual=format_amount(actual_minor, currency_code),
            difference=format_amount(actual_minor - expected_minor, currency_code),
            unit=currency_code,
        )


def _format(value: int, digits: int) -> str:
    """`value` with its last `digits` digits after a point."""
    sign = "-" if value < 0 else ""
    text = str(abs(value)).rjust(digits + 1, "0")
    if digits == 0:
        return sign + text
    return f"{sign}{text[:-digits]}.{text[-digits:]}"


def _fraction_digits(fraction: str) -> str:
    return f"{len(fraction)} fraction digit{'' if len(fraction) == 1 else 's'}"


def _example(digits: int) -> str:
    return repr(_format(1030 * 10**digits // 100, digits))
