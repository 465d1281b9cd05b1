"""The links in mails that end them. Whoever holds one ends mails with it, and gets at nothing."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, null, select, update

from howmuch.errors import FailedPrecondition
from howmuch.storage.tables import events, members, users
from howmuch.usecases.event_writes import lock_event


@dataclass(frozen=True, slots=True)
class MailSubject:
    """What the mails are about that a link ends, and how to say so.

    locale: of who gets them. event_name: None where the link is about all events; empty where the user is
    not in the event, or there is none.
    """

    locale: str
    event_name: str | None


def read_mail_subject(connection: Connection, token: str, event_id: str) -> MailSubject:
    """What a link is about. event_id: empty for all events. FailedPrecondition: no mail has this token."""
    user_id, locale = _find_user(connection, token)
    if not event_id:
        return MailSubject(locale, None)
    # Whoever has left the event is not to hear how it is called by now.
    name = connection.execute(
        select(events.c.name)
        .join_from(events, members, members.c.event_id == events.c.id)
        .where(events.c.id == event_id, members.c.user_id == user_id, members.c.state == "ACTIVE")
    ).scalar()
    return MailSubject(locale, name or "")


def unsubscribe(connection: Connection, token: str, event_id: str, now: dt.datetime) -> MailSubject:
    """Mutes one event for the user, or turns all mails about events off; a second time changes nothing.

    event_id: empty for all events. History does not tell, since it is nobody else's business.
    FailedPrecondition: no mail has this token.
    """
    subject = read_mail_subject(connection, token, event_id)
    if subject.event_name is None:
        connection.execute(
            update(users)
            .where(users.c.mail_token == token, users.c.mail_mode != "OFF")
            .values(mail_mode="OFF", version=users.c.version + 1, update_time=now)
        )
    elif subject.event_name:
        # Writers of members lock the event and then write whole rows: one would undo this.
        lock_event(connection, event_id, 0)
        of_user = select(users.c.id).where(users.c.mail_token == token).scalar_subquery()
        connection.execute(
            update(members)
            .where(members.c.event_id == event_id, members.c.user_id == of_user)
            .values(muted=True)
        )
    return subject


def _find_user(connection: Connection, token: str) -> tuple[str, str]:
    """Id and locale of whom the mails go to."""
    row = connection.execute(
        select(users.c.id, users.c.locale).where(
            users.c.mail_token == token, users.c.delete_time.is_(null())
        )
    ).one_or_none()
    if row is None:
        raise FailedPrecondition(
            "TOKEN_INVALID", "No mail has this link. Take the one in the newest mail."
        )
    return row.id, row.locale
