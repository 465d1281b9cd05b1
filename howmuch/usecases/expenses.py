"""Expenses: add, read, change, delete, bring back. `ledger_posting` has the effect of a write on balances."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from howmuch.errors import InvalidArgument, NotFound, invalid
from howmuch.ids import EXPENSE, new_id
from howmuch.ledger.shares import Share, build_shares
from howmuch.ledger.split import (
    EqualSplit,
    ItemizedSplit,
    WeightsSplit,
    beneficiaries,
)
from howmuch.model import Caller, Draft, Event, Expense, payments_of
from howmuch.storage.many import InsertMany, Rows, insert_together
from howmuch.usecases import validation
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
from howmuch.usecases.events import check_undeletable
from howmuch.usecases.expense_rows import get_expense, replace_expense, rows_of
from howmuch.usecases.expense_size import Input, check_size
from howmuch.usecases.ledger_posting import Posting, check_members, post
from howmuch.usecases.member_states import MemberState, read_member_states

LARGEST_BATCH = 500


def create_expenses(
    connection: Connection,
    caller: Caller,
    now: dt.datetime,
    read: Callable[[Event], Sequence[Input]],
) -> list[Expense]:
    """Adds expenses, all or none; each is a change of its own. read: gives them by an event's defaults."""
    seen = caller.in_event.event
    inputs = read(seen)
    check_batch_size(len(inputs))
    checked = [check_input(given) for given in inputs]
    # Before the lock, as far as that is known.
    check_size(checked)
    wanted = named_members([given.draft for given in checked])
    write = begin_write(connection, caller, now, steps=len(inputs), member_ids=wanted)
    if write.event.version != seen.version:
        # It has changed while this write waited.
        checked = [check_input(given) for given in read(write.event)]
    made, inserts = new_expenses(write, checked)
    insert_together(connection, inserts)
    return made


def check_input(given: Input) -> Input:
    """The input with its texts checked."""
    return Input(_checked(given.draft, given.field), given.field)


def new_expenses(
    write: EventWrite, inputs: Sequence[Input]
) -> tuple[list[Expense], dict[InsertMany, Rows]]:
    """The expenses of checked inputs, and all that is to be inserted for them."""
    check_size(inputs, write.active_count)
    made = [_new_expense(write, given) for given in inputs]
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


def _checked(draft: Draft, field: str) -> Draft:
    """The draft with its texts checked; errors name the field below `field`."""
    split = draft.split
    if isinstance(split, ItemizedSplit):
        if len(split.items) > 200:
            raise invalid(
                f"{field}.split.itemized.items",
                "TOO_MANY_ITEMS",
                f"{len(split.items)} items were sent; at most 200 are possible.",
            )
        items = tuple(
            replace(
                item,
                name=validation.check_line(
                    item.name,
                    f"{field}.split.itemized.items[{index}].name",
                    length=validation.NAME_LENGTH,
                    required=False,
                ),
            )
            for index, item in enumerate(split.items)
        )
        split = replace(split, items=items)
    return validation.check_texts(replace(draft, split=split), field)


def _new_expense(write: EventWrite, given: Input) -> Expense:
    expense_id = new_id(EXPENSE)
    draft = _resolved(given.draft, write)
    check_members(write.members, draft, (), given.field)
    shares = _shares(draft, expense_id, given.field)
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
    )


def _resolved(draft: Draft, write: EventWrite) -> Draft:
    """The draft with the defaults of the event filled in: all active members, members' weights."""
    split = draft.split
    if isinstance(split, EqualSplit) and not split.member_ids:
        active = (member_id for member_id, member in write.members.items() if member.active)
        return replace(draft, split=EqualSplit(tuple(sorted(active))))
    if isinstance(split, WeightsSplit) and any(not weight for _, weight in split.weights):
        nobody = MemberState(write.members[write.member_id].role, 1, active=False, user_id=None)
        return replace(
            draft,
            split=WeightsSplit(
                tuple(
                    (member_id, weight or write.members.get(member_id, nobody).weight)
                    for member_id, weight in split.weights
                )
            ),
        )
    return draft


def _shares(draft: Draft, expense_id: str, field: str) -> tuple[Share, ...]:
    try:
        return build_shares(
            draft.kind,
            draft.amount_minor,
            draft.payments,
            draft.split,
            expense_id=expense_id,
            currency_code=draft.currency_code,
        )
    except InvalidArgument as error:
        raise error.under(field) from error


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
        raise NotFound("expense", expense_id)
    draft = _checked(revise(before), "expense")
    write = with_members(write, before, draft)
    return revise_expense(write, before, _resolved(draft, write), "EXPENSE_UPDATED")


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
    shares = before.shares if same_money else _shares(draft, before.id, "expense")
    after = replace(
        before,
        draft=replace(draft, payments=payments_of(shares)),
        shares=shares,
        delete_time=None,
    )
    if after == before:
        change_nothing(write)
        return before
    present = {share.member_id for share in before.shares}
    check_members(write.members, draft, present, "expense")
    return _save(write, before, after, kind)


def _money(draft: Draft) -> tuple[object, ...]:
    """All that shares depend on."""
    return draft.kind, draft.currency_code, draft.amount_minor, draft.split, sorted(draft.payments)


def _save(write: LockedWrite, before: Expense, after: Expense, kind: str) -> Expense:
    """Writes `after` over `before`: row, shares, balances, history."""
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
