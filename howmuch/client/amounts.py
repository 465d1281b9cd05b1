"""Amounts as people type them: `23,50`, `5€`, `1 234.50`."""

import re
from typing import NamedTuple

from howmuch.client.client_errors import WrongUse
from howmuch.errors import InvalidArgument
from howmuch.ledger.currencies import minor_digits

SIGNS = {
    "€": ("EUR",),
    "£": ("GBP",),
    "$": ("USD", "AUD", "CAD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP", "BRL"),
    "¥": ("JPY", "CNY"),
    "₹": ("INR",),
    "₩": ("KRW",),
    "₺": ("TRY",),
    "₴": ("UAH",),
    "₪": ("ILS",),
    "₫": ("VND",),
    "฿": ("THB",),
    "₽": ("RUB",),
    "₱": ("PHP",),
    "zł": ("PLN",),
    "kč": ("CZK",),
    "kr": ("SEK", "NOK", "DKK", "ISK"),
    "fr": ("CHF",),
}
"""The currencies of a sign."""

_NUMBER = r"[0-9][0-9.,'’_\s]*"
_CURRENCY = r"[^\d\s.,+\-−]{1,3}"
_AMOUNT = re.compile(
    rf"([+\-−]?)\s*({_CURRENCY})?\s*([+\-−]?)\s*({_NUMBER}|[.,][0-9]+)({_CURRENCY})?", re.IGNORECASE
)
_GROUPS = re.compile(r"[0-9]{1,3}(?:([.,'’_\s])[0-9]{3})(?:\1[0-9]{3})*")
_MOST_CHARACTERS = 60
_INCOME = {
    "AMOUNT": " with --kind income",
    "--amount": " with --kind income",
    "amount": ", with income in the column kind",
}
"""The words that make an expense income, by the argument, option or column of its amount."""


class Amount(NamedTuple):
    """text: as the server takes it, such as `-23.50`. currency_code: of its sign; empty means no sign."""

    text: str
    currency_code: str


def read_amount(what: str, text: str, currency_code: str, *, signed: bool = False) -> Amount:
    """An amount. what: argument or option, for errors. currency_code: preferred for a sign such as $.

    signed: allow negative amounts. A text that is not an amount stays, since the server has the rule for it.
    Raises WrongUse for a negative amount, one that may mean two, and a sign of several currencies.
    """
    found = _AMOUNT.fullmatch(text.strip()) if len(text) <= _MOST_CHARACTERS else None
    if found is None or (found[2] and found[5]) or (found[1] and found[3]):
        return Amount(text, "")
    minus = (found[1] or found[3]) in ("-", "−")
    if minus and not signed:
        raise negative(what, text)
    sign = found[2] or found[5] or ""
    code = read_currency(sign, currency_code) if sign else ""
    number = _plain(what, text, found[4].strip(), _digits(code or currency_code))
    return Amount(f"-{number}" if minus else number, code)


def read_number(what: str, text: str, *, digits: int = 2) -> str:
    """A weight or percentage as the server takes it: `0,5` is `0.5`. A text that is not a number stays.

    digits: fraction digits that are usual; with 3, the comma of `33,333` is a decimal point. Raises WrongUse
    for a number that may mean two.
    """
    bare = text.strip()
    fits = len(bare) <= _MOST_CHARACTERS and re.fullmatch(rf"{_NUMBER}|[.,][0-9]+", bare)
    return _plain(what, text, bare, digits) if fits else bare


def to_price(text: str, currency: str, event_currency: str, *, what: str = "AMOUNT") -> Amount:
    """The amount of an expense, and the code of its currency; empty means that of the event.

    currency: as typed; empty means none. what: argument or option, for errors. Raises WrongUse as
    `read_amount`.
    """
    said = read_currency(currency, event_currency) if currency else ""
    amount = read_amount(what, text, said or event_currency)
    if said and amount.currency_code not in ("", said):
        raise WrongUse(
            f"{what} {text!r} is in {amount.currency_code}, but the currency is {said}; write one of them."
        )
    return Amount(amount.text, said or amount.currency_code)


def price_range(least: str, most: str, currency: str, event_currency: str) -> dict[str, str]:
    """The fields of ListExpensesRequest for --min, --max and --currency; each is empty if not given.

    Raises WrongUse as `to_price`.
    """
    low = to_price(least, currency, event_currency, what="--min")
    high = to_price(most, currency or low.currency_code, event_currency, what="--max")
    return {"min_amount": low.text, "max_amount": high.text, "currency_code": high.currency_code}


def new_price(amount: str | None, currency: str | None, present: str) -> dict[str, str]:
    """The fields of an expense that a new amount or currency changes. present: its currency.

    None means that it stays. Raises WrongUse as `read_amount`.
    """
    if amount is None:
        return {"currency_code": read_currency(currency, present)} if currency else {}
    price = to_price(amount, currency or "", present, what="--amount")
    code = {"currency_code": price.currency_code} if price.currency_code else {}
    return {"amount": price.text, **code}


def check_order(reason: str, amount: str) -> None:
    """Raises WrongUse if the amount has no digit and the reason is one."""
    if not re.search(r"\d", amount) and _AMOUNT.fullmatch(reason.strip()):
        raise WrongUse(
            f"AMOUNT {amount!r} is not an amount. The reason comes first: howmuch expense add {amount}"
            f" {reason}."
        )


def negative(what: str, text: str) -> WrongUse:
    """The error for a negative amount. what: a key of _INCOME for that of an expense, else of a part."""
    if what not in _INCOME:
        return WrongUse(f"{what} {text!r} is negative; write it without the sign, or leave it out.")
    bare = text.replace("-", "").replace("−", "").strip()
    return WrongUse(
        f"{what} {text!r} is negative; an amount is more than zero. If it is money that came in, write"
        f" {bare}{_INCOME[what]}."
    )


def part_amount(what: str, text: str, currency_code: str, *, signed: bool = False) -> str:
    """The amount of a part of an expense, which has one currency. Raises WrongUse as `read_amount`."""
    amount = read_amount(what, text, currency_code, signed=signed)
    if amount.currency_code not in ("", currency_code):
        raise WrongUse(
            f"{what} {text!r} is in {amount.currency_code}, but the expense is in {currency_code}; all"
            " amounts of an expense have one currency."
        )
    return amount.text


def read_currency(text: str, expected: str) -> str:
    """The code of a currency, typed as a code or as a sign. expected: preferred by a sign of several.

    A text that is neither stays, in capitals, since the server has the rule for it.
    """
    codes = SIGNS.get(text.strip().casefold())
    if codes is None:
        return text.strip().upper()
    if expected in codes:
        return expected
    if len(codes) > 1:
        raise WrongUse(
            f"{text.strip()!r} is the sign of several currencies; write the code, such as {codes[0]} or"
            f" {codes[1]}."
        )
    return codes[0]


def _plain(what: str, text: str, number: str, digits: int) -> str:
    """The number with a point for its decimals, and without marks between thousands.

    digits: fraction digits that are usual.
    """
    marks = [mark for mark in number if not mark.isdigit()]
    last = marks[-1] if marks else ""
    if last not in (",", ".") or marks.count(last) > 1:
        return _ungrouped(number)
    whole, _, fraction = number.rpartition(last)
    if last == "," and len(marks) == 1 and len(fraction) == 3 and whole.strip("0"):
        if digits == 3:
            return f"{whole}.{fraction}"
        raise WrongUse(
            f"{what} {text!r} may mean {whole}{fraction} or {whole}.{fraction}; write it without the comma,"
            " or with a point before the decimals."
        )
    plain = _ungrouped(whole)
    return f"{plain or '0'}.{fraction}" if plain.isdigit() or not plain else number


def _ungrouped(number: str) -> str:
    return re.sub(r"\D", "", number) if _GROUPS.fullmatch(number) else number


def _digits(currency_code: str) -> int:
    try:
        return minor_digits(currency_code)
    except InvalidArgument:
        return 2
