"""The split and the payments of an expense in words."""

from collections.abc import Sequence

from howmuch.ledger.split import (
    OWN_WEIGHT,
    AdjustedSplit,
    EqualSplit,
    ExactSplit,
    ItemizedSplit,
    PercentSplit,
    Split,
    UsualSplit,
    WeightsSplit,
)
from howmuch.mail.phrases import Phrase, joined
from howmuch.mail.wording import Wording
from howmuch.model import Payment
from howmuch.weights import weights_of

LISTED = 6
"""A line names at most this many members; of more, it gives only the number."""


def split_phrase(wording: Wording, split: Split, currency_code: str) -> Phrase:
    """The mode of a split, and its members with their parts."""
    translator = wording.translator
    match split:
        case EqualSplit(member_ids):
            if len(member_ids) > LISTED:
                return translator.say_count(
                    "equally between {count} person",
                    "equally between {count} people",
                    len(member_ids),
                )
            if not member_ids:
                return translator.say("equally between everybody")
            if len(member_ids) == 1:
                return translator.say("all for {person}", person=wording.person(member_ids[0]))
            people = people_phrase(wording, member_ids)
            return translator.say("equally between {people}", people=people)
        case WeightsSplit():
            parts = [
                (
                    member,
                    translator.say("usual weight")
                    if weight == OWN_WEIGHT
                    else translator.number(weight),
                )
                for member, weight in weights_of(split)
            ]
            return translator.say("by weight – {people}", people=_parts(wording, parts))
        case PercentSplit(percents):
            parts = [(member, translator.percent(units)) for member, units in percents]
            return translator.say("by percentage – {people}", people=_parts(wording, parts))
        case ExactSplit(amounts):
            parts = [(member, translator.money(minor, currency_code)) for member, minor in amounts]
            return translator.say("by amount – {people}", people=_parts(wording, parts))
        case AdjustedSplit(adjustments):
            parts = [
                (member, translator.money(minor, currency_code)) for member, minor in adjustments
            ]
            return translator.say(
                "equally, with adjustments – {people}", people=_parts(wording, parts)
            )
        case ItemizedSplit(items):
            return translator.say_count(
                "by the bill, {count} item", "by the bill, {count} items", len(items)
            )
        case UsualSplit():
            return translator.say("by the usual weights")


def people_phrase(wording: Wording, member_ids: Sequence[str]) -> Phrase:
    """Members as the list of a sentence, or their number."""
    if len(member_ids) > LISTED:
        return wording.translator.say_count("{count} person", "{count} people", len(member_ids))
    return wording.translator.listed([wording.person(member) for member in member_ids])


def payments_phrase(wording: Wording, payments: tuple[Payment, ...], currency_code: str) -> Phrase:
    """The payers, with amounts if there are several."""
    if len(payments) == 1:
        return wording.person(payments[0].member_id)
    money = wording.translator.money
    return _parts(wording, [(member, money(minor, currency_code)) for member, minor in payments])


def _parts(wording: Wording, parts: list[tuple[str, Phrase]]) -> Phrase:
    """Members with a number each: "Ana (2), you (1)"."""
    translator = wording.translator
    if len(parts) > LISTED:
        return translator.say_count("{count} person", "{count} people", len(parts))
    return joined(
        ", ",
        [
            translator.say("{person} ({part})", person=wording.person(member), part=part)
            for member, part in parts
        ],
    )
