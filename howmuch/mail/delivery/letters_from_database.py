"""Writes letters from the database, or skips mails that are no longer wanted."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, null, select, update

from howmuch.mail.delivery.account_letters import Recipient, account_letter
from howmuch.mail.delivery.envelopes import Claimed, Links, Outgoing, Skip, link_to
from howmuch.mail.delivery.news import News, read_news
from howmuch.mail.letters import (
    ChangesLetter,
    DigestLetter,
    EventLinks,
    EventNews,
    InvitationLetter,
    Letter,
    Reader,
)
from howmuch.model import Role
from howmuch.storage.tables import events, invitations, users
from howmuch.usecases.invited_addresses import refusal_token, wants_no_invitations
from howmuch.usecases.tokens import new_token

_NEWS = ("CHANGES", "DIGEST")


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
        row[0]: Recipient(row[0], row[1], Reader(*row[2:5]), *row[5:])
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
            letter = account_letter(connection, each, user, links, now)
            letters.append(Outgoing(each, each.email or user.email, each.create_time, letter))
        except Skip as reason:
            letters.append(reason)
    return letters


def _of_news(
    claimed: Claimed, user: Recipient, news: News, links: Links, now: dt.datetime
) -> Outgoing:
    if not user.verified:
        raise Skip("the address is not verified")
    if user.mail_mode == "OFF":
        raise Skip("the recipient wants no mails")
    if not news.events:
        raise Skip(
            "the recipient has muted the event, left it, or wants no mail about these expenses"
        )
    link = link_to(links.unsubscribe, user.mail_token or "")
    listed = [replace(each, links=_event_links(links, each)) for each in news.events]
    letter: Letter
    if claimed.kind == "DIGEST":
        event_id = ""
        today = now.astimezone(ZoneInfo(user.reader.time_zone)).date()
        letter = DigestLetter(user.reader, listed, today, link, links.settings)
    else:
        event_id = listed[0].event_id
        link += f"?eventId={event_id}"
        letter = ChangesLetter(user.reader, listed[0], link)
    return Outgoing(claimed, user.email, now, letter, event_id, link, news.origins)


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
    refuse_link = link_to(links.unsubscribe, token)
    letter = InvitationLetter(
        reader=Reader("", row.locale, row.time_zone),
        inviter_name=row.inviter_name,
        event_name=row.event_name,
        role=Role[row.role],
        expire_time=row.expire_time,
        link=link_to(links.invitation, row.token),
        refuse_link=refuse_link,
        command=link_to(links.join_command, row.token),
    )
    return Outgoing(claimed, row.email, claimed.create_time, letter, unsubscribe_url=refuse_link)


def _event_links(links: Links, news: EventNews) -> EventLinks:
    """None to a deleted event; none that explains the balances of a reader who is settled up."""
    if news.is_deleted:
        return EventLinks()
    explain = links.explain.replace("{member_id}", news.reader_member_id) if news.balances else ""
    pages = (links.event, links.event_settings, links.expense, explain)
    return EventLinks(*(page.replace("{event_id}", news.event_id) for page in pages))


def _give_mail_tokens(connection: Connection, people: dict[str, Recipient]) -> None:
    """Makes the token of the unsubscribe links for each user who has none yet."""
    without = sorted(user.id for user in people.values() if not user.mail_token)
    if not without:
        return
    connection.execute(_GIVE_TOKEN, [{"user": user_id, "made": new_token()} for user_id in without])
    for user_id, token in connection.execute(_TOKENS, {"ids": without}):
        people[user_id] = replace(people[user_id], mail_token=token)
