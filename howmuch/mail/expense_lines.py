"""Headlines and details about changes of an expense."""

from howmuch.ledger.shares import Kind
from howmuch.mail.catalogs import N_
from howmuch.mail.phrases import Phrase
from howmuch.mail.split_lines import payments_phrase, split_phrase
from howmuch.mail.wording import Wording
from howmuch.model import Draft, Expense
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
    if expense.draft.kind is Kind.TRANSFER:
        return _transfer(wording, expense)
    return _headline(wording, change, N_("{actor} added {what}, {amount}"))


def updated_headline(wording: Wording, change: Change) -> Phrase:
    """Names the amounts before and after if they differ."""
    before, after = change.before, expense_of(change)
    amount = _amount(wording, after.draft)
    if isinstance(before, Expense) and _amount(wording, before.draft).text != amount.text:
        return wording.translator.say(
            "{actor} changed {what}: {old} → {new}",
            actor=wording.subject(change.actor_member_id),
            what=_what(wording, after.draft),
            old=_amount(wording, before.draft),
            new=amount,
        )
    return _headline(wording, change, N_("{actor} changed {what}, {amount}"))


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
    draft, translator = expense.draft, wording.translator
    rows = [wording.row(N_("Date"), translator.day(draft.date))]
    if draft.category:
        rows.append(wording.row(N_("Category"), wording.text(draft.category)))
    if draft.kind is Kind.TRANSFER:
        rows.insert(0, wording.row(N_("Reason"), wording.text(draft.reason)))
        if change.actor_member_id != draft.payments[0].member_id:
            actor = wording.name(change.actor_member_id)
            rows.append(wording.row(N_("Recorded by"), actor))
        return rows
    return [
        *rows,
        wording.row(_PAID_BY[draft.kind], _payments(wording, draft)),
        wording.row(N_("Split"), _split(wording, draft)),
        wording.row(N_("Your share"), _share(wording, expense)),
    ]


def deleted_details(wording: Wording, change: Change) -> list[Phrase]:
    """As `details`, but of a transfer the sentence about it, without the member who recorded it."""
    expense = expense_of(change)
    date = wording.row(N_("Date"), wording.translator.day(expense.draft.date))
    if expense.draft.kind is Kind.TRANSFER:
        return [wording.row(N_("Payment"), _transfer(wording, expense)), date]
    return details(wording, change)


def differences(wording: Wording, change: Change) -> list[Phrase]:
    """Each field that changed, before and after, and the reader's share."""
    if not isinstance(change.before, Expense):
        return details(wording, change)
    old, new = change.before.draft, expense_of(change).draft
    translator, row = wording.translator, wording.difference
    rows = [
        *row(N_("Kind"), translator.say(_KINDS[old.kind]), translator.say(_KINDS[new.kind])),
        *row(N_("Amount"), _amount(wording, old), _amount(wording, new)),
        *row(N_("Reason"), wording.text(old.reason), wording.text(new.reason)),
        *row(N_("Date"), translator.day(old.date), translator.day(new.date)),
        *row(N_("Category"), _category(wording, old), _category(wording, new)),
    ]
    if (old.payments, old.currency_code) != (new.payments, new.currency_code):
        rows += row(_PAID_BY[new.kind], _payments(wording, old), _payments(wording, new))
    if old.split != new.split:
        splits = _split(wording, old), _split(wording, new)
        # Two splits may read the same, such as two that only say how many people there are.
        turned = wording.turned(*splits)
        if splits[0].text == splits[1].text:
            turned = translator.say("{new} (changed)", new=splits[1])
        label = N_("To") if new.kind is Kind.TRANSFER else N_("Split")
        rows.append(wording.row(label, turned))
    if old.notes != new.notes:
        notes = wording.quoted(new.notes) if new.notes else translator.say("removed")
        rows.append(wording.row(N_("Notes"), notes))
    if Kind.TRANSFER not in (old.kind, new.kind):
        shares = (_share(wording, change.before), _share(wording, expense_of(change)))
        rows.append(wording.row(N_("Your share"), wording.turned(*shares)))
    return rows


def expense_of(change: Change) -> Expense:
    """The expense after the change, or before it if the change deleted it."""
    expense = change.after if change.after is not None else change.before
    assert isinstance(expense, Expense)
    return expense


def _headline(wording: Wording, change: Change, message: str) -> Phrase:
    draft = expense_of(change).draft
    return wording.translator.say(
        message,
        actor=wording.subject(change.actor_member_id),
        what=_what(wording, draft),
        amount=_amount(wording, draft),
    )


def _what(wording: Wording, draft: Draft) -> Phrase:
    reason = wording.text(draft.reason)
    match draft.kind:
        case Kind.TRANSFER:
            return wording.translator.say("the payment “{reason}”", reason=reason)
        case Kind.INCOME:
            return wording.translator.say("the income “{reason}”", reason=reason)
        case _:
            return wording.translator.say("“{text}”", text=reason)


def _transfer(wording: Wording, expense: Expense) -> Phrase:
    """A sentence about a transfer. Its receiver is the member who owes it."""
    translator, amount = wording.translator, _amount(wording, expense.draft)
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


def _amount(wording: Wording, draft: Draft) -> Phrase:
    return wording.translator.money(draft.amount_minor, draft.currency_code)


def _payments(wording: Wording, draft: Draft) -> Phrase:
    return payments_phrase(wording, draft.payments, draft.currency_code)


def _split(wording: Wording, draft: Draft) -> Phrase:
    return split_phrase(wording, draft.split, draft.currency_code)


def _category(wording: Wording, draft: Draft) -> Phrase:
    return wording.text(draft.category) if draft.category else wording.translator.say("none")


def _share(wording: Wording, expense: Expense) -> Phrase:
    for share in expense.shares:
        if share.member_id == wording.reader_id and share.owed_minor:
            return wording.translator.money(share.owed_minor, expense.draft.currency_code)
    return wording.translator.say("nothing")
