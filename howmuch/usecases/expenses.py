"""Expenses: add, read, change, delete, bring back. `ledger_posting` has the effect of a write on balances."""

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from sqlalchemy import Connection

from howmuch.errors import (
    AlreadyExists,
    FailedPrecondition,
    NotFound,
    Violations,
    invalid,
    under,
)
from howmuch.ids import EXPENSE, new_id
from howmuch.ledger.shares import Share, build_shares
from howmuch.ledger.split import beneficiaries
from howmuch.model import Caller, Draft, Event, Expense, payments_of
from howmuch.storage.many import InsertMany, Rows, insert_together
from howmuch.usecases.days import today_in
from howmuch.usecases.event_writes import (
    Entry,
    EventWrite,
    LockedWrite,
    begin_write,
    change_nothing,
    check_etag,
    record,
    recorded,
)
from howmuch.usecases.events import KEPT_AFTER_DELETE, check_undeletable
from howmuch.usecases.expense_rows import get_expense, replace_expense, rows_of
from howmuch.usecases.expense_size import Input, check_size
from howmuch.usecases.ledger_posting import Posting, check_members, post
from howmuch.usecases.member_states import read_member_states
from howmuch.usecases.settlement_transfers import check_not_entered_again, entered_before
from howmuch.usecases.usual_split import fill_in

LARGEST_BATCH = 500


def create_expenses(
    connection: Connection,
    caller: Caller,
    now: dt.datetime,
    read: Callable[[Event], Sequence[Input]],
) -> list[Expense]:
    """Adds expenses, all or none; each is a change of its own. read: gives them by an event's defaults.

    Payments of a settlement plan that were all entered before are returned as they are.
    """
    seen = caller.in_event.event
    inputs = read(seen)
    check_batch_size(len(inputs))
    # Before the lock, as far as that is known.
    check_size(inputs)
    wanted = named_members([given.draft for given in inputs])
    write = begin_write(connection, caller, now, steps=len(inputs), member_ids=wanted)
    if write.event.version != seen.version:
        # It has changed while this write waited.
        inputs = read(write.event)
    before = entered_before(write, inputs)
    if before:
        change_nothing(write)
        return before
    for given in inputs:
        if given.expense_id:
            _check_free(write, given.expense_id)
    made, inserts = new_expenses(write, inputs)
    insert_together(connection, inserts)
    return made


def _check_free(write: LockedWrite, expense_id: str) -> None:
    """AlreadyExists if the event has an expense with this id. The event is locked, so that it stays true."""
    with suppress(NotFound):
        get_expense(write.connection, write.event.id, expense_id)
        raise AlreadyExists(
            "EXPENSE_ID_TAKEN",
            f"The event has an expense with the id {expense_id!r} already. Choose a new id for each expense;"
            " to repeat a request, send its idempotency key again.",
            metadata={"expense_id": expense_id},
        )


def duplicate_expense(
    connection: Connection,
    caller: Caller,
    now: dt.datetime,
    expense_id: str,
    date: dt.date | None,
) -> Expense:
    """Adds an expense like another one. date: None means today in the event's time zone."""
    original = get_expense(connection, caller.in_event.event.id, expense_id)
    day = date or today_in(caller.in_event.event, now)
    copy = Input(replace(original.draft, date=day), "expense")
    [made] = create_expenses(connection, caller, now, lambda event: [copy])
    return made


def new_expenses(
    write: EventWrite, inputs: Sequence[Input]
) -> tuple[list[Expense], dict[InsertMany, Rows]]:
    """The expenses of checked inputs, and all that is to be inserted for them."""
    check_size(inputs, write.active_count)
    wrong, made = Violations(), []
    for given in inputs:
        with wrong:
            made.append(_new_expense(write, given))
    wrong.raise_any()
    posted = post(write, [Posting(None, expense) for expense in made])
    entries = [Entry("EXPENSE_CREATED", expense.id, None, expense) for expense in made]
    return made, rows_of(made) | posted | recorded(write, entries)


def check_batch_size(size: int) -> None:
    """InvalidArgument for a batch of nothing or of too much."""
    if not 1 <= size <= LARGEST_BATCH:
        raise invalid(
            "expenses",
            "BATCH_SIZE",
            f"{size} expenses were sent; a batch has 1 to {LARGEST_BATCH}.",
        )


def named_members(drafts: Sequence[Draft]) -> set[str] | None:
    """Members that the drafts name. None means all, since a draft is split over all active members."""
    wanted: set[str] = set()
    for draft in drafts:
        named = beneficiaries(draft.split)
        if not named:
            return None
        wanted.update(named, (member_id for member_id, _ in draft.payments))
    return wanted


def _new_expense(write: EventWrite, given: Input) -> Expense:
    expense_id = given.expense_id or new_id(EXPENSE)
    draft = fill_in(given.draft, write.event, write.members, given.field)
    wrong = Violations()
    with wrong:
        check_members(write.members, draft, (), given.field)
    with wrong:
        shares = _shares(draft, expense_id, given.field)
    wrong.raise_any()
    return Expense(
        id=expense_id,
        event_id=write.event.id,
        draft=replace(draft, payments=payments_of(shares)),
        shares=shares,
        version=1,
        creator_member_id=write.member_id,
        create_time=write.now,
        update_time=write.now,
        delete_time=None,
        settlement_revision=given.place.revision if given.place else None,
        settlement_index=given.place.index if given.place else None,
    )


def _shares(draft: Draft, expense_id: str, field: str) -> tuple[Share, ...]:
    with under(field):
        return build_shares(
            draft.kind,
            draft.amount_minor,
            draft.payments,
            draft.split,
            expense_id=expense_id,
            currency_code=draft.currency_code,
        )


def begin_expense_write(
    connection: Connection, caller: Caller, now: dt.datetime, expense_id: str, etag: str
) -> tuple[LockedWrite, Expense]:
    """Locks the event, and reads the expense that the caller means to change, if it is as they saw it."""
    write = begin_write(connection, caller, now)
    before = get_expense(connection, write.event.id, expense_id)
    check_etag(etag, before.version, "expense")
    return write, before


def update_expense(
    connection: Connection,
    caller: Caller,
    now: dt.datetime,
    expense_id: str,
    etag: str,
    revise: Callable[[Expense], Draft],
) -> Expense:
    """Changes an expense. revise: gives the new content for the one there is."""
    write, before = begin_expense_write(connection, caller, now, expense_id, etag)
    if before.delete_time:
        raise FailedPrecondition(
            "EXPENSE_DELETED",
            f"The expense {before.draft.reason!r} was deleted on {before.delete_time:%Y-%m-%d}. Undelete it"
            f" first; that is possible for {KEPT_AFTER_DELETE.days} days.",
            metadata={"expense_id": expense_id},
        )
    draft = revise(before)
    write = with_members(write, before, draft)
    draft = fill_in(draft, write.event, write.members, "expense")
    return revise_expense(write, before, draft, "EXPENSE_UPDATED")


def with_members(write: LockedWrite, before: Expense, draft: Draft) -> LockedWrite:
    """The write with the member_states of everybody in the expense, before and after."""
    wanted = named_members([draft])
    if wanted is not None:
        wanted |= {share.member_id for share in before.shares} | {write.member_id}
    return replace(write, members=read_member_states(write.connection, write.event.id, wanted))


def revise_expense(write: LockedWrite, before: Expense, draft: Draft, kind: str) -> Expense:
    """Writes new content over an expense; without any difference, writes nothing."""
    # The same money splits the same way: the shares stay as they were computed.
    same_money = _money(draft) == _money(before.draft)
    if not same_money:
        check_size([Input(draft, "expense")])
    wrong = Violations()
    shares = before.shares
    if not same_money:
        with wrong:
            shares = _shares(draft, before.id, "expense")
    after = replace(
        before,
        draft=replace(draft, payments=payments_of(shares)),
        shares=shares,
        delete_time=None,
    )
    if after == before and not wrong:
        change_nothing(write)
        return before
    present = {share.member_id for share in before.shares}
    with wrong:
        check_members(write.members, draft, present, "expense")
    wrong.raise_any()
    return _save(write, before, after, kind)


def _money(draft: Draft) -> tuple[object, ...]:
    """All that shares depend on."""
    return draft.kind, draft.currency_code, draft.amount_minor, draft.split, sorted(draft.payments)


def _save(write: LockedWrite, before: Expense, after: Expense, kind: str) -> Expense:
    """Writes `after` over `before`: row, shares, balances, history."""
    check_not_entered_again(write, before, after)
    after = replace(after, version=before.version + 1, update_time=write.now)
    posted = post(write, [Posting(before, after)])
    replaced = replace_expense(write.connection, before, after)
    record(write, [Entry(kind, after.id, before, after)], replaced | posted)
    return after


def delete_expense(
    connection: Connection, caller: Caller, now: dt.datetime, expense_id: str, etag: str
) -> Expense:
    """Deletes an expense; it can be brought back for 30 days. A deleted one stays as it is."""
    write, before = begin_expense_write(connection, caller, now, expense_id, etag)
    if before.delete_time:
        change_nothing(write)
        return before
    write = with_members(write, before, before.draft)
    return _save(write, before, replace(before, delete_time=now), "EXPENSE_DELETED")


def undelete_expense(
    connection: Connection, caller: Caller, now: dt.datetime, expense_id: str, etag: str
) -> Expense:
    """Brings a deleted expense back."""
    write, before = begin_expense_write(connection, caller, now, expense_id, etag)
    check_undeletable(before.delete_time, now, "expense", before.draft.reason)
    write = with_members(write, before, before.draft)
    return _save(write, before, replace(before, delete_time=None), "EXPENSE_UNDELETED")
