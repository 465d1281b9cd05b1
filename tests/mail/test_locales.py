"""Whose locale, whose clock: the language of words, the form of numbers and dates."""

import datetime as dt

import pytest

from howmuch.mail.letters import PasswordChangedLetter, Reader
from howmuch.mail.render import render
from tests.mail.scenes import NOW, change, expense, told, visible


@pytest.mark.parametrize(
    ("locale", "language", "amount", "date"),
    [
        ("en", "en", "€1,234.50", "Jul 14, 2026"),
        ("en-GB", "en", "€1,234.50", "14 Jul 2026"),
        ("fr", "fr", "1~234,50~€", "14 juil. 2026"),
        ("fr-CH", "fr", "1~234,50~€", "14 juil. 2026"),
        ("pt", "en", "€1,234.50", "Jul 14, 2026"),
        ("de-AT", "en", "€1,234.50", "Jul 14, 2026"),
        ("fr-Zzzz-QQ", "fr", "1~234,50~€", "14 juil. 2026"),
        ("xx-YY", "en", "€1,234.50", "Jul 14, 2026"),
        ("", "en", "€1,234.50", "Jul 14, 2026"),
        ("../../etc", "en", "€1,234.50", "Jul 14, 2026"),
    ],
)
def test_locale_forms_numbers_and_language_chooses_words(
    locale: str, language: str, amount: str, date: str
) -> None:
    """The full locale forms amounts and dates; all is English where there is no catalog."""
    made = expense(amount_minor=123450)
    text = told(change("EXPENSE_CREATED", None, made), locale=locale)
    assert amount in text
    assert date in text
    assert ("Ana added" in text) == (language == "en")
    assert ("Ana a ajouté" in text) == (language == "fr")


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Europe/Lisbon", "Jul 14, 2026, 8:42~PM (Lisbon time)"),
        ("Asia/Tokyo", "Jul 15, 2026, 4:42~AM (Tokyo time)"),
        ("UTC", "Jul 14, 2026, 7:42~PM (UTC)"),
        ("Etc/GMT+3", "Jul 14, 2026, 4:42~PM (GMT+3)"),
        ("Mars/Olympus", "Jul 14, 2026, 7:42~PM (UTC)"),
        ("Europe", "Jul 14, 2026, 7:42~PM (UTC)"),
        ("/etc/passwd", "Jul 14, 2026, 7:42~PM (UTC)"),
        ("", "Jul 14, 2026, 7:42~PM (UTC)"),
    ],
)
def test_times_are_the_readers_and_say_whose(zone: str, said: str) -> None:
    """A time without its place would be somebody else's; an unknown zone is UTC."""
    letter = PasswordChangedLetter(Reader("Dan", "en", zone), NOW)
    assert said in visible(render(letter).text)


def test_instant_of_any_offset_is_the_same_time() -> None:
    """What counts is the instant, not the zone in which the program has it."""
    there = NOW.astimezone(dt.timezone(dt.timedelta(hours=9)))
    first, second = (
        render(PasswordChangedLetter(Reader("Dan", "fr", "UTC"), time)) for time in (NOW, there)
    )
    assert first == second
