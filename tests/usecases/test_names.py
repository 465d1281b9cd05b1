"""Names: which characters they may have, and which names look like others."""

import unicodedata

import pytest

from howmuch.errors import InvalidArgument
from howmuch.usecases.names import check_name, look_alike

ALLOWED = [
    "Ana",
    "Zoë O’Neil-Łuczak",
    "李小龙",
    "عبد الله",
    "Ana 😀",
    "❤️ Lisbon",
    "👩‍👩‍👧 family",
    "🧑🏽‍🚀",
    "🏳️‍🌈 Club",
    "👩‍❤️‍💋‍👨",
    "🏴󠁧󠁢󠁳󠁣󠁴󠁿 trip",
    "Room 4️⃣",
    "🇵🇹",
    "Ab ©️ ™️",
]
REFUSED = {
    "zero-width space": "Ana\u200b",
    "zero-width joiner": "An\u200da",
    "zero-width non-joiner": "An\u200ca",
    "word joiner": "A\u2060na",
    "byte order mark": "\ufeffAna",
    "right-to-left override": "Ana \u202egpj",
    "isolate": "\u2066Ana\u2069",
    "left-to-right mark": "Ana\u200e",
    "Arabic letter mark": "Ana\u061c",
    "soft hyphen": "A\u00adna",
    "combining grapheme joiner": "A\u034fna",
    "Hangul filler": "\u3164",
    "half-width Hangul filler": "\uffa0",
    "variation selector of a letter": "A\ufe0fna",
    "variation selector supplement": "A\U000e0101na",
    "tags": "Ana\U000e0041",
    "blank of Braille": "\u2800",
    "joiner at the end of an emoji": "😀\u200d",
    "two joiners in an emoji": "👩\u200d\u200d👧",
    "joiner before an emoji": "a\u200d😀",
    "two variation selectors": "❤\ufe0f\ufe0f",
}


@pytest.mark.parametrize("name", ALLOWED)
def test_visible_name_is_kept(name: str) -> None:
    """Letters of all scripts, and emoji with their joiners, selectors, keycaps and flags."""
    assert check_name(name, "name") == name


@pytest.mark.parametrize("name", REFUSED.values(), ids=REFUSED)
def test_invisible_character_is_refused(name: str) -> None:
    """The error names the field, the character and the rule."""
    with pytest.raises(InvalidArgument) as caught:
        check_name(name, "event.name")
    [violation] = caught.value.violations
    assert (violation.field, violation.reason) == ("event.name", "CHARACTER_NOT_ALLOWED")
    assert "U+" in violation.description


def test_every_format_character_that_is_not_seen_is_refused() -> None:
    """All of category Cf but the few that are drawn, such as the Arabic number sign."""
    drawn = ("ARABIC", "SYRIAC", "KAITHI", "EGYPTIAN", "INTERLINEAR")
    for number in range(0x110000):
        character = chr(number)
        if unicodedata.category(character) != "Cf":
            continue
        name = unicodedata.name(character, "")
        if name.startswith(drawn) and name != "ARABIC LETTER MARK":
            continue
        with pytest.raises(InvalidArgument):
            check_name(f"A{character}b", "name")


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Аnа", "Ana"),
        ("Во", "Bo"),
        ("lvan", "Ivan"),
        ("Oлег", "Олег"),
        ("Ｂｏ", "Bo"),
        ("𝐁𝐨", "Bo"),
        ("Ana\u00a0Lee", "Ana Lee"),
    ],
)
def test_look_alike_is_found(name: str, other: str) -> None:
    """Either way round, among others."""
    assert look_alike(name, ["Cy", other]) == other
    assert look_alike(other, ["Cy", name]) == name


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Ana", "Ana"),
        ("ana", "Ana"),
        ("Zoe\u0308", "Zoë"),
        ("Zoe", "Zoë"),
        ("Ana", "Anna"),
        ("Person 1", "Person 2"),
        ("李", "季"),
        ("Ana 😀", "Ana"),
    ],
)
def test_other_names_are_no_look_alikes(name: str, other: str) -> None:
    """Neither the same name nor one that differs visibly."""
    assert look_alike(name, [other]) is None
