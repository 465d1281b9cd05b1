"""Idempotency keys: the same key with the same request gets the same answer again.

The answer is stored by the transaction that did the work, so there is never one without the other. Two
calls with one key at once both work, but only one can insert the key: the other is rolled back as a
whole, and answered with what the first one stored.
"""

import datetime as dt

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from howmuch.errors import FailedPrecondition
from howmuch.storage.tables import idempotency_keys

KEPT = dt.timedelta(hours=24)

_FIND = select(idempotency_keys.c.request_hash, idempotency_keys.c.response).where(
    idempotency_keys.c.user_id == bindparam("user_id"),
    idempotency_keys.c.key == bindparam("key"),
    idempotency_keys.c.create_time > bindparam("since"),
)
_INSERT = insert(idempotency_keys)


class KeyInUse(Exception):
    """Another call with this key was committed meanwhile; roll back, and find its answer."""


def find_response(
    connection: Connection, user_id: str, key: str, request_hash: bytes, now: dt.datetime
) -> bytes | None:
    """The answer that was stored under the key; None: the key is new.

    FailedPrecondition where the key was used for another request.
    """
    row = connection.execute(
        _FIND, {"user_id": user_id, "key": key, "since": now - KEPT}
    ).one_or_none()
    if row is None:
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
