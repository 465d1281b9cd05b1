"""Calls about events, members and invitations. They raise grpc.RpcError."""

from collections.abc import Sequence
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message

from howmuch.client.client_errors import ClientError
from howmuch.client.names import matches, pick, same_case
from howmuch.client.session import Session, whole_list
from howmuch.usecases.folding import fold
from howmuch.v1 import event_pb2, event_service_pb2

Event = event_pb2.Event

SECONDS_A_DAY = 86_400


def list_events(
    session: Session, *, archived: bool = False, deleted: bool = False
) -> event_service_pb2.ListEventsResponse:
    """Return all events of the user, newest first."""
    request = event_service_pb2.ListEventsRequest(show_archived=archived, show_deleted=deleted)
    return whole_list(session, session.events.ListEvents, request, "events")


def find_event(session: Session, wanted: str | None) -> event_pb2.Event:
    """Find an event by id or name. None means the event in use, or the user's only one.

    Raises ClientError if none or several match.
    """
    identifier = wanted or session.profile.event_id
    if identifier.startswith("evt_"):
        return session.read(
            session.events.GetEvent, event_service_pb2.GetEventRequest(event_id=identifier)
        )
    if wanted:
        return pick(
            "event",
            wanted,
            list_events(session, archived=True, deleted=True).events,
            names=lambda event: event.name,
            ids=lambda event: event.id,
            see="howmuch event list --archived --deleted",
            # Commands that delete events take names, and names of events are often parts of others.
            parts=False,
        )
    events = list_events(session).events
    if not events:
        raise ClientError(
            "You are in no event yet: create one with `howmuch event create NAME`, or join one with"
            " `howmuch join LINK`."
        )
    if len(events) > 1:
        raise ClientError(
            f"You are in {len(events)} events: name one with --event, or choose one for all commands"
            " with `howmuch event use NAME`."
        )
    return events[0]


def create_event(
    session: Session,
    name: str,
    description: str,
    currency_code: str,
    time_zone: str = "",
    event_id: str = "",
) -> event_pb2.Event:
    """Create an event, and use it from now on.

    currency_code, time_zone: empty means that of the user. event_id: empty means that the server chooses.
    """
    event = event_pb2.Event(
        name=name, description=description, currency_code=currency_code, time_zone=time_zone
    )
    made = session.write(
        session.events.CreateEvent,
        event_service_pb2.CreateEventRequest(event=event, event_id=event_id),
    )
    session.use_event(made.id)
    return made


def same_name(session: Session, name: str) -> list[event_pb2.Event]:
    """Return the user's events with this name, in any case and without accents, newest first."""
    return [each for each in list_events(session).events if fold(each.name) == fold(name.strip())]


def update_event(
    session: Session, event: event_pb2.Event, values: dict[str, object], etag: str | None
) -> event_pb2.Event:
    """Change fields of an event. etag: None means the etag of `event`."""
    request = event_service_pb2.UpdateEventRequest(
        event=event_pb2.Event(id=event.id, etag=etag or event.etag, **cast("Any", values))
    )
    request.update_mask.paths.extend(values)
    return session.write(session.events.UpdateEvent, request)


def change_state(session: Session, event_id: str, verb: str) -> event_pb2.Event:
    """Archive, Unarchive, Delete or Undelete an event, by the verb."""
    request: Message = getattr(event_service_pb2, f"{verb}EventRequest")(event_id=event_id)
    answer: event_pb2.Event = session.write(getattr(session.events, f"{verb}Event"), request)
    return answer


def list_members(
    session: Session, event_id: str, *, inactive: bool = False
) -> event_service_pb2.ListMembersResponse:
    """Return all members, oldest first. inactive: include members who have left."""
    request = event_service_pb2.ListMembersRequest(event_id=event_id, show_inactive=inactive)
    return whole_list(session, session.events.ListMembers, request, "members")


class Roster:
    """The members of an event by name and id, including those who have left."""

    def __init__(self, session: Session, event: event_pb2.Event) -> None:
        self._me = event.member_id
        self.members = list(list_members(session, event.id, inactive=True).members)
        self._names = {member.id: member.name for member in self.members}

    def name(self, member_id: str) -> str:
        """Return the name of a member, or the id if there is no such member."""
        return self._names.get(member_id, member_id)

    def id(self, wanted: str) -> str:
        """Find the id of a member by id, name, earlier name, or part of it. `me` means the user.

        Raises ClientError if none or several match.
        """
        active = [m for m in self.members if m.state == event_pb2.MEMBER_STATE_ACTIVE]
        if wanted.casefold() == "me" and all(same_case(m.name) != "me" for m in active):
            return self._me

        def names(member: event_pb2.Member) -> str:
            return member.name

        def ids(member: event_pb2.Member) -> str:
            return member.id

        def aliases(member: event_pb2.Member) -> Sequence[str]:
            return member.aliases

        # Active members come before former members.
        found = matches(wanted, active, names=names, ids=ids, aliases=aliases)
        return pick(
            "member",
            wanted,
            found or self.members,
            names=names,
            ids=ids,
            aliases=aliases,
            see="howmuch member list",
        ).id

    @property
    def active_ids(self) -> list[str]:
        """The ids of the active members, oldest first."""
        return [m.id for m in self.members if m.state == event_pb2.MEMBER_STATE_ACTIVE]


def add_member(
    session: Session, event_id: str, name: str, *, email: str = "", role: str = "", **weight: Any
) -> event_pb2.Member:
    """Add a guest. role: viewer, editor or owner; empty means editor. weight: a field, or none for 1."""
    request = event_service_pb2.AddMemberRequest(
        event_id=event_id, name=name, email=email, role=_role(role), **weight
    )
    return session.write(session.events.AddMember, request)


def update_member(
    session: Session, event_id: str, member_id: str, values: dict[str, object]
) -> event_pb2.Member:
    member = event_pb2.Member(event_id=event_id, id=member_id, **cast("Any", values))
    request = event_service_pb2.UpdateMemberRequest(member=member)
    request.update_mask.paths.extend(values)
    return session.write(session.events.UpdateMember, request)


def remove_member(session: Session, event_id: str, member_id: str, *, bar: bool = False) -> None:
    """Remove a member. A member with expenses becomes inactive, others are deleted. bar: for good."""
    request = event_service_pb2.RemoveMemberRequest(event_id=event_id, member_id=member_id, bar=bar)
    session.write(session.events.RemoveMember, request)


def invite(
    session: Session,
    event_id: str,
    *,
    role: str,
    member_id: str,
    email: str,
    uses: int | None,
    days: int | None,
) -> event_pb2.Invitation:
    """Create an invitation. None and empty mean the default of the server."""
    request = event_service_pb2.CreateInvitationRequest(
        event_id=event_id,
        role=_role(role),
        member_id=member_id,
        email=email,
        max_uses=uses,
        ttl=None if days is None else Duration(seconds=days * SECONDS_A_DAY),
    )
    return session.write(session.events.CreateInvitation, request)


def list_invitations(session: Session, event_id: str) -> event_service_pb2.ListInvitationsResponse:
    """Return all open invitations, newest first."""
    request = event_service_pb2.ListInvitationsRequest(event_id=event_id)
    return whole_list(session, session.events.ListInvitations, request, "invitations")


def revoke_invitation(session: Session, event_id: str, invitation_id: str) -> None:
    request = event_service_pb2.RevokeInvitationRequest(
        event_id=event_id, invitation_id=invitation_id
    )
    session.write(session.events.RevokeInvitation, request)


def join(session: Session, token_or_link: str, guest: str | None) -> event_pb2.Event:
    """Accept an invitation, and use its event from now on. guest: name or id of the guest to take over."""
    token = token_of(token_or_link)
    member_id = ""
    if guest:
        preview = session.read(
            session.events.GetInvitation, event_service_pb2.GetInvitationRequest(token=token)
        )
        member_id = pick(
            "guest",
            guest,
            preview.guests,
            names=lambda one: one.name,
            ids=lambda one: one.member_id,
            see="howmuch join TOKEN_OR_LINK",
        ).member_id
    event = session.write(
        session.events.AcceptInvitation,
        event_service_pb2.AcceptInvitationRequest(token=token, member_id=member_id),
    )
    session.use_event(event.id)
    return event


def token_of(token_or_link: str) -> str:
    """Extract the token from a link: the parameter `token`, else the last segment of the path.

    A verb after a colon in the path is not part of the token.
    """
    parts = urlsplit(token_or_link.strip())
    if not parts.scheme:
        return token_or_link.strip()
    parameters = dict(parse_qsl(parts.query))
    return parameters.get("token") or parts.path.rstrip("/").rpartition("/")[2].partition(":")[0]


def _role(name: str) -> event_pb2.Role.ValueType:
    return event_pb2.Role.Value(f"ROLE_{name.upper()}") if name else event_pb2.ROLE_UNSPECIFIED
