"""The parts of an expense in words: amount, payers, split, category."""

from howmuch.ledger.shares import Kind
from howmuch.mail.catalogs import N_
from howmuch.mail.phrases import Phrase
from howmuch.mail.split_lines import payments_phrase, split_phrase
from howmuch.mail.wording import Wording
from howmuch.model import Draft, Expense
from howmuch.usecases.history import Change

KINDS = {
    Kind.EXPENSE: N_("expense"),
    Kind.TRANSFER: N_("payment"),
    Kind.INCOME: N_("income"),
}
PAID_BY = {
    Kind.EXPENSE: N_("Paid by"),
    Kind.TRANSFER: N_("From"),
    Kind.INCOME: N_("Received by"),
}


def expense_of(change: Change) -> Expense:
    """The expense after the change, or before it if the change deleted it."""
    expense = change.after if change.after is not None else change.before
    assert isinstance(expense, Expense)
    return expense


def amount_of(wording: Wording, draft: Draft) -> Phrase:
    return wording.translator.money(draft.amount_minor, draft.currency_code)


def payers_of(wording: Wording, draft: Draft) -> Phrase:
    return payments_phrase(wording, draft.payments, draft.currency_code)


def split_of(wording: Wording, draft: Draft) -> Phrase:
    return split_phrase(wording, draft.split, draft.currency_code)


def category_of(wording: Wording, draft: Draft) -> Phrase:
    return wording.text(draft.category) if draft.category else wording.translator.say("none")
