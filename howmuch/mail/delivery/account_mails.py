"""Mails about an account: verification of its address, password reset, and notice of a changed password."""

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
    """Writes the mail, if an account has this id or address. Returns whether there is a mail to send."""
    kind = KINDS.get(routing_key)
    if kind is None:
        raise ValueError(f"the routing key {routing_key!r} belongs to no mail")
    of_account = users.c.email == email if email else users.c.id == user_id
    found = connection.execute(
        select(users.c.id).where(of_account, users.c.delete_time.is_(null()))
    ).scalar()
    return found is not None and send_now(
        connection, kind, now, delivery_id=delivery_id, user_id=found, origin=origin
    )
