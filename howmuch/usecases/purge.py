"""Deletes rows that are no longer needed. Run hourly by the server; running it twice does no harm."""

import datetime as dt

from sqlalchemy import Connection, and_, delete, null, or_, select, update

from howmuch.storage.tables import (
    account_tokens,
    balances,
    comments,
    dead_letters,
    debts,
    deliveries,
    events,
    expenses,
    idempotency_keys,
    invitations,
    invited_addresses,
    mail_counts,
    members,
    sessions,
    shares,
    usage,
)
from howmuch.usecases.events import KEPT_AFTER_DELETE
from howmuch.usecases.idempotency import KEPT
from howmuch.usecases.invited_addresses import KEPT as ADDRESSES_KEPT

MAILS_KEPT = dt.timedelta(days=90)
"""How long it is known who was told of what."""

COUNTS_KEPT = dt.timedelta(days=1)
"""How long counts of mails are kept; each is of one day in UTC."""
DEAD_LETTERS_KEPT = dt.timedelta(days=30)

# Events that go in one run: each takes all that is in it along, in one transaction.
_EVENTS_AT_ONCE = 100


def purge(
    connection: Connection, now: dt.datetime, keys_kept: dt.timedelta = KEPT
) -> dict[str, int]:
    """Deletes expired rows, and events that were deleted 30 days ago. Table to number of rows.

    keys_kept: how long idempotency keys are kept.
    """
    counts = {
        table.name: connection.execute(delete(table).where(expired)).rowcount
        for table, expired in (
            (idempotency_keys, idempotency_keys.c.create_time <= now - keys_kept),
            (sessions, sessions.c.expire_time <= now),
            (account_tokens, account_tokens.c.expire_time <= now),
            # With them go the notices, by which a message that comes twice is known.
            (deliveries, deliveries.c.done_time <= now - MAILS_KEPT),
            (mail_counts, mail_counts.c.day < (now - COUNTS_KEPT).date()),
            (
                invited_addresses,
                and_(
                    invited_addresses.c.mail_time <= now - ADDRESSES_KEPT,
                    invited_addresses.c.refuse_time.is_(null()),
                ),
            ),
            # They may have addresses in them.
            (dead_letters, dead_letters.c.dead_time <= now - DEAD_LETTERS_KEPT),
        )
    }
    counts["invitations"] = _forget_addresses(connection, now)
    gone = (
        connection.execute(
            select(events.c.id)
            .where(events.c.delete_time < now - KEPT_AFTER_DELETE)
            .order_by(events.c.id)
            .limit(_EVENTS_AT_ONCE)
            # One that is being brought back at this moment stays.
            .with_for_update(skip_locked=True)
        )
        .scalars()
        .all()
    )
    # Children first; the other rows of the event are deleted with it, by cascade.
    for table in (debts, balances, shares, comments, expenses, members):
        connection.execute(delete(table).where(table.c.event_id.in_(gone)))
    connection.execute(delete(events).where(events.c.id.in_(gone)))
    # Also rows that a server added after the purge of their event.
    there = select(events.c.id).where(events.c.id == usage.c.event_id).exists()
    connection.execute(delete(usage).where(~there))
    return {**counts, "events": len(gone)}


def _forget_addresses(connection: Connection, now: dt.datetime) -> int:
    """Takes the addresses out of invitations that have ended. Returns how many there were."""
    ended = or_(
        invitations.c.expire_time <= now,
        invitations.c.revoke_time <= now,
        invitations.c.use_count >= invitations.c.max_uses,
    )
    statement = update(invitations).where(ended, invitations.c.email != "").values(email="")
    return connection.execute(statement).rowcount
