"""The members whom changes concern: those who are part of the expense, before or after.

Mail goes by it for members who want only mail about their own expenses.
"""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, tuple_

from howmuch.model import Comment, Expense
from howmuch.storage.tables import shares
from howmuch.usecases.history import Change, Resource

_SHARERS = select(shares.c.expense_id, shares.c.member_id).where(
    tuple_(shares.c.event_id, shares.c.expense_id).in_(bindparam("expenses", expanding=True))
)


class ChangeKey(NamedTuple):
    """The primary key of a change."""

    event_id: str
    revision: int


Concerned = Mapping[ChangeKey, set[str]]
"""Change to the ids of the members whom it concerns. A change that is missing concerns all."""


def members_concerned(connection: Connection, changes: Mapping[ChangeKey, Change]) -> Concerned:
    """The members whom the changes of expenses and comments among these concern."""
    states = {key: [change.before, change.after] for key, change in changes.items()}
    sharers = _sharers_of_commented(connection, states)
    return {
        key: set().union(*(_members_of(state, sharers) for state in both))
        for key, both in states.items()
        if any(isinstance(state, Expense | Comment) for state in both)
    }


def concerns(concerned: Concerned, key: ChangeKey, member_id: str) -> bool:
    """Whether a change concerns a member."""
    return key not in concerned or member_id in concerned[key]


def _members_of(state: Resource | None, sharers: Mapping[str, set[str]]) -> set[str]:
    match state:
        case Expense():
            return {share.member_id for share in state.shares}
        case Comment():
            return sharers.get(state.expense_id, set())
        case _:
            return set()


def _sharers_of_commented(
    connection: Connection, states: Mapping[ChangeKey, list[Resource | None]]
) -> dict[str, set[str]]:
    """Expense id to the members who pay or share it now, of the expenses of comments."""
    commented = {
        (state.event_id, state.expense_id)
        for both in states.values()
        for state in both
        if isinstance(state, Comment)
    }
    sharers: dict[str, set[str]] = {}
    if commented:
        rows = connection.execute(_SHARERS, {"expenses": sorted(commented)})
        for expense_id, member_id in rows:
            sharers.setdefault(expense_id, set()).add(member_id)
    return sharers
