"""The differences between two states of an expense: its fields, and all that moves money."""

from collections import Counter
from collections.abc import Mapping

from howmuch.ledger.shares import Kind
from howmuch.ledger.split import Item, ItemizedSplit, Split
from howmuch.mail.catalogs import N_
from howmuch.mail.expense_words import (
    KINDS,
    PAID_BY,
    amount_of,
    category_of,
    expense_of,
    payers_of,
    split_of,
)
from howmuch.mail.phrases import Phrase, plain
from howmuch.mail.split_lines import LISTED, people_phrase
from howmuch.mail.wording import Difference, Wording
from howmuch.model import Draft, Expense
from howmuch.usecases.history import Change

_NO_VALUE = plain("")
_NO_BILL = ItemizedSplit((), 0, 0)
_ItemKey = tuple[str, int]
"""The name of a line of a bill, and which of the lines with this name it is."""


def differences(wording: Wording, change: Change) -> list[Difference]:
    """Each field that changed, and each payment, share, item, tax and tip. Empty without both states."""
    before, after = change.before, change.after
    if not isinstance(before, Expense) or not isinstance(after, Expense):
        return []
    old, new = before.draft, expense_of(change).draft
    translator, row = wording.translator, wording.difference
    found = [
        *row("kind", N_("Kind"), translator.say(KINDS[old.kind]), translator.say(KINDS[new.kind])),
        *row("amount", N_("Amount"), amount_of(wording, old), amount_of(wording, new)),
        *row("reason", N_("Reason"), wording.text(old.reason), wording.text(new.reason)),
        *row("date", N_("Date"), translator.day(old.date), translator.day(new.date)),
        *row("category", N_("Category"), category_of(wording, old), category_of(wording, new)),
        *_payers(wording, old, new),
        *_splits(wording, old, new),
    ]
    if old.notes != new.notes:
        removed = translator.say("removed")
        said = wording.quoted(new.notes) if new.notes else removed
        found += [
            Difference(
                "notes",
                translator.say("Notes"),
                wording.text(old.notes),
                wording.text(new.notes),
                said,
            )
        ]
    return found + _shares(wording, before, after)


def _payers(wording: Wording, old: Draft, new: Draft) -> list[Difference]:
    """The payers as one difference, or if they are too many for one line, each payer who changed."""
    if (old.payments, old.currency_code) == (new.payments, new.currency_code):
        return []
    if max(len(old.payments), len(new.payments)) <= LISTED:
        label = PAID_BY[new.kind]
        return wording.difference(
            "payments", label, payers_of(wording, old), payers_of(wording, new)
        )
    return _by_member(
        wording,
        "payments",
        N_("Received by {person}") if new.kind is Kind.INCOME else N_("Paid by {person}"),
        _money(wording, dict(old.payments), old.currency_code),
        _money(wording, dict(new.payments), new.currency_code),
    )


def _splits(wording: Wording, old: Draft, new: Draft) -> list[Difference]:
    if (old.split, old.currency_code) == (new.split, new.currency_code):
        return []
    found: list[Difference] = []
    both_itemized = isinstance(old.split, ItemizedSplit) and isinstance(new.split, ItemizedSplit)
    splits = split_of(wording, old), split_of(wording, new)
    if old.split != new.split and not (both_itemized and splits[0].text == splits[1].text):
        label = N_("To") if new.kind is Kind.TRANSFER else N_("Split")
        found.append(wording.replaced("split", label, *splits))
    bills = _bill(old.split), _bill(new.split)
    if bills != (_NO_BILL, _NO_BILL):
        found += _items(
            wording,
            _lines(wording, bills[0], old.currency_code),
            _lines(wording, bills[1], new.currency_code),
        )
        for path, label, minors in (
            ("tax", N_("Tax"), (bills[0].tax_minor, bills[1].tax_minor)),
            ("tip", N_("Tip"), (bills[0].tip_minor, bills[1].tip_minor)),
        ):
            said_old = _money_or_none(wording, minors[0], old.currency_code)
            said_new = _money_or_none(wording, minors[1], new.currency_code)
            found += wording.difference(f"split.itemized.{path}", label, said_old, said_new)
    return found


def _bill(split: Split) -> ItemizedSplit:
    """The bill of an expense; one without lines for another split."""
    return split if isinstance(split, ItemizedSplit) else _NO_BILL


def _money_or_none(wording: Wording, minor: int, currency_code: str) -> Phrase:
    translator = wording.translator
    return translator.money(minor, currency_code) if minor else translator.say("none")


def _lines(wording: Wording, split: ItemizedSplit, currency_code: str) -> dict[_ItemKey, Phrase]:
    """The lines of a bill in words, by their name and number."""
    seen: Counter[str] = Counter()
    lines = {}
    for item in split.items:
        seen[item.name] += 1
        lines[item.name, seen[item.name]] = _line(wording, item, currency_code)
    return lines


def _line(wording: Wording, item: Item, currency_code: str) -> Phrase:
    return wording.translator.say(
        "{amount} for {people}",
        amount=wording.translator.money(item.amount_minor, currency_code),
        people=people_phrase(wording, item.member_ids),
    )


def _items(
    wording: Wording, old: Mapping[_ItemKey, Phrase], new: Mapping[_ItemKey, Phrase]
) -> list[Difference]:
    """Each line of the bill that changed, came or went; of too many, their number."""
    translator = wording.translator
    changed = [
        key
        for key in dict.fromkeys([*old, *new])
        if old.get(key, _NO_VALUE).text != new.get(key, _NO_VALUE).text
    ]
    if len(changed) > wording.most_parts:
        count = translator.say_count("{count} item", "{count} items", len(changed))
        many = translator.say("{new} (changed)", new=count)
        return [Difference("split.itemized.items", translator.say("Items"), _NO_VALUE, many, many)]
    found = []
    for key in changed:
        before, after = old.get(key, _NO_VALUE), new.get(key, _NO_VALUE)
        said: Phrase | None = None
        if not before.text:
            said = translator.say("{new} (added)", new=after)
        if not after.text:
            said = translator.say("{old} (removed)", old=before)
        label = translator.say("Item without a name")
        if key[0]:
            label = translator.say("Item “{name}”", name=wording.text(key[0]))
        found.append(Difference("split.itemized.items", label, before, after, said))
    return found


def _shares(wording: Wording, before: Expense, after: Expense) -> list[Difference]:
    """The share of each member that changed, except the reader's, which has a line of its own."""
    old, new = (
        {
            share.member_id: share_of(wording, share.owed_minor, expense, other)
            for share in expense.shares
            if share.owed_minor and share.member_id != wording.reader_id
        }
        for expense, other in ((before, after), (after, before))
    )
    return _by_member(wording, "shares", N_("Share of {person}"), old, new)


def share_of(wording: Wording, minor: int, expense: Expense, other: Expense) -> Phrase:
    """A share of an expense, beside the same of its other version. A payment has no shares."""
    kind = expense.draft.kind
    if not minor or kind is Kind.TRANSFER:
        return wording.translator.say("nothing")
    amount = wording.translator.money(minor, expense.draft.currency_code)
    if {kind, other.draft.kind} != {Kind.EXPENSE, Kind.INCOME}:
        return amount
    # The same amount is owed before, and due after.
    if kind is Kind.INCOME:
        return wording.translator.say("{amount} of the income", amount=amount)
    return wording.translator.say("{amount} of the expense", amount=amount)


def _money(wording: Wording, minors: Mapping[str, int], currency_code: str) -> dict[str, Phrase]:
    return {
        member_id: wording.translator.money(minor, currency_code)
        for member_id, minor in minors.items()
    }


def _by_member(
    wording: Wording,
    path: str,
    label: str,
    old: Mapping[str, Phrase],
    new: Mapping[str, Phrase],
) -> list[Difference]:
    """The difference of each member; of too many, their number. label: a message with {person}."""
    translator = wording.translator
    nothing = translator.say("nothing")
    changed = [
        member_id
        for member_id in sorted(old.keys() | new.keys())
        if old.get(member_id, nothing).text != new.get(member_id, nothing).text
    ]
    if len(changed) > wording.most_parts:
        count = translator.say_count("{count} person", "{count} people", len(changed))
        said = translator.say("{new} (changed)", new=count)
        several = N_("Shares") if path == "shares" else N_("Payments")
        return [Difference(path, translator.say(several), _NO_VALUE, said, said)]
    return [
        Difference(
            path,
            translator.say(label, person=wording.person(member_id)),
            old.get(member_id, nothing),
            new.get(member_id, nothing),
            member_id=member_id,
        )
        for member_id in changed
    ]
