"""Texts of a page in the pseudo-locale, which accents every letter of a message, that have plain words."""

import calendar
import re
from collections.abc import Sequence

from playwright.sync_api import Page

from tests.web.people import CATEGORIES, REASONS
from tests.web.screens import LISBON, REASON, Scene

# The same in all languages. Times and their zones are English here.
SAME = ("howmuch", "REST API", "English", "Français", "Deutsch", "Español", "QR", "AM", "PM")
TIMES = re.compile(
    rf"\b({'|'.join([*calendar.month_name[1:], *calendar.day_name, *calendar.month_abbr[1:]])})\b"
    r"|\d+ (second|minute)s? ago|now|UTC|[A-Z][A-Za-z]+/[A-Za-z/ -]+"
)
# Sentences of the server, which are in the language of the user.
OF_SERVER = ".activity-item, .home-clamped"
TEXTS = """(outside) => {
    const shown = (element) => element.checkVisibility({visibilityProperty: true, opacityProperty: true})
        && !element.closest(outside);
    const found = [document.title];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const parent = node.parentElement;
        if (shown(parent.closest('select') ?? parent)) found.push(node.data);
    }
    for (const element of document.body.querySelectorAll('*')) {
        for (const name of ['aria-label', 'placeholder', 'title', 'alt']) {
            if (shown(element) && element.getAttribute(name)) found.push(element.getAttribute(name));
        }
    }
    return found;
}"""
PLAIN = re.compile(r"(?<![^\W\d_])[A-Za-z]{2,}(?![^\W\d_])")


def data_of(place: Scene) -> Sequence[str]:
    """What people and the server have written, the longest first."""
    get = place.person.get
    currencies = get("/v1/currencies?locale=en")["currencies"]
    categories = get("/v1/categories?locale=en")["categories"]
    found = {
        "Ana",
        "Bo",
        "Cy",
        "Di",
        LISBON,
        "Paris",
        "Porto",
        "Rome",
        REASON,
        *REASONS,
        *CATEGORIES,
    }
    found |= {each[key] for each in currencies for key in ("code", "name")}
    found |= {each["name"] for each in categories}
    return sorted(found | {place.person.email}, key=len, reverse=True)


def untranslated(page: Page, data: Sequence[str]) -> list[str]:
    """Each text with plain words in it, without the data."""
    known = re.compile("|".join(map(re.escape, [*data, *SAME])))
    texts = page.evaluate(TEXTS, OF_SERVER)
    return [text for text in texts if PLAIN.search(known.sub("", TIMES.sub("", text)))]
