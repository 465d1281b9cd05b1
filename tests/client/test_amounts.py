"""Amounts as people type them on the command line."""

import pytest

from howmuch.client.amounts import Amount, check_order, part_amount, read_amount, to_price
from howmuch.client.client_errors import WrongUse


@pytest.mark.parametrize(
    ("typed", "currency", "text", "code"),
    [
        ("23.50", "EUR", "23.50", ""),
        ("23,50", "EUR", "23.50", ""),
        ("23,5", "EUR", "23.5", ""),
        (",5", "EUR", "0.5", ""),
        ("5€", "USD", "5", "EUR"),
        ("€ 5,00", "EUR", "5.00", "EUR"),
        ("5 eur", "USD", "5", "EUR"),
        ("CHF 12.30", "EUR", "12.30", "CHF"),
        ("$5", "CAD", "5", "CAD"),
        ("120 kr", "NOK", "120", "NOK"),
        ("¥1,200,000", "JPY", "1200000", "JPY"),
        ("1.234,50", "EUR", "1234.50", ""),
        ("1,234.50", "EUR", "1234.50", ""),
        ("1 234,50", "EUR", "1234.50", ""),
        ("1\u202f234,50 €", "EUR", "1234.50", "EUR"),
        ("1'234.50", "CHF", "1234.50", ""),
        ("1,234", "KWD", "1.234", ""),
        ("0,125", "EUR", "0.125", ""),
        ("+3", "EUR", "3", ""),
    ],
)
def test_amount_is_read_as_people_write_it(typed: str, currency: str, text: str, code: str) -> None:
    assert read_amount("AMOUNT", typed, currency) == Amount(text, code)


@pytest.mark.parametrize(
    "typed", ["", "nine", "1e5", "5,5,5", "12.34,5", "1 23", "٣", "--5", "€5€", "9" * 80, "0x10"]
)
def test_text_that_is_no_amount_stays(typed: str) -> None:
    """The server has the rule for it, and repeats what was typed."""
    assert read_amount("AMOUNT", typed, "EUR").text == typed


@pytest.mark.parametrize("typed", ["-12", "−12", "-12,50 €", "€ -12"])
def test_negative_amount_names_the_kind_income(typed: str) -> None:
    with pytest.raises(WrongUse, match="--kind income"):
        to_price(typed, "", "EUR")
    with pytest.raises(WrongUse, match="without the sign"):
        part_amount("--exact", typed, "EUR")
    assert part_amount("--adjust", "-1,50", "EUR", signed=True) == "-1.50"


@pytest.mark.parametrize(
    ("typed", "currency", "said"),
    [
        ("1,234", "", "may mean 1234 or 1.234"),
        ("5€", "usd", "is in EUR, but the currency is USD"),
        ("5kr", "", "several currencies"),
    ],
)
def test_amount_that_may_mean_two_is_refused(typed: str, currency: str, said: str) -> None:
    with pytest.raises(WrongUse, match=said):
        to_price(typed, currency, "EUR")


def test_parts_have_the_currency_of_the_expense() -> None:
    with pytest.raises(WrongUse, match="all amounts of an expense have one currency"):
        part_amount("--paid", "5€", "USD")
    assert part_amount("--paid", "5€", "EUR") == "5"


def test_amount_before_the_reason_is_pointed_out() -> None:
    with pytest.raises(WrongUse, match=r"howmuch expense add Dinner 48\.60"):
        check_order("48.60", "Dinner")
    check_order("2026", "5")
