"""Writes letters from the database, or skips mails that are no longer wanted."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, null, select, update

from howmuch.ids import milliseconds_of
from howmuch.mail.delivery.news import News, read_news
from howmuch.mail.letters import (
    ChangesLetter,
    DeletionRequestedLetter,
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
from howmuch.storage.tables import account_tokens, deliveries, events, invitations, users
from howmuch.telemetry.origin import Origin
from howmuch.usecases.account_tokens import new_account_token
from howmuch.usecases.invited_addresses import refusal_token, wants_no_invitations
from howmuch.usecases.tokens import hash_token, new_token

_NEWS = ("CHANGES", "DIGEST")


class Skip(Exception):
    """A mail is no longer wanted; the text says why."""


@dataclass(frozen=True, slots=True)
class Links:
    """The URLs of links in mails, with `{token}` in them; in explain, `{event_id}` and `{member_id}`.

    join_command: the command to join, with `{token}`. Empty means no command.
    """

    invitation: str
    verify: str
    reset: str
    unsubscribe: str
    join_command: str = ""
    explain: str = ""


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
    """A letter with its envelope. event_id: of its thread. origins: of the changes in it.

    Empty means no thread, no unsubscribe URL, or that the message of the mail names the origin.
    """

    claimed: Claimed
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
    verified: bool
    password_time: dt.datetime | None
    deletion_due_time: dt.datetime | None


class _LinkToken(NamedTuple):
    token: str
    expire_time: dt.datetime


_USERS = select(
    users.c.id,
    users.c.email,
    users.c.name,
    users.c.locale,
    users.c.time_zone,
    users.c.mail_mode,
    users.c.mail_token,
    users.c.email_verify_time.is_not(null()),
    users.c.password_time,
    users.c.deletion_due_time,
).where(users.c.id.in_(bindparam("ids", expanding=True)), users.c.email.is_not(null()))
_GIVE_TOKEN = (
    update(users)
    # If two workers write to a user for the first time at once, the first token stays.
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
        users.c.name.label("inviter_name"),
        users.c.email_verify_time,
        users.c.locale,
        users.c.time_zone,
        events.c.name.label("event_name"),
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
    """Writes the letters from the present data, in a number of statements that does not grow."""
    user_ids = sorted({each.user_id for each in claimed if each.user_id})
    people = {
        row[0]: _User(row[0], row[1], Reader(*row[2:5]), *row[5:])
        for row in connection.execute(_USERS, {"ids": user_ids})
    }
    _give_mail_tokens(connection, people)
    of_news = {each.id: each.user_id or "" for each in claimed if each.kind in _NEWS}
    news = read_news(connection, of_news)
    letters: list[Outgoing | Skip] = []
    for each in claimed:
        try:
            if each.kind == "INVITATION":
                letters.append(_invitation(connection, each, links, now))
                continue
            user = people.get(each.user_id or "")
            if user is None:
                raise Skip("the account is gone")
            if each.kind in _NEWS:
                letters.append(_of_news(each, user, news[each.id], links, now))
                continue
            letter = _account_letter(connection, each, user, links, now)
            letters.append(Outgoing(each, user.email, each.create_time, letter))
        except Skip as reason:
            letters.append(reason)
    return letters


def _of_news(claimed: Claimed, user: _User, news: News, links: Links, now: dt.datetime) -> Outgoing:
    if not user.verified:
        raise Skip("the address is not verified")
    if user.mail_mode == "OFF":
        raise Skip("the recipient wants no mails")
    if not news.events:
        raise Skip(
            "the recipient has muted the event, left it, or wants no mail about these expenses"
        )
    link = _link(links.unsubscribe, user.mail_token or "")
    listed = [replace(each, explain_link=_explain_link(links, each)) for each in news.events]
    letter: Letter
    if claimed.kind == "DIGEST":
        event_id = ""
        today = now.astimezone(ZoneInfo(user.reader.time_zone)).date()
        letter = DigestLetter(user.reader, listed, today, link)
    else:
        event_id = listed[0].event_id
        link += f"?eventId={event_id}"
        letter = ChangesLetter(user.reader, listed[0], link)
    return Outgoing(claimed, user.email, now, letter, event_id, link, news.origins)


def _account_letter(
    connection: Connection, claimed: Claimed, user: _User, links: Links, now: dt.datetime
) -> Letter:
    reader = user.reader
    if not user.verified:
        # The name may be a text for a stranger, who owns the address.
        reader = replace(reader, name="")
    if claimed.kind == "PASSWORD_CHANGED":
        return PasswordChangedLetter(reader, claimed.create_time)
    if claimed.kind == "DELETION_REQUESTED":
        if user.deletion_due_time is None:
            raise Skip("the deletion was taken back")
        return DeletionRequestedLetter(reader, claimed.create_time, user.deletion_due_time)
    if claimed.kind == "RESET_PASSWORD" and _is_older(claimed.id, user.password_time):
        raise Skip("the password was changed after this link was asked for")
    token, expire_time = _link_token(connection, claimed, user.id, now)
    if claimed.kind == "VERIFY_EMAIL":
        return VerifyLetter(reader, _link(links.verify, token), expire_time)
    return ResetLetter(reader, _link(links.reset, token), expire_time)


def _is_older(mail: str, time: dt.datetime | None) -> bool:
    """Whether a mail was asked for before a time."""
    return time is not None and milliseconds_of(mail) < time.timestamp() * 1000


def _link_token(
    connection: Connection, claimed: Claimed, user_id: str, now: dt.datetime
) -> _LinkToken:
    """Each try sends the same token while it is valid, since the mail of the first try may have arrived."""
    if claimed.token:
        expire_time = connection.execute(
            select(account_tokens.c.expire_time).where(
                account_tokens.c.token_hash == hash_token(claimed.token),
                account_tokens.c.expire_time > now,
            )
        ).scalar()
        if expire_time:
            return _LinkToken(claimed.token, expire_time)
    made = _LinkToken(*new_account_token(connection, user_id, claimed.kind, now))
    connection.execute(
        update(deliveries).where(deliveries.c.id == claimed.id).values(token=made.token)
    )
    return made


def _invitation(
    connection: Connection, claimed: Claimed, links: Links, now: dt.datetime
) -> Outgoing:
    row = connection.execute(_INVITATION, {"invitation_id": claimed.slot, "now": now}).one_or_none()
    if row is None:
        raise Skip("the invitation is used, revoked or expired")
    if row.email_verify_time is None:
        raise Skip("the address of the inviter is not verified")
    if wants_no_invitations(connection, row.email):
        raise Skip("the recipient wants no invitations")
    token = refusal_token(connection, row.email, row.locale, now)
    refuse_link = _link(links.unsubscribe, token)
    letter = InvitationLetter(
        reader=Reader("", row.locale, row.time_zone),
        inviter_name=row.inviter_name,
        event_name=row.event_name,
        role=Role[row.role],
        expire_time=row.expire_time,
        link=_link(links.invitation, row.token),
        refuse_link=refuse_link,
        command=_link(links.join_command, row.token),
    )
    return Outgoing(claimed, row.email, claimed.create_time, letter, unsubscribe_url=refuse_link)


def _explain_link(links: Links, news: EventNews) -> str:
    """Empty for a reader who is settled up."""
    if not news.balances:
        return ""
    template = links.explain.replace("{event_id}", news.event_id)
    return template.replace("{member_id}", news.reader_member_id)


def _link(template: str, token: str) -> str:
    return template.replace("{token}", token)


def _give_mail_tokens(connection: Connection, people: dict[str, _User]) -> None:
    """Makes the token of the unsubscribe links for each user who has none yet."""
    without = sorted(user.id for user in people.values() if not user.mail_token)
    if not without:
        return
    connection.execute(_GIVE_TOKEN, [{"user": user_id, "made": new_token()} for user_id in without])
    for user_id, token in connection.execute(_TOKENS, {"ids": without}):
        people[user_id] = replace(people[user_id], mail_token=token)
