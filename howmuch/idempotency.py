"""Idempotency keys: the same key with the same request gets the same answer again.

The answer is stored by the transaction that did the work, so there is never one without the other. Two
calls with one key at once both work, but only one can insert the key: the other is rolled back as a
whole, and answered with what the first one stored.
"""

import datetime as dt

from sqlalchemy import Connection, bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError

from howmuch.errors import FailedPrecondition
from howmuch.storage.tables import idempotency_keys

KEPT = dt.timedelta(hours=24)

_THIS = (
    idempotency_keys.c.user_id == bindparam("user_id"),
    idempotency_keys.c.key == bindparam("of_key"),
)
_FIND = select(
    idempotency_keys.c.request_hash, idempotency_keys.c.response, idempotency_keys.c.create_time
).where(*_THIS)
_FORGET = delete(idempotency_keys).where(
    *_THIS, idempotency_keys.c.create_time <= bindparam("expired")
)
_INSERT = insert(idempotency_keys)


class KeyInUse(Exception):
    """Another call with this key was committed meanwhile; roll back, and find its answer."""


def find_response(
    connection: Connection, user_id: str, key: str, request_hash: bytes, now: dt.datetime
) -> bytes | None:
    """The answer that was stored under the key; None: the key is new, or new again after `KEPT`.

    FailedPrecondition where the key was used for another request.
    """
    this = {"user_id": user_id, "of_key": key}
    row = connection.execute(_FIND, this).one_or_none()
    if row is None:
        return None
    if row.create_time <= now - KEPT:
        # It would be in the way of the new answer until the next purge.
        connection.execute(_FORGET, {**this, "expired": now - KEPT})
        return None
    if row.request_hash != request_hash:
        raise FailedPrecondition(
            "IDEMPOTENCY_KEY_REUSED",
            f"The idempotency key {key!r} was used for another request. Use a new key for each new"
            " request, and the same one only to repeat it.",
            metadata={"idempotency_key": key},
        )
    response: bytes = row.response
    return response


def store_response(
    connection: Connection,
    user_id: str,
    key: str,
    request_hash: bytes,
    response: bytes,
    now: dt.datetime,
) -> None:
    """Stores the answer; KeyInUse where another call was first."""
    try:
        connection.execute(
            _INSERT,
            {
                "user_id": user_id,
                "key": key,
                "request_hash": request_hash,
                "response": response,
                "create_time": now,
            },
        )
    except IntegrityError as error:
        raise KeyInUse(key) from error
