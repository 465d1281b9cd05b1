"""Tokens of mailed links: verify an address, reset a password, change the address or undo that."""

import datetime as dt
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from howmuch.errors import FailedPrecondition
from howmuch.storage.tables import account_tokens, users
from howmuch.usecases.tokens import hash_token, new_token

TTLS = {
    "VERIFY_EMAIL": dt.timedelta(days=7),
    "RESET_PASSWORD": dt.timedelta(hours=1),
    "CHANGE_EMAIL": dt.timedelta(hours=24),
    "UNDO_EMAIL": dt.timedelta(days=7),
}


class AccountToken(NamedTuple):
    """A token for a mailed link."""

    token: str
    expire_time: dt.datetime


def new_account_token(
    connection: Connection, user_id: str, purpose: str, now: dt.datetime
) -> AccountToken:
    """Makes a token for a mailed link. It replaces those of the same purpose.

    purpose: VERIFY_EMAIL or RESET_PASSWORD. Made together with the mail, so that nothing else holds it.
    """
    end_links(connection, user_id, purpose)
    return _add(connection, user_id, purpose, now)


def prepare_link(
    connection: Connection, user_id: str, purpose: str, email: str, now: dt.datetime
) -> None:
    """Notes a link about an address, whose token is made together with its mail. It is valid from now on.

    purpose: CHANGE_EMAIL, of which a user has one at a time, or UNDO_EMAIL.
    """
    if purpose == "CHANGE_EMAIL":
        end_links(connection, user_id, purpose)
    # This first token is thrown away.
    _add(connection, user_id, purpose, now, email)


def _add(
    connection: Connection, user_id: str, purpose: str, now: dt.datetime, email: str | None = None
) -> AccountToken:
    token, expire_time = new_token(), now + TTLS[purpose]
    connection.execute(
        insert(account_tokens),
        {
            "token_hash": hash_token(token),
            "user_id": user_id,
            "purpose": purpose,
            "expire_time": expire_time,
            "email": email,
        },
    )
    return AccountToken(token, expire_time)


def token_of_link(
    connection: Connection, user_id: str, purpose: str, email: str, now: dt.datetime
) -> AccountToken | None:
    """Makes the token of the newest link of `prepare_link`. None means that there is no valid link."""
    newest = (
        select(account_tokens.c.token_hash)
        .where(
            account_tokens.c.user_id == user_id,
            account_tokens.c.purpose == purpose,
            account_tokens.c.email == email,
            account_tokens.c.expire_time > now,
        )
        .order_by(account_tokens.c.expire_time.desc())
        .limit(1)
    )
    token = new_token()
    expire_time = connection.execute(
        update(account_tokens)
        .where(account_tokens.c.token_hash == newest.scalar_subquery())
        .values(token_hash=hash_token(token))
        .returning(account_tokens.c.expire_time)
    ).scalar()
    return None if expire_time is None else AccountToken(token, expire_time)


def end_links(connection: Connection, user_id: str, *purposes: str) -> None:
    """Ends the links of an account that have one of these purposes."""
    connection.execute(
        delete(account_tokens).where(
            account_tokens.c.user_id == user_id, account_tokens.c.purpose.in_(purposes)
        )
    )


def is_reserved(connection: Connection, email: str, user_id: str, now: dt.datetime) -> bool:
    """Whether the address is kept for another account, which had it and may return to it."""
    kept = select(account_tokens.c.user_id).where(
        account_tokens.c.email == email,
        account_tokens.c.purpose == "UNDO_EMAIL",
        account_tokens.c.user_id != user_id,
        account_tokens.c.expire_time > now,
    )
    return connection.execute(kept.limit(1)).first() is not None


def valid(token: str, purpose: str, now: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        account_tokens.c.token_hash == hash_token(token),
        account_tokens.c.purpose == purpose,
        account_tokens.c.expire_time > now,
    )


def use_account_token(connection: Connection, token: str, purpose: str, now: dt.datetime) -> str:
    """Uses the token up, and returns the id of its user."""
    user_id = connection.execute(
        delete(account_tokens)
        .where(*valid(token, purpose, now))
        .returning(account_tokens.c.user_id)
    ).scalar()
    if user_id is None:
        raise token_invalid()
    return str(user_id)


def token_invalid() -> FailedPrecondition:
    return FailedPrecondition(
        "TOKEN_INVALID", "The link is unknown, used or expired. Ask for a new one."
    )


def read_token_locale(connection: Connection, token: str, purpose: str, now: dt.datetime) -> str:
    """The locale of the user of a mailed token, which stays valid.

    FailedPrecondition if the token is not valid, or has another purpose.
    """
    locale = connection.execute(
        select(users.c.locale)
        .join_from(account_tokens, users, users.c.id == account_tokens.c.user_id)
        .where(*valid(token, purpose, now))
    ).scalar()
    if locale is None:
        raise token_invalid()
    return str(locale)
