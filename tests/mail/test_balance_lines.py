"""Where a mail says that its reader stands: whole sentences, in English and French, for both signs."""

import datetime as dt

import pytest

from howmuch.mail.letters import Balance, DigestLetter, EventNews, Reader
from howmuch.mail.render import render
from tests.mail.scenes import NAMES, change, expense, html_text, letter, visible

CREATED = change("EXPENSE_CREATED", None, expense())

SENTENCES = [
    ("en", [("EUR", 2040)], ["You are owed €20.40 in Lisbon trip."]),
    ("en", [("EUR", -2040)], ["You owe €20.40 in Lisbon trip."]),
    ("en", [("EUR", 1)], ["You are owed €0.01 in Lisbon trip."]),
    ("en", [("EUR", -1)], ["You owe €0.01 in Lisbon trip."]),
    ("en", [("EUR", -123456789)], ["You owe €1,234,567.89 in Lisbon trip."]),
    ("en", [("JPY", 2040)], ["You are owed ¥2,040 in Lisbon trip."]),
    ("en", [("KWD", -2040)], ["You owe KWD~2.040 in Lisbon trip."]),
    ("en", [], ["You are settled up in Lisbon trip."]),
    ("en", [("EUR", 0)], ["You are settled up in Lisbon trip."]),
    (
        "en",
        [("EUR", -2040), ("USD", 310)],
        ["You owe €20.40 in Lisbon trip.", "You are owed $3.10 in Lisbon trip."],
    ),
    ("fr", [("EUR", 2040)], ["On vous doit 20,40~€ dans «~Lisbon trip~»."]),
    ("fr", [("EUR", -2040)], ["Vous devez 20,40~€ dans «~Lisbon trip~»."]),
    ("fr", [("EUR", 0)], ["Vos comptes sont à zéro dans «~Lisbon trip~»."]),
    (
        "fr",
        [("EUR", 123456), ("JPY", -2040)],
        [
            "On vous doit 1~234,56~€ dans «~Lisbon trip~».",
            "Vous devez 2~040~JPY dans «~Lisbon trip~».",
        ],
    ),
]


@pytest.mark.parametrize(("locale", "net", "sentences"), SENTENCES)
def test_mail_about_changes_says_where_the_reader_stands(
    locale: str, net: list[tuple[str, int]], sentences: list[str]
) -> None:
    """One line for each currency, without a sign, in the text and in the HTML."""
    content = render(letter(CREATED, locale=locale, net=net))
    lines = visible(content.text).splitlines()
    at = lines.index(sentences[0])
    assert lines[at : at + len(sentences)] == sentences
    assert not {"-", "−"} & set("".join(sentences))
    for sentence in sentences:
        assert sentence in html_text(content.html)


@pytest.mark.parametrize(("locale", "net", "sentences"), SENTENCES)
def test_digest_says_where_the_reader_stands(
    locale: str, net: list[tuple[str, int]], sentences: list[str]
) -> None:
    """In the same words, below the changes of each event."""
    news = EventNews(
        "evt_1", "Lisbon trip", [CREATED], NAMES, "mbr_me", [Balance(*each) for each in net]
    )
    reader = Reader("Dan", locale, "Europe/Lisbon")
    text = visible(render(DigestLetter(reader, [news], dt.date(2026, 7, 14))).text)
    assert "\n".join(sentences) in text
