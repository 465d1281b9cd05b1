"""What happened to an expense, in words: a headline, and rows of details below it."""

from howmuch.history import Change
from howmuch.ledger.shares import Kind
from howmuch.mail.catalogs import N_
from howmuch.mail.narrator import Narrator
from howmuch.mail.phrases import Phrase
from howmuch.mail.split_lines import payments_phrase, split_phrase
from howmuch.model import Expense

_KINDS = {
    Kind.EXPENSE: N_("expense"),
    Kind.TRANSFER: N_("payment"),
    Kind.INCOME: N_("income"),
}
_PAID_BY = {
    Kind.EXPENSE: N_("Paid by"),
    Kind.TRANSFER: N_("From"),
    Kind.INCOME: N_("Received by"),
}


def created_headline(narrator: Narrator, change: Change) -> Phrase:
    """Who added what, or who paid whom."""
    expense = expense_of(change)
    if expense.kind is Kind.TRANSFER:
        return _transfer(narrator, expense)
    return narrator.voice.say(
        "{actor} added {what}, {amount}",
        actor=narrator.subject(change.actor_member_id),
        what=_what(narrator, expense),
        amount=_amount(narrator, expense),
    )


def updated_headline(narrator: Narrator, change: Change) -> Phrase:
    """Who changed what, and the amounts before and after where they differ."""
    before, after = change.before, expense_of(change)
    actor = narrator.subject(change.actor_member_id)
    what = _what(narrator, after)
    amount = _amount(narrator, after)
    if isinstance(before, Expense) and _amount(narrator, before).text != amount.text:
        return narrator.voice.say(
            "{actor} changed {what}: {old} → {new}",
            actor=actor,
            what=what,
            old=_amount(narrator, before),
            new=amount,
        )
    return narrator.voice.say(
        "{actor} changed {what}, {amount}", actor=actor, what=what, amount=amount
    )


def deleted_headline(narrator: Narrator, change: Change) -> Phrase:
    """Who deleted what."""
    return _headline(narrator, change, N_("{actor} deleted {what}, {amount}"))


def undeleted_headline(narrator: Narrator, change: Change) -> Phrase:
    """Who brought back what."""
    return _headline(narrator, change, N_("{actor} brought back {what}, {amount}"))


def restored_headline(narrator: Narrator, change: Change) -> Phrase:
    """Who went back to an earlier version of what."""
    return _headline(
        narrator, change, N_("{actor} went back to an earlier version of {what}, {amount}")
    )


def details(narrator: Narrator, change: Change) -> list[Phrase]:
    """What there is to know of an expense: when, who paid, how it is split, the reader's share."""
    expense = expense_of(change)
    voice = narrator.voice
    rows = [narrator.row(N_("Date"), voice.day(expense.date))]
    if expense.category:
        rows.append(narrator.row(N_("Category"), narrator.text(expense.category)))
    if expense.kind is Kind.TRANSFER:
        rows.insert(0, narrator.row(N_("Reason"), narrator.text(expense.reason)))
        if change.actor_member_id != expense.payments[0][0]:
            actor = narrator.name(change.actor_member_id)
            rows.append(narrator.row(N_("Recorded by"), actor))
        return rows
    payers = payments_phrase(narrator, expense.payments, expense.currency_code)
    split = split_phrase(narrator, expense.split, expense.currency_code)
    return [
        *rows,
        narrator.row(_PAID_BY[expense.kind], payers),
        narrator.row(N_("Split"), split),
        narrator.row(N_("Your share"), _share(narrator, expense)),
    ]


def deleted_details(narrator: Narrator, change: Change) -> list[Phrase]:
    """As `details`, without who entered it: they are not who deleted it."""
    expense = expense_of(change)
    date = narrator.row(N_("Date"), narrator.voice.day(expense.date))
    if expense.kind is Kind.TRANSFER:
        return [narrator.row(N_("Payment"), _transfer(narrator, expense)), date]
    return details(narrator, change)


def differences(narrator: Narrator, change: Change) -> list[Phrase]:
    """Each field that changed, before and after, and the reader's share."""
    before, after = change.before, expense_of(change)
    if not isinstance(before, Expense):
        return details(narrator, change)
    voice, row = narrator.voice, narrator.difference
    rows = [
        *row(N_("Kind"), voice.say(_KINDS[before.kind]), voice.say(_KINDS[after.kind])),
        *row(N_("Amount"), _amount(narrator, before), _amount(narrator, after)),
        *row(N_("Reason"), narrator.text(before.reason), narrator.text(after.reason)),
        *row(N_("Date"), voice.day(before.date), voice.day(after.date)),
        *row(N_("Category"), _category(narrator, before), _category(narrator, after)),
    ]
    if before.payments != after.payments or before.currency_code != after.currency_code:
        old, new = (payments_phrase(narrator, e.payments, e.currency_code) for e in (before, after))
        rows += row(_PAID_BY[after.kind], old, new)
    if before.split != after.split:
        old, new = (split_phrase(narrator, e.split, e.currency_code) for e in (before, after))
        # Two splits may read the same, such as two that name only how many people there are.
        turned = narrator.turned(old, new)
        if old.text == new.text:
            turned = voice.say("{new} (changed)", new=new)
        label = N_("To") if after.kind is Kind.TRANSFER else N_("Split")
        rows.append(narrator.row(label, turned))
    if before.notes != after.notes:
        removed = voice.say("removed")
        rows.append(
            narrator.row(N_("Notes"), narrator.quoted(after.notes) if after.notes else removed)
        )
    if Kind.TRANSFER not in (before.kind, after.kind):
        shares = (_share(narrator, before), _share(narrator, after))
        rows.append(narrator.row(N_("Your share"), narrator.turned(*shares)))
    return rows


def expense_of(change: Change) -> Expense:
    """The expense that a change is about, as it is now."""
    expense = change.after if change.after is not None else change.before
    assert isinstance(expense, Expense)
    return expense


def _headline(narrator: Narrator, change: Change, message: str) -> Phrase:
    expense = expense_of(change)
    return narrator.voice.say(
        message,
        actor=narrator.subject(change.actor_member_id),
        what=_what(narrator, expense),
        amount=_amount(narrator, expense),
    )


def _what(narrator: Narrator, expense: Expense) -> Phrase:
    reason = narrator.text(expense.reason)
    match expense.kind:
        case Kind.TRANSFER:
            return narrator.voice.say("the payment “{reason}”", reason=reason)
        case Kind.INCOME:
            return narrator.voice.say("the income “{reason}”", reason=reason)
        case _:
            return narrator.voice.say("“{text}”", text=reason)


def _transfer(narrator: Narrator, expense: Expense) -> Phrase:
    """Who paid whom how much. The receiver of a transfer is the one who owes it."""
    voice, amount = narrator.voice, _amount(narrator, expense)
    payer = next((s.member_id for s in expense.shares if s.paid_minor), "")
    receiver = next((s.member_id for s in expense.shares if s.owed_minor), "")
    if payer == narrator.reader_id:
        return voice.say(
            "You paid {receiver} {amount}", receiver=narrator.name(receiver), amount=amount
        )
    if receiver == narrator.reader_id:
        return voice.say("{payer} paid you {amount}", payer=narrator.subject(payer), amount=amount)
    return voice.say(
        "{payer} paid {receiver} {amount}",
        payer=narrator.subject(payer),
        receiver=narrator.name(receiver),
        amount=amount,
    )


def _amount(narrator: Narrator, expense: Expense) -> Phrase:
    return narrator.voice.money(expense.amount_minor, expense.currency_code)


def _category(narrator: Narrator, expense: Expense) -> Phrase:
    return narrator.text(expense.category) if expense.category else narrator.voice.say("none")


def _share(narrator: Narrator, expense: Expense) -> Phrase:
    for share in expense.shares:
        if share.member_id == narrator.reader_id and share.owed_minor:
            return narrator.voice.money(share.owed_minor, expense.currency_code)
    return narrator.voice.say("nothing")
