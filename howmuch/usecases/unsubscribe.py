"""Unsubscribe links. Their token can only stop mails; it grants no other access."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, null, select, update

from howmuch.errors import FailedPrecondition
from howmuch.storage.tables import events, members, users
from howmuch.usecases.event_writes import lock_event
from howmuch.usecases.invited_addresses import locale_of_token, refuse_invitations


@dataclass(frozen=True, slots=True)
class MailSubject:
    """The subject of the mails that a link stops.

    locale: of the user who gets them. event_name: None means all events; empty means that the user is not
    in the event, or that it does not exist. invitations: the mails are invitations, to any event.
    """

    locale: str
    event_name: str | None
    invitations: bool = False


def read_mail_subject(connection: Connection, token: str, event_id: str) -> MailSubject:
    """The subject of a link. event_id: empty means all events. FailedPrecondition: no mail has this token."""
    user = connection.execute(
        select(users.c.id, users.c.locale).where(
            users.c.mail_token == token, users.c.delete_time.is_(null())
        )
    ).one_or_none()
    if user is None:
        locale = locale_of_token(connection, token)
        if locale is not None:
            return MailSubject(locale, None, invitations=True)
        raise FailedPrecondition(
            "TOKEN_INVALID", "No mail has this link. Take the one in the newest mail."
        )
    if not event_id:
        return MailSubject(user.locale, None)
    # A user who has left the event does not see its present name.
    name = connection.execute(
        select(events.c.name)
        .join_from(events, members, members.c.event_id == events.c.id)
        .where(events.c.id == event_id, members.c.user_id == user.id, members.c.state == "ACTIVE")
    ).scalar()
    return MailSubject(user.locale, name or "")


def unsubscribe(connection: Connection, token: str, event_id: str, now: dt.datetime) -> MailSubject:
    """Mutes one event for the user, or turns off all mails about events, or all invitations to an address.

    A second time changes nothing. event_id: empty means all events. It is private, so
    history does not record it.
    FailedPrecondition: no mail has this token.
    """
    subject = read_mail_subject(connection, token, event_id)
    if subject.invitations:
        refuse_invitations(connection, token, now)
    elif subject.event_name is None:
        connection.execute(
            update(users)
            .where(users.c.mail_token == token, users.c.mail_mode != "OFF")
            .values(mail_mode="OFF", version=users.c.version + 1, update_time=now)
        )
    elif subject.event_name:
        # Writers of members lock the event and then write whole rows, which would undo this.
        lock_event(connection, event_id, 0)
        of_user = select(users.c.id).where(users.c.mail_token == token).scalar_subquery()
        connection.execute(
            update(members)
            .where(members.c.event_id == event_id, members.c.user_id == of_user)
            .values(muted=True)
        )
    return subject
