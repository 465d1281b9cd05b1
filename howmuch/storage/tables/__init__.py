"""The tables, for SQLite and PostgreSQL alike. Migrations create them; a test holds the two equal.

Every event-scoped table starts its primary key with event_id, so that one event's rows lie together
and the tables can be distributed by event. Amounts are integers of minor units of `currency_code`.
Instants are UTC. The invariants that one row can carry are named constraints.
"""

from howmuch.storage.tables.accounts import account_tokens, idempotency_keys, sessions, users
from howmuch.storage.tables.events import (
    CHANGE_KINDS,
    ROLES,
    changes,
    events,
    invitations,
    members,
    seen_marks,
)
from howmuch.storage.tables.ledger import (
    NET_MINOR,
    SEARCH_STALE,
    balances,
    comments,
    debts,
    expenses,
    shares,
)
from howmuch.storage.tables.messages import (
    DELIVERY_KINDS,
    WAITING,
    dead_letters,
    deliveries,
    invited_addresses,
    mail_counts,
    notices,
    outbox,
)
from howmuch.storage.tables.schema import metadata
from howmuch.storage.tables.usage import usage

__all__ = [
    "CHANGE_KINDS",
    "DELIVERY_KINDS",
    "NET_MINOR",
    "ROLES",
    "SEARCH_STALE",
    "WAITING",
    "account_tokens",
    "balances",
    "changes",
    "comments",
    "dead_letters",
    "debts",
    "deliveries",
    "events",
    "expenses",
    "idempotency_keys",
    "invitations",
    "invited_addresses",
    "mail_counts",
    "members",
    "metadata",
    "notices",
    "outbox",
    "seen_marks",
    "sessions",
    "shares",
    "usage",
    "users",
]
