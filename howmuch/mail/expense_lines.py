"""Headlines and details about changes of an expense."""

from howmuch.ledger.shares import Kind
from howmuch.mail.catalogs import N_
from howmuch.mail.phrases import Phrase
from howmuch.mail.split_lines import payments_phrase, split_phrase
from howmuch.mail.wording import Wording
from howmuch.model import Expense
from howmuch.usecases.history import Change

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


def created_headline(wording: Wording, change: Change) -> Phrase:
    expense = expense_of(change)
    if expense.kind is Kind.TRANSFER:
        return _transfer(wording, expense)
    return wording.translator.say(
        "{actor} added {what}, {amount}",
        actor=wording.subject(change.actor_member_id),
        what=_what(wording, expense),
        amount=_amount(wording, expense),
    )


def updated_headline(wording: Wording, change: Change) -> Phrase:
    """Names the amounts before and after if they differ."""
    before, after = change.before, expense_of(change)
    actor = wording.subject(change.actor_member_id)
    what = _what(wording, after)
    amount = _amount(wording, after)
    if isinstance(before, Expense) and _amount(wording, before).text != amount.text:
        return wording.translator.say(
            "{actor} changed {what}: {old} → {new}",
            actor=actor,
            what=what,
            old=_amount(wording, before),
            new=amount,
        )
    return wording.translator.say(
        "{actor} changed {what}, {amount}", actor=actor, what=what, amount=amount
    )


def deleted_headline(wording: Wording, change: Change) -> Phrase:
    return _headline(wording, change, N_("{actor} deleted {what}, {amount}"))


def undeleted_headline(wording: Wording, change: Change) -> Phrase:
    return _headline(wording, change, N_("{actor} brought back {what}, {amount}"))


def restored_headline(wording: Wording, change: Change) -> Phrase:
    return _headline(
        wording, change, N_("{actor} went back to an earlier version of {what}, {amount}")
    )


def details(wording: Wording, change: Change) -> list[Phrase]:
    """Date, category, payers, split and the reader's share."""
    expense = expense_of(change)
    translator = wording.translator
    rows = [wording.row(N_("Date"), translator.day(expense.date))]
    if expense.category:
        rows.append(wording.row(N_("Category"), wording.text(expense.category)))
    if expense.kind is Kind.TRANSFER:
        rows.insert(0, wording.row(N_("Reason"), wording.text(expense.reason)))
        if change.actor_member_id != expense.payments[0][0]:
            actor = wording.name(change.actor_member_id)
            rows.append(wording.row(N_("Recorded by"), actor))
        return rows
    payers = payments_phrase(wording, expense.payments, expense.currency_code)
    split = split_phrase(wording, expense.split, expense.currency_code)
    return [
        *rows,
        wording.row(_PAID_BY[expense.kind], payers),
        wording.row(N_("Split"), split),
        wording.row(N_("Your share"), _share(wording, expense)),
    ]


def deleted_details(wording: Wording, change: Change) -> list[Phrase]:
    """As `details`, but of a transfer the sentence about it, without the member who recorded it."""
    expense = expense_of(change)
    date = wording.row(N_("Date"), wording.translator.day(expense.date))
    if expense.kind is Kind.TRANSFER:
        return [wording.row(N_("Payment"), _transfer(wording, expense)), date]
    return details(wording, change)


def differences(wording: Wording, change: Change) -> list[Phrase]:
    before, after = change.before, expense_of(change)
    if not isinstance(before, Expense):
        return details(wording, change)
    translator, row = wording.translator, wording.difference
    rows = [
        *row(N_("Kind"), translator.say(_KINDS[before.kind]), translator.say(_KINDS[after.kind])),
        *row(N_("Amount"), _amount(wording, before), _amount(wording, after)),
        *row(N_("Reason"), wording.text(before.reason), wording.text(after.reason)),
        *row(N_("Date"), translator.day(before.date), translator.day(after.date)),
        *row(N_("Category"), _category(wording, before), _category(wording, after)),
    ]
    if before.payments != after.payments or before.currency_code != after.currency_code:
        old, new = (payments_phrase(wording, e.payments, e.currency_code) for e in (before, after))
        rows += row(_PAID_BY[after.kind], old, new)
    if before.split != after.split:
        old, new = (split_phrase(wording, e.split, e.currency_code) for e in (before, after))
        # Two splits may read the same, for example if both name only the number of members.
        turned = wording.turned(old, new)
        if old.text == new.text:
            turned = translator.say("{new} (changed)", new=new)
        label = N_("To") if after.kind is Kind.TRANSFER else N_("Split")
        rows.append(wording.row(label, turned))
    if before.notes != after.notes:
        removed = translator.say("removed")
        rows.append(
            wording.row(N_("Notes"), wording.quoted(after.notes) if after.notes else removed)
        )
    if Kind.TRANSFER not in (before.kind, after.kind):
        shares = (_share(wording, before), _share(wording, after))
        rows.append(wording.row(N_("Your share"), wording.turned(*shares)))
    return rows


def expense_of(change: Change) -> Expense:
    """The expense after the change, or before it if the change deleted it."""
    expense = change.after if change.after is not None else change.before
    assert isinstance(expense, Expense)
    return expense


def _headline(wording: Wording, change: Change, message: str) -> Phrase:
    expense = expense_of(change)
    return wording.translator.say(
        message,
        actor=wording.subject(change.actor_member_id),
        what=_what(wording, expense),
        amount=_amount(wording, expense),
    )


def _what(wording: Wording, expense: Expense) -> Phrase:
    reason = wording.text(expense.reason)
    match expense.kind:
        case Kind.TRANSFER:
            return wording.translator.say("the payment “{reason}”", reason=reason)
        case Kind.INCOME:
            return wording.translator.say("the income “{reason}”", reason=reason)
        case _:
            return wording.translator.say("“{text}”", text=reason)


def _transfer(wording: Wording, expense: Expense) -> Phrase:
    """A sentence about a transfer. Its receiver is the member who owes it."""
    translator, amount = wording.translator, _amount(wording, expense)
    payer = next((s.member_id for s in expense.shares if s.paid_minor), "")
    receiver = next((s.member_id for s in expense.shares if s.owed_minor), "")
    if payer == wording.reader_id:
        return translator.say(
            "You paid {receiver} {amount}", receiver=wording.name(receiver), amount=amount
        )
    if receiver == wording.reader_id:
        return translator.say(
            "{payer} paid you {amount}", payer=wording.subject(payer), amount=amount
        )
    return translator.say(
        "{payer} paid {receiver} {amount}",
        payer=wording.subject(payer),
        receiver=wording.name(receiver),
        amount=amount,
    )


def _amount(wording: Wording, expense: Expense) -> Phrase:
    return wording.translator.money(expense.amount_minor, expense.currency_code)


def _category(wording: Wording, expense: Expense) -> Phrase:
    return wording.text(expense.category) if expense.category else wording.translator.say("none")


def _share(wording: Wording, expense: Expense) -> Phrase:
    for share in expense.shares:
        if share.member_id == wording.reader_id and share.owed_minor:
            return wording.translator.money(share.owed_minor, expense.currency_code)
    return wording.translator.say("nothing")
