"""Idempotency keys: the same key with the same request gets the same answer again.

The transaction of a write claims the key first and stores the answer last, so there is never one without the
other. A second call with the key waits for the first, then finds its answer. If the first one fails, its
claim is rolled back with it.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from howmuch.errors import FailedPrecondition
from howmuch.storage.lock_waits import waiting_for
from howmuch.storage.many import InsertMany, hex_of
from howmuch.storage.tables import idempotency_keys
from howmuch.storage.written import count_rows

KEPT = dt.timedelta(days=7)
"""By default: longer than a phone is without a network."""

_THIS = (
    idempotency_keys.c.user_id == bindparam("of_user"),
    idempotency_keys.c.key == bindparam("of_key"),
)
_CLAIM = {
    dialect: insert(idempotency_keys).on_conflict_do_nothing().returning(idempotency_keys.c.key)
    for dialect, insert in (("postgresql", postgresql.insert), ("sqlite", sqlite.insert))
}
# An expired key stays until the next purge, and may be used again.
_CLAIM_EXPIRED = (
    update(idempotency_keys)
    .where(*_THIS, idempotency_keys.c.create_time <= bindparam("expired"))
    .returning(idempotency_keys.c.key)
)
_FIND = select(idempotency_keys.c.request_hash, idempotency_keys.c.response).where(*_THIS)
_STORE = update(idempotency_keys).where(*_THIS)

INSERT_KEYS = InsertMany(idempotency_keys)


@dataclass(frozen=True, slots=True)
class Key:
    """A key that a caller sends. request_hash: SHA-256 of the request."""

    key: str
    request_hash: bytes

    def row(self, user_id: str, response: bytes, now: dt.datetime) -> dict[str, Any]:
        """A row for INSERT_KEYS, with bytes in the form that PostgreSQL reads from JSON."""
        return {
            "user_id": user_id,
            "key": self.key,
            "request_hash": hex_of(self.request_hash),
            "response": hex_of(response),
            "create_time": now,
        }


def claim(
    connection: Connection,
    user_id: str,
    given: Key,
    now: dt.datetime,
    kept: dt.timedelta = KEPT,
) -> bytes | None:
    """The stored answer; None means that the key is claimed now, and the caller does the work.

    kept: how long answers are kept.

    FailedPrecondition if the key was used for another request.
    """
    content = {"request_hash": given.request_hash, "response": b"", "create_time": now}
    new = {"user_id": user_id, "key": given.key, **content}
    with waiting_for(connection, f"{user_id} {given.key}"):
        claimed = connection.execute(_CLAIM[connection.dialect.name], new).first()
    if claimed:
        return None
    this = {"of_user": user_id, "of_key": given.key}
    if connection.execute(_CLAIM_EXPIRED, {**this, "expired": now - kept, **content}).first():
        return None
    row = connection.execute(_FIND, this).one()
    if row.request_hash != given.request_hash:
        raise FailedPrecondition(
            "IDEMPOTENCY_KEY_REUSED",
            f"The idempotency key {given.key!r} was used for another request. Use a new key for each new"
            " request, and the same one only to repeat it.",
            metadata={"idempotency_key": given.key},
        )
    response: bytes = row.response
    return response


def store_response(connection: Connection, user_id: str, given: Key, response: bytes) -> None:
    """Stores the answer under a key that this transaction has claimed."""
    count_rows(idempotency_keys.name, len(response))
    connection.execute(_STORE, {"of_user": user_id, "of_key": given.key, "response": response})
