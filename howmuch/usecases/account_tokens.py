"""Tokens of mailed links, which verify an address or reset a password."""

import datetime as dt
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from howmuch.errors import FailedPrecondition
from howmuch.storage.tables import account_tokens, users
from howmuch.usecases.tokens import hash_token, new_token

TTLS = {"VERIFY_EMAIL": dt.timedelta(days=7), "RESET_PASSWORD": dt.timedelta(hours=1)}


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
    connection.execute(
        delete(account_tokens).where(
            account_tokens.c.user_id == user_id, account_tokens.c.purpose == purpose
        )
    )
    token, expire_time = new_token(), now + TTLS[purpose]
    connection.execute(
        insert(account_tokens),
        {
            "token_hash": hash_token(token),
            "user_id": user_id,
            "purpose": purpose,
            "expire_time": expire_time,
        },
    )
    return AccountToken(token, expire_time)


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
