"""How far users have read the history of their events.

The number of unread changes is the number of changes since the mark, less the user's own. Every write counts
the changes of its author in `seen_marks`, so no change has to be read for it.
"""

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    bindparam,
    case,
    func,
    literal,
    select,
    true,
)

from howmuch.errors import NotFound, invalid
from howmuch.storage.on_conflict import insert_of
from howmuch.storage.tables import changes, events, members, seen_marks
from howmuch.usecases.validation import check_revision

SEEN_REVISION: ColumnElement[int] = func.coalesce(seen_marks.c.seen_revision, 0)
_OWN: ColumnElement[int] = func.coalesce(seen_marks.c.own_changes, 0)
_UNREAD = (
    events.c.revision - SEEN_REVISION - (_OWN - func.coalesce(seen_marks.c.seen_own_changes, 0))
)
UNREAD_COUNT: ColumnElement[int] = case((_UNREAD > 0, _UNREAD), else_=0)
"""In a statement with `events`, and `seen_marks` by an outer join with MARK_OF_MEMBER."""

MARK_OF_MEMBER = (seen_marks.c.event_id == members.c.event_id) & (
    seen_marks.c.user_id == members.c.user_id
)
_MINE = (members.c.user_id == bindparam("user_id"), members.c.state == "ACTIVE")
_REVISION = (
    select(events.c.revision)
    .join_from(members, events, events.c.id == members.c.event_id)
    .where(*_MINE, members.c.event_id == bindparam("event_id"))
)


def check_not_negative(revision: int) -> None:
    """Raises InvalidArgument for a revision that no event has."""
    if revision < 0:
        raise invalid(
            "revision",
            "REVISION_OUT_OF_RANGE",
            f"{revision} is not between 0 and the revision of the event.",
        )


def mark_seen(connection: Connection, user_id: str, event_id: str, revision: int) -> None:
    """Marks the changes of an event as read up to a revision; 0 means all.

    NotFound unless the user is an active member; InvalidArgument for a revision that the event does not have.
    """
    found = connection.execute(_REVISION, {"user_id": user_id, "event_id": event_id}).scalar()
    if found is None:
        raise NotFound("event", event_id)
    check_revision(revision, found, "revision")
    _mark(connection, user_id, members.c.event_id == event_id, literal(revision or found, Integer))


def mark_all_seen(connection: Connection, user_id: str) -> None:
    """Marks all changes of all events of a user as read."""
    _mark(connection, user_id, true(), events.c.revision)


def _mark(
    connection: Connection, user_id: str, which: ColumnElement[bool], seen: ColumnElement[int]
) -> None:
    """Moves marks on to the revision `seen`, and none back. which: events."""
    own_since = (
        select(func.count())
        .where(
            changes.c.event_id == members.c.event_id,
            changes.c.actor_user_id == user_id,
            changes.c.revision > seen,
        )
        .correlate(members, events)
        .scalar_subquery()
    )
    marks = (
        select(members.c.event_id, members.c.user_id, _OWN, seen, _OWN - own_since)
        .join_from(members, events, events.c.id == members.c.event_id)
        .outerjoin(seen_marks, MARK_OF_MEMBER)
        .where(members.c.user_id == user_id, members.c.state == "ACTIVE", which)
        .order_by(members.c.event_id)
    )
    columns = ["event_id", "user_id", "own_changes", "seen_revision", "seen_own_changes"]
    insert = insert_of(connection, seen_marks).from_select(columns, marks)
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=[seen_marks.c.event_id, seen_marks.c.user_id],
            set_={
                "seen_revision": insert.excluded.seen_revision,
                "seen_own_changes": insert.excluded.seen_own_changes,
            },
            where=seen_marks.c.seen_revision < insert.excluded.seen_revision,
        )
    )
