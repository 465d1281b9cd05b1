"""Letters out of the database: who reads them, what they are told, and whether they still want to know."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, null, select, update

from howmuch.mail.delivery.news import read_news
from howmuch.mail.letters import (
    ChangesLetter,
    DigestLetter,
    EventNews,
    InvitationLetter,
    Letter,
    PasswordChangedLetter,
    Reader,
    ResetLetter,
    VerifyLetter,
)
from howmuch.model import Role
from howmuch.storage.tables import (
    account_tokens,
    deliveries,
    events,
    invitations,
    users,
)
from howmuch.telemetry.origin import Origin
from howmuch.usecases.accounts import new_account_token
from howmuch.usecases.tokens import hash_token, new_token

_NEWS = ("CHANGES", "DIGEST")


class Skip(Exception):
    """Nobody wants this mail any more; the text says why."""


@dataclass(frozen=True, slots=True)
class Links:
    """Where links in mails lead: URLs with `{token}` in them."""

    invitation: str
    verify: str
    reset: str
    unsubscribe: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row of `deliveries` that this worker sends now."""

    id: str
    kind: str
    user_id: str | None
    slot: str
    token: str | None
    create_time: dt.datetime


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A letter with its envelope. event_id: of its thread; empty: none. unsubscribe_url: empty: none.

    origins: what has caused it: the changes in it; empty: that is for its message to say.
    """

    delivery_id: str
    kind: str
    recipient: str
    date: dt.datetime
    letter: Letter
    event_id: str = ""
    unsubscribe_url: str = ""
    origins: Sequence[Origin] = ()


@dataclass(frozen=True, slots=True)
class _User:
    id: str
    email: str
    reader: Reader
    mail_mode: str
    mail_token: str | None


_USERS = select(
    users.c.id,
    users.c.email,
    users.c.name,
    users.c.locale,
    users.c.time_zone,
    users.c.mail_mode,
    users.c.mail_token,
).where(users.c.id.in_(bindparam("ids", expanding=True)), users.c.email.is_not(null()))
_GIVE_TOKEN = (
    update(users)
    # Two workers may write to somebody for the first time at once: the first one's stays.
    .where(users.c.id == bindparam("user"), users.c.mail_token.is_(null()))
    .values(mail_token=bindparam("made"))
)
_TOKENS = select(users.c.id, users.c.mail_token).where(
    users.c.id.in_(bindparam("ids", expanding=True))
)
_INVITATION = (
    select(
        invitations.c.email,
        invitations.c.token,
        invitations.c.role,
        invitations.c.expire_time,
        users.c.name,
        users.c.locale,
        users.c.time_zone,
        events.c.name,
    )
    .join_from(invitations, users, users.c.id == invitations.c.inviter_user_id)
    .join(events, events.c.id == invitations.c.event_id)
    .where(
        invitations.c.id == bindparam("invitation_id"),
        invitations.c.revoke_time.is_(null()),
        invitations.c.expire_time > bindparam("now"),
        invitations.c.use_count < invitations.c.max_uses,
        events.c.delete_time.is_(null()),
    )
)


def write_letters(
    connection: Connection, claimed: Sequence[Claimed], links: Links, now: dt.datetime
) -> list[Outgoing | Skip]:
    """The letters as things stand now, read together: their number of statements does not grow."""
    user_ids = sorted({each.user_id for each in claimed if each.user_id})
    people = {
        row[0]: _User(row[0], row[1], Reader(*row[2:5]), *row[5:])
        for row in connection.execute(_USERS, {"ids": user_ids})
    }
    _give_mail_tokens(connection, people)
    news, origins = read_news(
        connection, [each.id for each in claimed if each.kind in _NEWS], user_ids
    )
    letters: list[Outgoing | Skip] = []
    for each in claimed:
        try:
            letter = _letter(connection, each, people, news, links, now)
            letters.append(replace(letter, origins=origins.get(each.id, ())))
        except Skip as reason:
            letters.append(reason)
    return letters


def _letter(
    connection: Connection,
    claimed: Claimed,
    people: Mapping[str, _User],
    news: Mapping[tuple[str, str], Sequence[EventNews]],
    links: Links,
    now: dt.datetime,
) -> Outgoing:
    if claimed.kind == "INVITATION":
        return _invitation(connection, claimed, links, now)
    user = people.get(claimed.user_id or "")
    if user is None:
        raise Skip("the account is gone")
    if claimed.kind in _NEWS:
        found = news.get((claimed.id, user.id), ())
        return _of_news(claimed, user, found, links, now)
    return Outgoing(
        delivery_id=claimed.id,
        kind=claimed.kind,
        recipient=user.email,
        date=claimed.create_time,
        letter=_account_letter(connection, claimed, user, links, now),
    )


def _of_news(
    claimed: Claimed,
    user: _User,
    news: Sequence[EventNews],
    links: Links,
    now: dt.datetime,
) -> Outgoing:
    if user.mail_mode == "OFF":
        raise Skip("the recipient wants no mails")
    if not news:
        raise Skip("the recipient has muted the event or left it")
    digest = claimed.kind == "DIGEST"
    event_id = "" if digest else news[0].event_id
    link = _link(links.unsubscribe, user.mail_token or "")
    if event_id:
        link += f"?eventId={event_id}"
    today = now.astimezone(ZoneInfo(user.reader.time_zone)).date()
    return Outgoing(
        delivery_id=claimed.id,
        kind=claimed.kind,
        recipient=user.email,
        date=now,
        letter=DigestLetter(user.reader, news, today, link)
        if digest
        else ChangesLetter(user.reader, news[0], link),
        event_id=event_id,
        unsubscribe_url=link,
    )


def _account_letter(
    connection: Connection, claimed: Claimed, user: _User, links: Links, now: dt.datetime
) -> Letter:
    if claimed.kind == "PASSWORD_CHANGED":
        return PasswordChangedLetter(user.reader, claimed.create_time)
    token, expire_time = _link_token(connection, claimed, user.id, now)
    if claimed.kind == "VERIFY_EMAIL":
        return VerifyLetter(user.reader, _link(links.verify, token), expire_time)
    return ResetLetter(user.reader, _link(links.reset, token), expire_time)


def _link_token(
    connection: Connection, claimed: Claimed, user_id: str, now: dt.datetime
) -> tuple[str, dt.datetime]:
    """The secret of the link: the same at each try, while it is good, since the first may have arrived."""
    if claimed.token:
        expire_time = connection.execute(
            select(account_tokens.c.expire_time).where(
                account_tokens.c.token_hash == hash_token(claimed.token),
                account_tokens.c.expire_time > now,
            )
        ).scalar()
        if expire_time:
            return claimed.token, expire_time
    made = new_account_token(connection, user_id, claimed.kind, now)
    connection.execute(
        update(deliveries).where(deliveries.c.id == claimed.id).values(token=made[0])
    )
    return made


def _invitation(
    connection: Connection, claimed: Claimed, links: Links, now: dt.datetime
) -> Outgoing:
    row: Sequence[Any] | None = connection.execute(
        _INVITATION, {"invitation_id": claimed.slot, "now": now}
    ).one_or_none()
    if row is None:
        raise Skip("the invitation is used, revoked or expired")
    email, token, role, expire_time, inviter_name, locale, time_zone, event_name = row
    return Outgoing(
        delivery_id=claimed.id,
        kind=claimed.kind,
        recipient=email,
        date=claimed.create_time,
        letter=InvitationLetter(
            locale=locale,
            inviter_name=inviter_name,
            event_name=event_name,
            role=Role[role],
            expire_time=expire_time,
            link=_link(links.invitation, token),
            time_zone=time_zone,
        ),
    )


def _link(template: str, token: str) -> str:
    return template.replace("{token}", token)


def _give_mail_tokens(connection: Connection, people: dict[str, _User]) -> None:
    """The secrets in the links that end mails; a user's first mail makes it."""
    without = sorted(user.id for user in people.values() if not user.mail_token)
    if not without:
        return
    connection.execute(_GIVE_TOKEN, [{"user": user_id, "made": new_token()} for user_id in without])
    for user_id, token in connection.execute(_TOKENS, {"ids": without}):
        people[user_id] = replace(people[user_id], mail_token=token)
