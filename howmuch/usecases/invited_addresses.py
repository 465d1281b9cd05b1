"""Addresses that invitations are mailed to, and those that refuse them: "never invite me again".

An address is stored as its SHA-256 alone. Addresses that reach one
mailbox count as one.
"""

import datetime as dt
import hashlib

from sqlalchemy import Connection, bindparam, null, select, update

from howmuch.storage.on_conflict import insert_of
from howmuch.storage.tables import invited_addresses
from howmuch.usecases.tokens import new_token

KEPT = dt.timedelta(days=365)
"""How long the link in an invitation works. An address that refuses invitations is never forgotten."""

_DOTS_DO_NOT_MATTER = ("gmail.com", "googlemail.com")

_REFUSED = select(invited_addresses.c.address_hash).where(
    invited_addresses.c.address_hash == bindparam("of_address"),
    invited_addresses.c.refuse_time.is_not(null()),
)
_OF_TOKEN = select(invited_addresses.c.locale).where(
    invited_addresses.c.token == bindparam("given")
)
_REFUSE = (
    update(invited_addresses)
    .where(
        invited_addresses.c.token == bindparam("given"), invited_addresses.c.refuse_time.is_(null())
    )
    .values(refuse_time=bindparam("now"))
)


def mailbox_of(address: str) -> str:
    """The mailbox that an address most likely reaches: `a+b@example.com` reaches `a@example.com`."""
    local, _, domain = address.rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTS_DO_NOT_MATTER:
        local, domain = local.replace(".", ""), _DOTS_DO_NOT_MATTER[0]
    return f"{local}@{domain}"


def hash_address(address: str) -> bytes:
    """32 bytes that stand for the mailbox of an address."""
    return hashlib.sha256(mailbox_of(address).encode()).digest()


def wants_no_invitations(connection: Connection, address: str) -> bool:
    """Whether the owner of the address has refused all further invitations."""
    found = connection.execute(_REFUSED, {"of_address": hash_address(address)})
    return found.first() is not None


def refusal_token(connection: Connection, address: str, locale: str, now: dt.datetime) -> str:
    """The token of the link in an invitation that ends all of them. One address keeps its token."""
    statement = (
        insert_of(connection, invited_addresses)
        .on_conflict_do_update(
            index_elements=[invited_addresses.c.address_hash],
            set_={"mail_time": now, "locale": locale},
        )
        .returning(invited_addresses.c.token)
    )
    row = {
        "address_hash": hash_address(address),
        "token": new_token(),
        "locale": locale,
        "mail_time": now,
    }
    token: str = connection.execute(statement, row).scalar_one()
    return token


def locale_of_token(connection: Connection, token: str) -> str | None:
    """The locale of the invitation with this token. None means that there is no such token."""
    return connection.execute(_OF_TOKEN, {"given": token}).scalar()


def refuse_invitations(connection: Connection, token: str, now: dt.datetime) -> None:
    """No invitation is mailed to the address of this token any more. A second time changes nothing."""
    connection.execute(_REFUSE, {"given": token, "now": now})
