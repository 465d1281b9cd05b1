"""Change of the address of an account: request, confirm by the new address, undo by the former one.

A change is pending as a CHANGE_EMAIL link. It can be undone as long as there is an UNDO_EMAIL link, which
also keeps the former address for the account.
"""

import datetime as dt
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, or_, select
from sqlalchemy.exc import IntegrityError

from howmuch.errors import FailedPrecondition, invalid
from howmuch.model import Caller, User
from howmuch.storage.tables import account_tokens, sessions, users
from howmuch.usecases.access import hold_session
from howmuch.usecases.account_tokens import (
    TTLS,
    end_links,
    prepare_link,
    token_invalid,
    valid,
)
from howmuch.usecases.accounts import (
    check_free,
    email_taken,
    get_user,
    request_mail,
    write_user,
)

MOST_CHANGES = 10
"""Changes of the address of one account that can be undone at a time."""


class _Link(NamedTuple):
    user_id: str
    email: str
    expire_time: dt.datetime


def request_email_change(
    connection: Connection, caller: Caller, now: dt.datetime, email: str
) -> None:
    """Asks for a mail to the new address with a link that confirms the change. A newer request replaces it.

    Whether the address has an account is not looked up here, so that answer and time tell nothing.
    """
    user = get_user(connection, caller.user_id, lock=True)
    # The caller may have logged out or deleted the account while this waited for it.
    hold_session(connection, caller, now)
    if email == user.email:
        raise invalid("email", "EMAIL_UNCHANGED", f"The account has the address {email!r} already.")
    undoable = select(func.count()).where(
        account_tokens.c.user_id == user.id,
        account_tokens.c.purpose == "UNDO_EMAIL",
        account_tokens.c.expire_time > now,
    )
    if connection.execute(undoable).scalar_one() >= MOST_CHANGES:
        raise FailedPrecondition(
            "TOO_MANY_EMAIL_CHANGES",
            f"The address has changed {MOST_CHANGES} times within {TTLS['UNDO_EMAIL'].days} days. Try again"
            " in some days.",
        )
    prepare_link(connection, user.id, "CHANGE_EMAIL", email, now)
    request_mail(connection, "account.email.change", now, user_id=user.id, email=email)


def confirm_email_change(connection: Connection, now: dt.datetime, token: str) -> User:
    """Changes the address. A verified former address gets a link that undoes it, and is kept meanwhile.

    An address that was never verified may belong to a stranger, who must not get such a link.
    """
    link, user = _lock_user_of(connection, token, "CHANGE_EMAIL", now)
    _set_email(connection, user, link.email, now)
    end_links(connection, user.id, "CHANGE_EMAIL", "VERIFY_EMAIL", "RESET_PASSWORD")
    if user.email_verified:
        prepare_link(connection, user.id, "UNDO_EMAIL", user.email, now)
        request_mail(connection, "account.email.changed", now, user_id=user.id, email=user.email)
    return get_user(connection, user.id)


def undo_email_change(
    connection: Connection, now: dt.datetime, token: str, unusable_hash: str
) -> User:
    """Returns the former address, and ends all sessions and links of the account.

    Links that undo earlier changes stay: their address was the account's before. unusable_hash: of a random
    password. It replaces a password that was set after the change, most likely by a stranger.
    """
    link, user = _lock_user_of(connection, token, "UNDO_EMAIL", now)
    _set_email(connection, user, link.email, now)
    connection.execute(delete(sessions).where(sessions.c.user_id == user.id))
    connection.execute(
        delete(account_tokens).where(
            account_tokens.c.user_id == user.id,
            or_(
                account_tokens.c.purpose != "UNDO_EMAIL",
                account_tokens.c.expire_time >= link.expire_time,
            ),
        )
    )
    changed = link.expire_time - TTLS["UNDO_EMAIL"]
    set_since = select(users.c.id).where(users.c.id == user.id, users.c.password_time > changed)
    if connection.execute(set_since).first():
        write_user(connection, user.id, password_hash=unusable_hash, password_time=now)
    request_mail(connection, "account.email.undone", now, user_id=user.id)
    if user.email != link.email:
        request_mail(connection, "account.email.undone", now, user_id=user.id, email=user.email)
    return get_user(connection, user.id)


def _lock_user_of(
    connection: Connection, token: str, purpose: str, now: dt.datetime
) -> tuple[_Link, User]:
    """The link, and its account, locked. FailedPrecondition if the link is not valid.

    The account is locked first, as by all calls that end its links.
    """
    wanted = select(
        account_tokens.c.user_id, account_tokens.c.email, account_tokens.c.expire_time
    ).where(*valid(token, purpose, now))
    found = connection.execute(wanted).one_or_none()
    if found is None:
        raise token_invalid()
    user = get_user(connection, found.user_id, lock=True)
    if connection.execute(wanted).first() is None:
        raise token_invalid()
    return _Link(*found), user


def _set_email(connection: Connection, user: User, email: str, now: dt.datetime) -> None:
    """Writes a verified address. AlreadyExists if another account has it, or it is kept for one."""
    check_free(connection, email, user.id, now)
    try:
        write_user(
            connection,
            user.id,
            email=email,
            email_verify_time=now,
            version=user.version + 1,
            update_time=now,
        )
    except IntegrityError as error:
        # Another call took the address at the same moment.
        raise email_taken(email) from error
