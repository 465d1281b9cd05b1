"""Headlines and details about changes of an expense."""

from howmuch.ledger.shares import Kind
from howmuch.mail.catalogs import N_
from howmuch.mail.expense_differences import differences, share_of
from howmuch.mail.expense_words import PAID_BY, amount_of, expense_of, payers_of, split_of
from howmuch.mail.phrases import Phrase
from howmuch.mail.wording import Wording
from howmuch.model import Draft, Expense
from howmuch.usecases.history import Change


def created_headline(wording: Wording, change: Change) -> Phrase:
    expense = expense_of(change)
    if expense.draft.kind is Kind.TRANSFER:
        return _transfer(wording, expense)
    return _headline(wording, change, N_("{actor} added {what}, {amount}"))


def updated_headline(wording: Wording, change: Change) -> Phrase:
    """Names the amounts before and after if they differ."""
    before, after = change.before, expense_of(change)
    amount = amount_of(wording, after.draft)
    if isinstance(before, Expense) and amount_of(wording, before.draft).text != amount.text:
        return wording.translator.say(
            "{actor} changed {what}: {old} → {new}",
            actor=wording.subject(change.actor_member_id),
            what=_what(wording, after.draft),
            old=amount_of(wording, before.draft),
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
        wording.row(PAID_BY[draft.kind], payers_of(wording, draft)),
        wording.row(N_("Split"), split_of(wording, draft)),
        wording.row(N_("Your share"), _share(wording, expense, expense)),
    ]


def deleted_details(wording: Wording, change: Change) -> list[Phrase]:
    """As `details`, but of a transfer the sentence about it, without the member who recorded it."""
    expense = expense_of(change)
    date = wording.row(N_("Date"), wording.translator.day(expense.draft.date))
    if expense.draft.kind is Kind.TRANSFER:
        return [wording.row(N_("Payment"), _transfer(wording, expense)), date]
    return details(wording, change)


def updated_details(wording: Wording, change: Change) -> list[Phrase]:
    """Each field that changed, before and after, and the reader's share."""
    before, after = change.before, expense_of(change)
    if not isinstance(before, Expense):
        return details(wording, change)
    rows = wording.rows(differences(wording, change))
    if {before.draft.kind, after.draft.kind} != {Kind.TRANSFER}:
        shares = _share(wording, before, after), _share(wording, after, before)
        rows.append(wording.row(N_("Your share"), wording.turned(*shares)))
    return rows


def with_payers(wording: Wording, change: Change, said: Phrase) -> Phrase:
    """The sentence `said`, and whose money it was: the members who paid or received it."""
    expense = expense_of(change)
    say, draft = wording.translator.say, expense.draft
    if draft.kind is Kind.EXPENSE:
        return say("{news}, paid by {people}", news=said, people=payers_of(wording, draft))
    if draft.kind is Kind.INCOME:
        return say("{news}, received by {people}", news=said, people=payers_of(wording, draft))
    payer, receiver = _ends_of(expense)
    if change.kind != "EXPENSE_CREATED":
        return say(
            "{news}, from {payer} to {receiver}",
            news=said,
            payer=wording.person(payer),
            receiver=wording.person(receiver),
        )
    if change.actor_member_id == payer:
        return said
    actor = wording.person(change.actor_member_id)
    return say("{news}, recorded by {person}", news=said, person=actor)


def _ends_of(transfer: Expense) -> tuple[str, str]:
    """The payer and the receiver, who is the member who owes it."""
    payer = next((s.member_id for s in transfer.shares if s.paid_minor), "")
    return payer, next((s.member_id for s in transfer.shares if s.owed_minor), "")


def _headline(wording: Wording, change: Change, message: str) -> Phrase:
    draft = expense_of(change).draft
    return wording.translator.say(
        message,
        actor=wording.subject(change.actor_member_id),
        what=_what(wording, draft),
        amount=amount_of(wording, draft),
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
    """A sentence about a transfer."""
    translator, amount = wording.translator, amount_of(wording, expense.draft)
    payer, receiver = _ends_of(expense)
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


def _share(wording: Wording, expense: Expense, other: Expense) -> Phrase:
    """The reader's share, beside that of the other version of the expense."""
    mine = (s.owed_minor for s in expense.shares if s.member_id == wording.reader_id)
    return share_of(wording, next(mine, 0), expense, other)
