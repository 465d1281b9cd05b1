"""Mails about an account: to verify its address, to set a new password, and that it was changed."""

import datetime as dt

from sqlalchemy import Connection, null, select

from howmuch.mail.delivery.fanout import send_now
from howmuch.storage.tables import users
from howmuch.telemetry.origin import NOWHERE, Origin

KINDS = {
    "account.verify": "VERIFY_EMAIL",
    "account.reset": "RESET_PASSWORD",
    "account.password.changed": "PASSWORD_CHANGED",
}
"""Routing key to the kind of mail."""


def tell_account(
    connection: Connection,
    routing_key: str,
    *,
    user_id: str,
    email: str,
    delivery_id: str,
    now: dt.datetime,
    origin: Origin = NOWHERE,
) -> bool:
    """Writes the mail, if there is an account with this id or address. Whether there is one to send."""
    kind = KINDS.get(routing_key)
    if kind is None:
        raise ValueError(f"no mail goes by the routing key {routing_key!r}")
    of_account = users.c.email == email if email else users.c.id == user_id
    found = connection.execute(
        select(users.c.id).where(of_account, users.c.delete_time.is_(null()))
    ).scalar()
    if found is None:
        return False
    return send_now(connection, kind, now, delivery_id=delivery_id, user_id=found, origin=origin)
