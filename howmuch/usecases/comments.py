"""Comments on expenses: add, list, delete. Each write is a change of the event, and not of the expense."""

import datetime as dt
from dataclasses import replace

from sqlalchemy import Connection, RowMapping, bindparam, func, null, select, update

from howmuch.errors import NotFound, PermissionDenied, ResourceExhausted, invalid
from howmuch.ids import COMMENT, new_id
from howmuch.model import Caller, Comment
from howmuch.storage.many import InsertMany
from howmuch.storage.rows import record_of, row_of
from howmuch.storage.tables import comments, expenses
from howmuch.usecases.event_writes import Entry, begin_write, change_nothing, record
from howmuch.usecases.paging import Listing, Page, cut, in_page
from howmuch.usecases.validation import check_text

TEXT_LENGTH = 2_000
MOST_COMMENTS = 1_000
"""Of one expense, with deleted ones."""

_INSERT_COMMENTS = InsertMany(comments)
_OF_EXPENSE = (
    comments.c.event_id == bindparam("event_id"),
    comments.c.expense_id == bindparam("expense_id"),
)
_EXPENSE = select(
    expenses.c.reason,
    select(func.count())
    .select_from(comments)
    .where(*_OF_EXPENSE)
    .scalar_subquery()
    .label("comment_count"),
).where(expenses.c.event_id == bindparam("event_id"), expenses.c.id == bindparam("expense_id"))
_COMMENTS = (
    select(comments, expenses.c.reason.label("expense_reason"))
    .join_from(
        comments,
        expenses,
        (expenses.c.event_id == comments.c.event_id) & (expenses.c.id == comments.c.expense_id),
    )
    .where(*_OF_EXPENSE)
)


def check_comment(text: str) -> str:
    """The text of a comment, without spaces at its ends."""
    text = check_text(text.strip(), "text", length=TEXT_LENGTH)
    if not text:
        raise invalid(
            "text", "FIELD_REQUIRED", f"A text of 1 to {TEXT_LENGTH:,} characters is required."
        )
    return text


def add_comment(
    connection: Connection, caller: Caller, now: dt.datetime, expense_id: str, text: str
) -> Comment:
    """Adds a comment of the caller. text: as `check_comment` returns it."""
    write = begin_write(connection, caller, now)
    expense = connection.execute(
        _EXPENSE, {"event_id": write.event.id, "expense_id": expense_id}
    ).one_or_none()
    if expense is None:
        raise NotFound("expense", expense_id)
    if expense.comment_count >= MOST_COMMENTS:
        raise ResourceExhausted(
            "TOO_MANY_COMMENTS",
            f"The expense has {expense.comment_count:,} comments already; at most {MOST_COMMENTS:,} are"
            " possible.",
            retry_after_seconds=None,
        )
    made = Comment(
        id=new_id(COMMENT),
        event_id=write.event.id,
        expense_id=expense_id,
        expense_reason=expense.reason,
        author_member_id=write.member_id,
        text=text,
        create_time=now,
        delete_time=None,
    )
    row = row_of(made)
    del row["expense_reason"]
    record(write, [Entry("COMMENT_ADDED", made.id, None, made)], {_INSERT_COMMENTS: [row]})
    return made


def list_comments(
    connection: Connection, event_id: str, expense_id: str, page: Page
) -> Listing[Comment]:
    """A page of the comments on an expense that are not deleted, oldest first."""
    wanted = {"event_id": event_id, "expense_id": expense_id}
    statement = _COMMENTS.where(comments.c.delete_time.is_(null()))
    statement = in_page(statement, page, [comments.c.id], page.key)
    found = [_comment(row) for row in connection.execute(statement, wanted).mappings()]
    if not found and connection.execute(_EXPENSE, wanted).first() is None:
        raise NotFound("expense", expense_id)
    return cut(page, found, lambda comment: [comment.id])


def delete_comment(
    connection: Connection, caller: Caller, now: dt.datetime, expense_id: str, comment_id: str
) -> Comment:
    """Deletes a comment of the caller. A deleted one stays as it is."""
    write = begin_write(connection, caller, now)
    row = (
        connection.execute(
            _COMMENTS.where(comments.c.id == bindparam("comment_id")),
            {"event_id": write.event.id, "expense_id": expense_id, "comment_id": comment_id},
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound("comment", comment_id)
    before = _comment(row)
    if before.author_member_id != write.member_id:
        raise PermissionDenied(
            "COMMENT_OF_OTHERS",
            "Another member wrote this comment; only they can delete it.",
            metadata={"comment_id": comment_id},
        )
    if before.delete_time:
        change_nothing(write)
        return before
    connection.execute(
        update(comments)
        .where(comments.c.event_id == write.event.id, comments.c.id == comment_id)
        .values(delete_time=now)
    )
    after = replace(before, delete_time=now)
    record(write, [Entry("COMMENT_DELETED", comment_id, before, after)])
    return after


def _comment(row: RowMapping) -> Comment:
    return record_of(Comment, row)
