"""Deletion of an account: its own data goes; the data that it shares with others stays.

A user asks for it, and it is done after a grace, in which a log-in takes it back. Meanwhile the account has
no session and gets no mail about events, and its address stays taken. Links that undo a change of its
address still work, so that a stranger cannot make the change final by a deletion.
"""

import datetime as dt
from dataclasses import replace

from sqlalchemy import Connection, delete, null, select, update

from howmuch.errors import NotFound
from howmuch.model import Caller, Member, Role, User
from howmuch.storage.tables import (
    account_tokens,
    deliveries,
    events,
    idempotency_keys,
    invitations,
    members,
    seen_marks,
    sessions,
    users,
)
from howmuch.usecases.access import hold_session
from howmuch.usecases.account_tokens import end_links
from howmuch.usecases.accounts import get_user, request_mail, write_user
from howmuch.usecases.event_writes import Entry, LockedWrite, lock_event, record
from howmuch.usecases.history import forget_name
from howmuch.usecases.invitation_rows import end_invitations
from howmuch.usecases.member_rows import find_members, update_member_row

FORMER_MEMBER = "Former member"
DELETIONS_AT_ONCE = 100


def request_deletion(
    connection: Connection, caller: Caller, now: dt.datetime, grace: dt.timedelta
) -> None:
    """Ends all sessions and links of the account, and deletes it after the grace; without grace, at once.

    A mail tells the user until when a log-in takes it back.
    """
    user_id = caller.user_id
    user = get_user(connection, user_id, lock=True)
    if not grace:
        _leave_events(connection, user_id, now)
    # The caller may have logged out while this waited for the account or an event.
    hold_session(connection, caller, now)
    if grace:
        _end_access(connection, user_id)
        write_user(connection, user_id, deletion_due_time=now + grace, update_time=now)
        request_mail(connection, "account.deletion.requested", now, user_id=user_id)
    else:
        _erase(connection, user, now)


def due_deletions(connection: Connection, now: dt.datetime) -> list[str]:
    """The ids of at most DELETIONS_AT_ONCE accounts whose grace has passed."""
    statement = select(users.c.id).where(users.c.deletion_due_time <= now)
    return list(connection.execute(statement.limit(DELETIONS_AT_ONCE)).scalars())


def finish_deletion(connection: Connection, user_id: str, now: dt.datetime) -> bool:
    """Deletes an account whose grace has passed. False means that a log-in has taken it back."""
    due = connection.execute(
        select(users.c.id)
        .where(users.c.id == user_id, users.c.deletion_due_time <= now)
        .with_for_update()
    ).scalar()
    if due is None:
        return False
    _leave_events(connection, user_id, now)
    _erase(connection, get_user(connection, user_id), now)
    return True


def _leave_events(connection: Connection, user_id: str, now: dt.datetime) -> None:
    """Makes guests of the user's members; no balance changes. The account is locked.

    Concurrent creates (see lock_user_for_share) wait for it, then find the account deleted.
    """
    mine = connection.execute(
        select(members.c.event_id).where(members.c.user_id == user_id).order_by(members.c.event_id)
    ).scalars()
    # In one order for all, so that two accounts that go at once do not wait for each other.
    for event_id in mine.all():
        _leave_for_good(connection, event_id, user_id, now)


def _end_access(connection: Connection, user_id: str) -> None:
    """Ends all sessions of the account, and its links that verify, reset or change something."""
    connection.execute(delete(sessions).where(sessions.c.user_id == user_id))
    end_links(connection, user_id, "VERIFY_EMAIL", "RESET_PASSWORD", "CHANGE_EMAIL")


def _erase(connection: Connection, user: User, now: dt.datetime) -> None:
    """Deletes the data of the account alone, and its address from the data that it shares."""
    user_id = user.id
    for table in (sessions, account_tokens, idempotency_keys, seen_marks):
        connection.execute(delete(table).where(table.c.user_id == user_id))
    connection.execute(
        update(deliveries).where(deliveries.c.user_id == user_id).values(email=None, token=None)
    )
    connection.execute(
        update(invitations).where(invitations.c.email == user.email).values(email="")
    )
    write_user(
        connection,
        user_id,
        email=None,
        password_hash=None,
        email_verify_time=None,
        mail_token=None,
        deletion_due_time=None,
        name=FORMER_MEMBER,
        delete_time=now,
        update_time=now,
    )


def _leave_for_good(connection: Connection, event_id: str, user_id: str, now: dt.datetime) -> None:
    """Makes the user's member a guest, and sees to it that the event has an owner or is deleted."""
    try:
        event = lock_event(connection, event_id)
    except NotFound:
        return  # It was purged since the events were listed.
    found = find_members(connection, members.c.event_id == event_id, members.c.user_id == user_id)
    if not found:
        # They have left since the events were listed.
        lock_event(connection, event_id, -1)
        return
    [before] = found
    after = replace(
        before,
        name=FORMER_MEMBER,
        own_name=FORMER_MEMBER,
        user_id=None,
        barred=False,
        aliases=(),
    )
    update_member_row(connection, after)
    # In history too, the name goes with the account.
    forget_name(connection, event_id, before.id, FORMER_MEMBER)
    entries = [Entry("MEMBER_LEFT", before.id, replace(after, user_id=user_id), after)]
    write = LockedWrite(event, {}, user_id, before.id, now, 1, connection)
    write, ended = end_invitations(write, user_id, None)
    entries += ended
    heir = _heir(connection, event_id) if before.role is Role.OWNER and before.active else None
    if heir:
        write = _one_more_step(write)
        promoted = replace(heir, role=Role.OWNER)
        update_member_row(connection, promoted)
        entries.append(Entry("MEMBER_UPDATED", heir.id, heir, promoted))
    elif not event.delete_time and not _has_users(connection, event_id):
        write = _one_more_step(write)
        event = write.event
        gone = replace(event, version=event.version + 1, update_time=now, delete_time=now)
        connection.execute(
            update(events)
            .where(events.c.id == event_id)
            .values(version=gone.version, update_time=now, delete_time=now)
        )
        entries.append(Entry("EVENT_DELETED", event_id, event, gone))
    record(write, entries)


def _one_more_step(write: LockedWrite) -> LockedWrite:
    """The write with one more change to record."""
    event = lock_event(write.connection, write.event.id)
    return replace(write, event=event, steps=write.steps + 1)


def _has_users(connection: Connection, event_id: str) -> bool:
    return bool(
        connection.execute(
            select(members.c.id)
            .where(
                members.c.event_id == event_id,
                members.c.user_id.is_not(null()),
                members.c.state == "ACTIVE",
            )
            .limit(1)
        ).scalar()
    )


def _heir(connection: Connection, event_id: str) -> Member | None:
    """The next owner: of the members with the highest role, the one added first. None means no new owner."""
    candidates = find_members(
        connection,
        members.c.event_id == event_id,
        members.c.user_id.is_not(null()),
        members.c.state == "ACTIVE",
    )
    if not candidates or any(member.role is Role.OWNER for member in candidates):
        return None
    return max(candidates, key=lambda member: member.role)
