"""Which invitations can be used, and why another one cannot."""

import datetime as dt
from enum import StrEnum, auto
from typing import NamedTuple

from sqlalchemy import Connection, case, null, select

from howmuch.errors import NotFound
from howmuch.model import Invitation
from howmuch.storage.tables import events, invitations, users
from howmuch.usecases.invitation_rows import INVITER_MAY_GIVE, invitation_of


class Unusable(StrEnum):
    """Why an invitation cannot be used. ENDED: its event or the right to invite is gone.

    ARCHIVED: no user can join the event until an owner reopens it.
    """

    UNKNOWN = auto()
    USED = auto()
    EXPIRED = auto()
    REVOKED = auto()
    ENDED = auto()
    ARCHIVED = auto()


class Refusal(NamedTuple):
    """Why an invitation cannot be used, and who can make a new one.

    inviter_name: empty means unknown, or not told because the link may be in the wrong hands.
    """

    why: Unusable
    inviter_name: str = ""


def read_usable(connection: Connection, now: dt.datetime, token: str) -> Invitation:
    """The invitation with this token; NotFound if it cannot be used."""
    found = find_usable(connection, now, token)
    if isinstance(found, Refusal):
        raise _not_found(found)
    return found


def find_usable(connection: Connection, now: dt.datetime, token: str) -> Invitation | Refusal:
    """The invitation with this token, or why it cannot be used. It may be of an archived event."""
    found = connection.execute(
        select(
            invitations,
            events.c.delete_time.label("event_delete_time"),
            INVITER_MAY_GIVE.label("inviter_may_give"),
            case((users.c.delete_time.is_(null()), users.c.name), else_="").label("inviter_name"),
        )
        .join_from(invitations, events, events.c.id == invitations.c.event_id)
        .join(users, users.c.id == invitations.c.inviter_user_id)
        .where(invitations.c.token == token)
    )
    row = found.mappings().one_or_none()
    if row is None:
        return Refusal(Unusable.UNKNOWN)
    invitation = invitation_of(row)
    if invitation.revoke_time is not None:
        return Refusal(Unusable.REVOKED)
    if invitation.use_count >= invitation.max_uses:
        return Refusal(Unusable.USED, row["inviter_name"])
    if invitation.expire_time <= now:
        return Refusal(Unusable.EXPIRED, row["inviter_name"])
    if row["event_delete_time"] is not None or not row["inviter_may_give"]:
        return Refusal(Unusable.ENDED)
    return invitation


def _not_found(refusal: Refusal) -> NotFound:
    """The error of an invitation that cannot be used. The token is a secret: it is not repeated."""
    told = {"why": refusal.why.value}
    if refusal.inviter_name:
        told["inviter_name"] = refusal.inviter_name
    inviter = refusal.inviter_name or "the person who invited you"
    match refusal.why:
        case Unusable.USED:
            return NotFound(
                "invitation",
                "",
                "This invitation has been used. If you have joined by it, you are in the event already."
                f" If not, ask {inviter} for a new one.",
                metadata=told,
            )
        case Unusable.EXPIRED:
            return NotFound(
                "invitation",
                "",
                f"This invitation has expired. Ask {inviter} for a new one.",
                metadata=told,
            )
        case Unusable.REVOKED:
            return NotFound(
                "invitation",
                "",
                "This invitation was revoked. Ask the person who invited you whether they will send a new"
                " one.",
                metadata=told,
            )
        case Unusable.ENDED:
            return NotFound(
                "invitation",
                "",
                "This invitation no longer works: the event was deleted, or the person who invited you may"
                " not invite to it any more. Ask them, or another member.",
                metadata=told,
            )
        case _:
            return NotFound(
                "invitation",
                "",
                "There is no invitation with this token. Copy the whole link again, or ask the person who"
                " invited you for a new one.",
                metadata=told,
            )
