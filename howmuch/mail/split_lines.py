"""How an expense is divided, in words."""

from howmuch.ledger.split import (
    AdjustedSplit,
    EqualSplit,
    ExactSplit,
    ItemizedSplit,
    PercentSplit,
    Split,
    WeightsSplit,
)
from howmuch.mail.narrator import Narrator
from howmuch.mail.phrases import Phrase, joined

_LISTED = 6
"""How many people a line names; of more, only the number is said."""


def split_phrase(narrator: Narrator, split: Split, currency_code: str) -> Phrase:
    """The mode of a split and who shares in it by how much."""
    voice = narrator.voice
    match split:
        case EqualSplit(member_ids):
            if len(member_ids) > _LISTED:
                return voice.say_count(
                    "equally between {count} person",
                    "equally between {count} people",
                    len(member_ids),
                )
            if len(member_ids) == 1:
                return voice.say("all for {person}", person=narrator.person(member_ids[0]))
            people = voice.listed([narrator.person(member) for member in member_ids])
            return voice.say("equally between {people}", people=people)
        case WeightsSplit(weights):
            parts = [(member, voice.number(weight)) for member, weight in weights]
            return voice.say("by weight – {people}", people=_parts(narrator, parts))
        case PercentSplit(percents):
            parts = [(member, voice.percent(units)) for member, units in percents]
            return voice.say("by percentage – {people}", people=_parts(narrator, parts))
        case ExactSplit(amounts):
            parts = [(member, voice.money(minor, currency_code)) for member, minor in amounts]
            return voice.say("by amount – {people}", people=_parts(narrator, parts))
        case AdjustedSplit(adjustments):
            parts = [(member, voice.money(minor, currency_code)) for member, minor in adjustments]
            return voice.say("equally, with adjustments – {people}", people=_parts(narrator, parts))
        case ItemizedSplit(items):
            return voice.say_count(
                "by the bill, {count} item", "by the bill, {count} items", len(items)
            )


def payments_phrase(
    narrator: Narrator, payments: tuple[tuple[str, int], ...], currency_code: str
) -> Phrase:
    """Who paid; with amounts where several did."""
    if len(payments) == 1:
        return narrator.person(payments[0][0])
    money = narrator.voice.money
    return _parts(narrator, [(member, money(minor, currency_code)) for member, minor in payments])


def _parts(narrator: Narrator, parts: list[tuple[str, Phrase]]) -> Phrase:
    """People with a number each: "Ana (2), you (1)"."""
    voice = narrator.voice
    if len(parts) > _LISTED:
        return voice.say_count("{count} person", "{count} people", len(parts))
    return joined(
        ", ",
        [
            voice.say("{person} ({part})", person=narrator.person(member), part=part)
            for member, part in parts
        ],
    )
