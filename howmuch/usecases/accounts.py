"""Accounts: sign up, change, verify, reset. Their deletion is in account_deletion.

Passwords are hashed outside any transaction (see passwords), so these functions take hashes.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, insert, null, select, update
from sqlalchemy.exc import IntegrityError

from howmuch.errors import AlreadyExists, FailedPrecondition, Violations
from howmuch.ids import DELIVERY, USER, new_id
from howmuch.ledger.currencies import minor_digits
from howmuch.model import User
from howmuch.storage.clock import from_now
from howmuch.storage.lock_waits import waiting_for
from howmuch.storage.rows import record_of, row_of
from howmuch.storage.tables import account_tokens, sessions, users
from howmuch.usecases import validation
from howmuch.usecases.access import session_ended
from howmuch.usecases.account_tokens import (
    end_links,
    is_reserved,
    token_invalid,
    use_account_token,
    valid,
)
from howmuch.usecases.event_writes import check_etag, send
from howmuch.usecases.member_rows import check_user_name
from howmuch.usecases.names import check_name

MAIL_MODES = ("EACH_CHANGE", "DAILY_DIGEST", "OFF")

_NOT_READ = ("password_hash", "password_time", "mail_token", "delete_time", "deletion_due_time")
_PENDING_EMAIL = (
    select(account_tokens.c.email)
    .where(
        account_tokens.c.user_id == bindparam("user_id"),
        account_tokens.c.purpose == "CHANGE_EMAIL",
        account_tokens.c.expire_time > from_now("none"),
    )
    .scalar_subquery()
)
_BY_ID = select(
    *(column for column in users.columns if column.name not in _NOT_READ),
    func.coalesce(_PENDING_EMAIL, "").label("pending_email"),
).where(users.c.id == bindparam("user_id"), users.c.delete_time.is_(null()))
_LOCKED_BY_ID = _BY_ID.with_for_update(key_share=True)


class PasswordOwner(NamedTuple):
    """An account, and the hash that its password must match."""

    user_id: str
    email: str
    name: str
    password_hash: str


_OWNER = select(users.c.id, users.c.email, users.c.name, users.c.password_hash)


def get_user(connection: Connection, user_id: str, *, lock: bool = False) -> User:
    """An account; Unauthenticated if it has been deleted. lock: no other call may change it meanwhile."""
    wanted = {"user_id": user_id, "none": 0.0}
    if lock:
        with waiting_for(connection, user_id):
            row = connection.execute(_LOCKED_BY_ID, wanted).mappings().one_or_none()
    else:
        row = connection.execute(_BY_ID, wanted).mappings().one_or_none()
    if row is None:
        raise session_ended()
    return record_of(User, row, email_verified=row["email_verify_time"] is not None)


@dataclass(frozen=True, slots=True)
class Profile:
    """The profile that a user gives. Empty locale, time_zone and currency_code mean the defaults."""

    name: str
    locale: str
    time_zone: str
    currency_code: str

    def checked(self) -> "Profile":
        """The profile with its defaults filled in; InvalidArgument if a field is wrong."""
        profile = Profile(
            name=self.name,
            locale=self.locale or "en",
            time_zone=self.time_zone or "UTC",
            currency_code=self.currency_code or "EUR",
        )
        given = {name: getattr(profile, name) for name in self.__slots__}
        return Profile(**check_content(given, ""))


def check_content(given: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Fields of an account, checked; errors name them below `prefix`."""
    wrong, checked = Violations(), dict(given)
    if "name" in given:
        with wrong:
            checked["name"] = check_name(given["name"], f"{prefix}name")
    for name, check in _CHECKS.items():
        if name in given:
            with wrong:
                check(given[name], f"{prefix}{name}")
    wrong.raise_any()
    return checked


_CHECKS: Mapping[str, Callable[[str, str], object]] = {
    "locale": validation.check_locale,
    "time_zone": validation.check_time_zone,
    "currency_code": minor_digits,
}


def sign_up(
    connection: Connection, now: dt.datetime, *, email: str, password_hash: str, profile: Profile
) -> User:
    """Makes an account for an address that has none, and sends a message to verify it.

    email and profile: checked already, so that no wrong request costs a password hash.
    """
    check_free(connection, email, "", now)
    user = User(
        id=new_id(USER),
        email=email,
        email_verified=False,
        name=profile.name,
        locale=profile.locale,
        time_zone=profile.time_zone,
        currency_code=profile.currency_code,
        mail_mode="EACH_CHANGE",
        version=1,
        create_time=now,
        update_time=now,
    )
    try:
        row = row_of(user, password_hash=password_hash)
        del row["email_verified"], row["pending_email"]
        connection.execute(insert(users), row)
    except IntegrityError as error:
        # Another call signed up with this address at the same moment.
        raise email_taken(email) from error
    request_mail(connection, "account.verify", now, user_id=user.id)
    return user


def email_taken(email: str) -> AlreadyExists:
    """The same error for an address of an account and for one that is kept for the account that had it."""
    return AlreadyExists(
        "EMAIL_TAKEN",
        f"There is an account with the address {email!r} already. Log in, or reset its password.",
    )


def check_free(connection: Connection, email: str, user_id: str, now: dt.datetime) -> None:
    """AlreadyExists if an account other than this one has the address, or if it is kept for one.

    In this order: an account that gives the address up keeps it by the same commit.
    """
    others = select(users.c.id).where(users.c.email == email, users.c.id != user_id)
    if connection.execute(others).first() or is_reserved(connection, email, user_id, now):
        raise email_taken(email)


def update_me(
    connection: Connection,
    user_id: str,
    now: dt.datetime,
    given: Mapping[str, Any],
    etag: str,
) -> User:
    """Changes fields of the account: name, locale, time_zone, currency_code, mail_mode."""
    checked = check_content(given, "user.")
    before = get_user(connection, user_id, lock=True)
    check_etag(etag, before.version, "account")
    if all(getattr(before, name) == value for name, value in checked.items()):
        return before
    if checked.get("name", before.name) != before.name:
        check_user_name(connection, user_id, checked["name"], "user.name")
    after = replace(before, **checked, version=before.version + 1, update_time=now)
    write_user(connection, user_id, version=after.version, update_time=now, **checked)
    return after


def write_user(connection: Connection, user_id: str, **values: Any) -> None:
    """Writes columns of an account."""
    connection.execute(update(users).where(users.c.id == user_id).values(**values))


def read_password_owner(connection: Connection, user_id: str) -> PasswordOwner:
    """The owner of a session that was found in the same transaction."""
    return PasswordOwner(*connection.execute(_OWNER.where(users.c.id == user_id)).one())


def read_owner_of_reset(connection: Connection, token: str, now: dt.datetime) -> PasswordOwner:
    """The owner of a link that resets a password. The link stays valid. FailedPrecondition if it is not."""
    found = connection.execute(
        _OWNER.join_from(users, account_tokens, account_tokens.c.user_id == users.c.id).where(
            *valid(token, "RESET_PASSWORD", now)
        )
    ).one_or_none()
    if found is None:
        raise token_invalid()
    return PasswordOwner(*found)


def change_password(
    connection: Connection, user_id: str, session_id: str, now: dt.datetime, password_hash: str
) -> None:
    """Replaces the password, ends other sessions, and sends a message about it.

    Links that reset the password or change the address, mailed before, stop working.
    """
    write_user(connection, user_id, password_hash=password_hash, password_time=now, update_time=now)
    end_links(connection, user_id, "RESET_PASSWORD", "CHANGE_EMAIL")
    connection.execute(
        delete(sessions).where(sessions.c.user_id == user_id, sessions.c.id != session_id)
    )
    request_mail(connection, "account.password.changed", now, user_id=user_id)


def verify_email(connection: Connection, now: dt.datetime, token: str) -> User:
    """Marks the address as verified."""
    user_id = use_account_token(connection, token, "VERIFY_EMAIL", now)
    write_user(connection, user_id, email_verify_time=now, update_time=now)
    return get_user(connection, user_id)


def request_email_verification(connection: Connection, now: dt.datetime, user_id: str) -> None:
    """Asks for a mail with a link that verifies the address."""
    user = get_user(connection, user_id)
    if user.email_verified:
        raise FailedPrecondition(
            "EMAIL_VERIFIED", f"The address {user.email!r} is verified already."
        )
    request_mail(connection, "account.verify", now, user_id=user_id)


def request_password_reset(connection: Connection, now: dt.datetime, email: str) -> None:
    """Asks for a mail with a link that sets a new password. Whether the address has an account is not
    looked up here, so the time it takes gives nothing away.
    """
    request_mail(connection, "account.reset", now, email=email)


def request_mail(connection: Connection, routing_key: str, now: dt.datetime, **whose: str) -> None:
    """Asks for a mail about an account, by its `user_id` or `email`; with both, to this address."""
    send(connection, routing_key, {**whose, "delivery_id": new_id(DELIVERY)}, now)


def reset_password(connection: Connection, now: dt.datetime, token: str, password_hash: str) -> str:
    """Sets a new password and ends every session of the account, whose id it returns."""
    user_id = use_account_token(connection, token, "RESET_PASSWORD", now)
    change_password(connection, user_id, "", now, password_hash)
    return user_id
