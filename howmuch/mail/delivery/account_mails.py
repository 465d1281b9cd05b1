"""Mails about an account: links that verify, reset or change something, and notices of changes."""

import datetime as dt

from sqlalchemy import Connection, null, select

from howmuch.mail.delivery.at_once import send_now
from howmuch.mail.delivery.mail_limits import MailLimits, count_account_mail
from howmuch.storage.tables import deliveries, users
from howmuch.telemetry.origin import NOWHERE, Origin

KINDS = {
    "account.verify": "VERIFY_EMAIL",
    "account.reset": "RESET_PASSWORD",
    "account.password.changed": "PASSWORD_CHANGED",
    "account.deletion.requested": "DELETION_REQUESTED",
    "account.email.change": "EMAIL_CHANGE",
    "account.email.changed": "EMAIL_CHANGED",
    "account.email.undone": "EMAIL_CHANGE_UNDONE",
}
"""Routing key to the kind of mail."""

_LINKS_ASKED_FOR = ("VERIFY_EMAIL", "RESET_PASSWORD", "EMAIL_CHANGE")
"""They may go to strangers, so their number is limited. All others are notices to verified addresses."""


def tell_account(
    connection: Connection,
    routing_key: str,
    *,
    user_id: str,
    email: str,
    delivery_id: str,
    now: dt.datetime,
    limits: MailLimits,
    origin: Origin = NOWHERE,
) -> bool:
    """Writes the mail, if an account has this id or address. Returns whether there is a mail to send.

    email: with user_id, the recipient. Empty means the address of the account.
    """
    kind = KINDS.get(routing_key)
    if kind is None:
        raise ValueError(f"the routing key {routing_key!r} belongs to no mail")
    of_account = users.c.id == user_id if user_id else users.c.email == email
    found = connection.execute(
        select(users.c.id, users.c.email, users.c.email_verify_time, deliveries.c.id)
        .outerjoin_from(users, deliveries, deliveries.c.id == delivery_id)
        .where(of_account, users.c.delete_time.is_(null()))
    ).one_or_none()
    if found is None:
        return False
    account_id, address, verify_time, written = found
    if written is not None:
        return False
    recipient = email or address
    if kind in _LINKS_ASKED_FOR:
        refusal = count_account_mail(connection, limits, recipient=recipient, now=now)
    else:
        # It may be the address of a stranger, who must not get a mail at each change of a password.
        refusal = "" if verify_time else "the address is not verified"
    return send_now(
        connection,
        kind,
        now,
        delivery_id=delivery_id,
        user_id=account_id,
        email=email if user_id and email else None,
        origin=origin,
        refusal=refusal,
    )
