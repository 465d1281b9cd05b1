"""An invitation as the invited person sees it, who may have no account."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, null, select

from howmuch.model import Invitation, Member
from howmuch.storage.tables import events, invitations, members, users
from howmuch.usecases.invitation_rows import guests_of_owners, read_role
from howmuch.usecases.member_rows import find_members
from howmuch.usecases.usable_invitations import Refusal, Unusable, find_usable, read_usable

MOST_NAMES = 100
"""Names of members in a preview."""


@dataclass(frozen=True, slots=True)
class Preview:
    """guests: those that the invited person may take over. member_names: the first MOST_NAMES users.

    member_count: of all active members who have an account. archived: whether the event is.
    """

    invitation: Invitation
    event_name: str
    currency_code: str
    inviter_name: str
    guests: Sequence[Member]
    member_names: Sequence[str]
    member_count: int
    archived: bool


def get_invitation(connection: Connection, now: dt.datetime, token: str) -> Preview:
    """The preview of an invitation; NotFound if it cannot be used."""
    return _preview(connection, read_usable(connection, now, token))


def preview_or_refusal(connection: Connection, now: dt.datetime, token: str) -> Preview | Refusal:
    """The preview of an invitation by which users can join now, or why they cannot."""
    found = find_usable(connection, now, token)
    if isinstance(found, Refusal):
        return found
    preview = _preview(connection, found)
    return Refusal(Unusable.ARCHIVED, preview.inviter_name) if preview.archived else preview


def _preview(connection: Connection, invitation: Invitation) -> Preview:
    about = connection.execute(
        select(
            events.c.name.label("event_name"),
            events.c.currency_code,
            events.c.archive_time,
            users.c.name.label("inviter_name"),
        )
        .join_from(invitations, events, events.c.id == invitations.c.event_id)
        .join(users, users.c.id == invitations.c.inviter_user_id)
        .where(invitations.c.event_id == invitation.event_id, invitations.c.id == invitation.id)
    ).one()
    active = (members.c.event_id == invitation.event_id, members.c.state == "ACTIVE")
    with_account = (*active, members.c.user_id.is_not(null()))
    shown = find_members(connection, *with_account, limit=MOST_NAMES)
    count: int = connection.execute(select(func.count()).where(*with_account)).scalar_one()
    return Preview(
        invitation=invitation,
        event_name=about.event_name,
        currency_code=about.currency_code,
        inviter_name=about.inviter_name,
        guests=_claimable(connection, invitation),
        member_names=[member.name for member in shown],
        member_count=count,
        archived=about.archive_time is not None,
    )


def _claimable(connection: Connection, invitation: Invitation) -> Sequence[Member]:
    """The active guests that a user may take over by the invitation."""
    conditions = [
        members.c.event_id == invitation.event_id,
        members.c.user_id.is_(null()),
        members.c.state == "ACTIVE",
    ]
    if invitation.member_id:
        conditions.append(members.c.id == invitation.member_id)
    guests = find_members(connection, *conditions)
    inviter = read_role(connection, invitation.event_id, invitation.inviter_user_id)
    named = invitation.member_id is not None
    ids = [guest.id for guest in guests]
    refused = guests_of_owners(connection, invitation.event_id, ids, inviter, named=named)
    return [guest for guest in guests if guest.id not in refused]
