"""Mails that are sent at once: about accounts, and invitations. Each is written only if it may go."""

import datetime as dt

import structlog
from sqlalchemy import Connection, bindparam, insert, select

from howmuch.ids import DELIVERY
from howmuch.mail.delivery.mail_limits import MailLimits, count_invitation
from howmuch.messaging import message_metrics
from howmuch.storage.on_conflict import insert_of
from howmuch.storage.tables import deliveries, invitations, outbox, users
from howmuch.telemetry.origin import NOWHERE, Origin
from howmuch.usecases.invited_addresses import wants_no_invitations

log = structlog.get_logger()

_INVITED = (
    select(
        invitations.c.email,
        invitations.c.inviter_user_id,
        users.c.email_verify_time,
        deliveries.c.id.label("delivery_id"),
    )
    .join_from(invitations, users, users.c.id == invitations.c.inviter_user_id)
    .join(deliveries, deliveries.c.id == bindparam("mail"), isouter=True)
    .where(
        invitations.c.event_id == bindparam("event"), invitations.c.id == bindparam("invitation")
    )
)


def invite(
    connection: Connection,
    event_id: str,
    invitation_id: str,
    now: dt.datetime,
    origin: Origin,
    limits: MailLimits,
) -> bool:
    """Writes the mail of an invitation, if it has an address. Returns whether there is a mail to send."""
    delivery_id = f"{DELIVERY}_{invitation_id.partition('_')[2]}"
    key = {"event": event_id, "invitation": invitation_id, "mail": delivery_id}
    row = connection.execute(_INVITED, key).one_or_none()
    if row is None or not row.email or row.delivery_id is not None:
        return False
    if row.email_verify_time is None:
        refusal = "the address of the inviter is not verified"
    elif wants_no_invitations(connection, row.email):
        refusal = "the recipient wants no invitations"
    else:
        sender = row.inviter_user_id
        refusal = count_invitation(connection, limits, sender=sender, recipient=row.email, now=now)
    return send_now(
        connection,
        "INVITATION",
        now,
        delivery_id=delivery_id,
        slot=invitation_id,
        origin=origin,
        refusal=refusal,
    )


def send_now(
    connection: Connection,
    kind: str,
    now: dt.datetime,
    *,
    delivery_id: str,
    slot: str = "",
    user_id: str | None = None,
    email: str | None = None,
    origin: Origin = NOWHERE,
    refusal: str = "",
) -> bool:
    """Writes a mail, and the message that sends it. False means that it is not to be sent.

    email: the recipient. None means the address of the user or of the invitation.
    refusal: the reason why this mail may not go; it is written all the same, as SKIPPED.
    """
    row = {
        "id": delivery_id,
        "kind": kind,
        "state": "SKIPPED" if refusal else "QUEUED",
        "user_id": user_id,
        "slot": slot,
        "email": None if refusal else email,
        "due_time": now,
        "attempts": 0,
        "create_time": now,
        "done_time": now if refusal else None,
    }
    written = connection.execute(insert_of(connection, deliveries).on_conflict_do_nothing(), row)
    if written.rowcount and refusal:
        message_metrics.MAILS.labels("skipped").inc()
        log.info("mail skipped", delivery_id=delivery_id, reason=refusal)
        return False
    if written.rowcount:
        connection.execute(insert(outbox), due_message(delivery_id, now, origin))
    return bool(written.rowcount)


def due_message(delivery_id: str, now: dt.datetime, origin: Origin) -> dict[str, object]:
    return {
        "routing_key": "mail.send",
        "payload": {"delivery_id": delivery_id},
        "create_time": now,
        "origin": origin.to_json(),
    }
