"""How many mails of a kind go out on a UTC day, counted in the database: exact over all workers.

Redis does not count here: the database has the mails already, and a lost count would be mails too many.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection

from howmuch.storage.on_conflict import insert_of
from howmuch.storage.tables import mail_counts
from howmuch.usecases.invited_addresses import mailbox_of

_EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class MailLimits:
    """Mails of a day. invitations_by_sender: for one user; by_recipient: to one mailbox, by all users;
    per_day: by all users. account_mails_by_recipient: links that verify or change an address, or reset a
    password.
    """

    invitations_by_sender: int = 50
    invitations_by_recipient: int = 5
    invitations_per_day: int = 5_000
    account_mails_by_recipient: int = 20


class _Count(NamedTuple):
    scope: str
    key: str
    most: int


def lock_invitations(connection: Connection, now: dt.datetime) -> None:
    """Makes transactions that count invitations wait for each other, so that none locks out another."""
    _execute(connection, _Count("invitations", _EVERYBODY, 0), now, step=0)


def count_invitation(
    connection: Connection, limits: MailLimits, *, sender: str, recipient: str, now: dt.datetime
) -> str:
    """Counts an invitation that is to be mailed. Returns the limit that forbids it; empty means none.

    sender: a user's id. recipient: an address. Call `lock_invitations` before.
    """
    for count in (
        _Count("invitations_by_sender", sender, limits.invitations_by_sender),
        _Count("invitations_by_recipient", mailbox_of(recipient), limits.invitations_by_recipient),
        _Count("invitations", _EVERYBODY, limits.invitations_per_day),
    ):
        if not _execute(connection, count, now):
            return f"{count.scope}: {count.most} a day"
    return ""


def count_account_mail(
    connection: Connection, limits: MailLimits, *, recipient: str, now: dt.datetime
) -> str:
    """As `count_invitation`, for a mail with a link that was asked for."""
    most = limits.account_mails_by_recipient
    count = _Count("account_mails_by_recipient", mailbox_of(recipient), most)
    return "" if _execute(connection, count, now) else f"{count.scope}: {most} a day"


def _execute(connection: Connection, count: _Count, now: dt.datetime, step: int = 1) -> bool:
    """Adds to a count, in one statement that also locks it. False means that it is reached already."""
    if count.most < step:
        return False
    raised = (
        insert_of(connection, mail_counts)
        .on_conflict_do_update(
            index_elements=[mail_counts.c.scope, mail_counts.c.key, mail_counts.c.day],
            set_={"count": mail_counts.c.count + step},
            where=None if step == 0 else mail_counts.c.count < count.most,
        )
        .returning(mail_counts.c.count)
    )
    row = {
        "scope": count.scope,
        "key": hashlib.sha256(count.key.encode()).digest(),
        "day": now.astimezone(dt.UTC).date(),
        "count": step,
    }
    return connection.execute(raised, row).first() is not None
