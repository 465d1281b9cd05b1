"""Letters about an account, with the tokens of their links."""

import datetime as dt
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select, update

from howmuch.ids import milliseconds_of
from howmuch.mail.delivery.envelopes import Claimed, Links, Skip, link_to
from howmuch.mail.letters import (
    DeletionRequestedLetter,
    EmailChangedLetter,
    EmailChangeLetter,
    EmailReturnedLetter,
    EmailTakenBackLetter,
    Letter,
    PasswordChangedLetter,
    Reader,
    ResetLetter,
    VerifyLetter,
)
from howmuch.storage.tables import account_tokens, deliveries
from howmuch.usecases.account_tokens import AccountToken, new_account_token, token_of_link
from howmuch.usecases.tokens import hash_token

_PURPOSES = {
    "VERIFY_EMAIL": "VERIFY_EMAIL",
    "RESET_PASSWORD": "RESET_PASSWORD",
    "EMAIL_CHANGE": "CHANGE_EMAIL",
    "EMAIL_CHANGED": "UNDO_EMAIL",
    "EMAIL_CHANGE_UNDONE": "RESET_PASSWORD",
}
"""Kind of mail to the purpose of its link."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A user who gets a mail."""

    id: str
    email: str
    reader: Reader
    mail_mode: str
    mail_token: str | None
    verified: bool
    password_time: dt.datetime | None
    deletion_due_time: dt.datetime | None


def account_letter(
    connection: Connection, claimed: Claimed, user: Recipient, links: Links, now: dt.datetime
) -> Letter:
    reader = user.reader
    if not user.verified or claimed.kind == "EMAIL_CHANGE":
        # The name may be a text for a stranger, who owns the address.
        reader = replace(reader, name="")
    if claimed.kind == "PASSWORD_CHANGED":
        return PasswordChangedLetter(reader, claimed.create_time)
    if claimed.kind == "DELETION_REQUESTED":
        if user.deletion_due_time is None:
            raise Skip("the deletion was taken back")
        return DeletionRequestedLetter(
            reader, claimed.create_time, user.deletion_due_time, links.log_in
        )
    if claimed.kind == "EMAIL_CHANGE_UNDONE" and claimed.email:
        return EmailTakenBackLetter(reader, claimed.create_time, links.log_in)
    return _letter_with_link(connection, claimed, user, reader, links, now)


def _letter_with_link(
    connection: Connection,
    claimed: Claimed,
    user: Recipient,
    reader: Reader,
    links: Links,
    now: dt.datetime,
) -> Letter:
    if claimed.kind == "RESET_PASSWORD" and _is_older(claimed.id, user.password_time):
        raise Skip("the password was changed after this link was asked for")
    token, expire_time = _token(connection, claimed, user.id, now)
    if claimed.kind == "VERIFY_EMAIL":
        return VerifyLetter(reader, link_to(links.verify, token), expire_time)
    if claimed.kind == "EMAIL_CHANGE":
        return EmailChangeLetter(reader, link_to(links.change_email, token), expire_time)
    time = claimed.create_time
    if claimed.kind == "EMAIL_CHANGED":
        return EmailChangedLetter(reader, time, link_to(links.undo_email, token), expire_time)
    reset = link_to(links.reset, token)
    if claimed.kind == "EMAIL_CHANGE_UNDONE":
        return EmailReturnedLetter(reader, time, reset, expire_time)
    return ResetLetter(reader, reset, expire_time)


def _is_older(mail: str, time: dt.datetime | None) -> bool:
    """Whether a mail was asked for before a time."""
    return time is not None and milliseconds_of(mail) < time.timestamp() * 1000


def _token(
    connection: Connection, claimed: Claimed, user_id: str, now: dt.datetime
) -> AccountToken:
    """Each try sends the same token while it is valid, since the mail of the first try may have arrived."""
    if claimed.token:
        expire_time = connection.execute(
            select(account_tokens.c.expire_time).where(
                account_tokens.c.token_hash == hash_token(claimed.token),
                account_tokens.c.expire_time > now,
            )
        ).scalar()
        if expire_time:
            return AccountToken(claimed.token, expire_time)
    purpose = _PURPOSES[claimed.kind]
    made: AccountToken | None
    if claimed.email:
        made = token_of_link(connection, user_id, purpose, claimed.email, now)
    else:
        made = new_account_token(connection, user_id, purpose, now)
    if made is None:
        raise Skip("the change of the address was replaced, ended or undone")
    connection.execute(
        update(deliveries).where(deliveries.c.id == claimed.id).values(token=made.token)
    )
    return made
