"""EventService: events, members, invitations, what the ledger says, history."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty

from howmuch.errors import invalid
from howmuch.ids import INVITATION, MEMBER, check_id
from howmuch.rpc.call import current_call
from howmuch.rpc.convert import (
    ROLES,
    change_message,
    invitation_message,
    member_message,
    my_event_message,
    timestamp,
)
from howmuch.rpc.convert_ledger import balances_message, settlement_message, totals_message
from howmuch.rpc.parse import fields_to_change, parse_active, parse_role
from howmuch.rpc.watch import WatchHub
from howmuch.usecases import (
    balances,
    events,
    history,
    invitation_acceptance,
    invitations,
    members,
    validation,
)
from howmuch.usecases.paging import parse_page
from howmuch.v1 import change_pb2, event_pb2, event_service_pb2, event_service_pb2_grpc

_EVENT_FIELDS = ("name", "description", "currency_code")
_MEMBER_FIELDS = ("name", "role", "weight", "muted", "state")


class EventServicer(event_service_pb2_grpc.EventServiceServicer):
    """One method per RPC."""

    def __init__(self, watchers: WatchHub) -> None:
        self._watchers = watchers

    def CreateEvent(
        self, request: event_service_pb2.CreateEventRequest, context: grpc.ServicerContext
    ) -> event_pb2.Event:
        """Makes an event."""
        call = current_call()
        mine = events.create_event(
            call.connection,
            call.caller,
            call.now,
            name=request.event.name,
            description=request.event.description,
            currency_code=request.event.currency_code,
        )
        return my_event_message(mine)

    def GetEvent(
        self, request: event_service_pb2.GetEventRequest, context: grpc.ServicerContext
    ) -> event_pb2.Event:
        """Returns one event."""
        return my_event_message(events.get_event(current_call().caller))

    def ListEvents(
        self, request: event_service_pb2.ListEventsRequest, context: grpc.ServicerContext
    ) -> event_service_pb2.ListEventsResponse:
        """Lists the caller's events."""
        call = current_call()
        query = ("events", request.show_archived, request.show_deleted)
        found, token = events.list_events(
            call.connection,
            call.caller,
            parse_page(request.page_size, request.page_token, *query),
            archived=request.show_archived,
            deleted=request.show_deleted,
        )
        return event_service_pb2.ListEventsResponse(
            events=[my_event_message(mine) for mine in found], next_page_token=token
        )

    def UpdateEvent(
        self, request: event_service_pb2.UpdateEventRequest, context: grpc.ServicerContext
    ) -> event_pb2.Event:
        """Changes an event."""
        call = current_call()
        changed = fields_to_change(request.event, request.update_mask, _EVENT_FIELDS)
        mine = events.update_event(
            call.connection,
            call.caller,
            call.now,
            {name: getattr(request.event, name) for name in changed},
            call.etag(request.event.etag),
        )
        return my_event_message(mine)

    def DeleteEvent(
        self, request: event_service_pb2.DeleteEventRequest, context: grpc.ServicerContext
    ) -> event_pb2.Event:
        """Deletes an event."""
        call = current_call()
        mine = events.delete_event(call.connection, call.caller, call.now, call.etag(request.etag))
        return my_event_message(mine)

    def UndeleteEvent(
        self, request: event_service_pb2.UndeleteEventRequest, context: grpc.ServicerContext
    ) -> event_pb2.Event:
        """Brings a deleted event back."""
        return _on_event(events.undelete_event)

    def ArchiveEvent(
        self, request: event_service_pb2.ArchiveEventRequest, context: grpc.ServicerContext
    ) -> event_pb2.Event:
        """Archives an event."""
        return _on_event(events.archive_event)

    def UnarchiveEvent(
        self, request: event_service_pb2.UnarchiveEventRequest, context: grpc.ServicerContext
    ) -> event_pb2.Event:
        """Takes an event out of the archive."""
        return _on_event(events.unarchive_event)

    def AddMember(
        self, request: event_service_pb2.AddMemberRequest, context: grpc.ServicerContext
    ) -> event_pb2.Member:
        """Adds a guest."""
        call = current_call()
        member = invitations.add_member(
            call.connection,
            call.caller,
            call.now,
            name=request.name,
            email=request.email,
            role=parse_role(request.role, "role"),
            weight=request.weight,
        )
        return member_message(member)

    def ListMembers(
        self, request: event_service_pb2.ListMembersRequest, context: grpc.ServicerContext
    ) -> event_service_pb2.ListMembersResponse:
        """Lists the members."""
        call = current_call()
        query = ("members", request.event_id, request.show_inactive)
        found, token = members.list_members(
            call.connection,
            call.caller,
            parse_page(request.page_size, request.page_token, *query),
            inactive=request.show_inactive,
        )
        return event_service_pb2.ListMembersResponse(
            members=[member_message(member) for member in found], next_page_token=token
        )

    def UpdateMember(
        self, request: event_service_pb2.UpdateMemberRequest, context: grpc.ServicerContext
    ) -> event_pb2.Member:
        """Changes a member."""
        call = current_call()
        changed = fields_to_change(request.member, request.update_mask, _MEMBER_FIELDS)
        member = members.update_member(
            call.connection,
            call.caller,
            call.now,
            check_id(MEMBER, request.member.id, "member.id"),
            _given_of_member(request.member, changed),
        )
        return member_message(member)

    def RemoveMember(
        self, request: event_service_pb2.RemoveMemberRequest, context: grpc.ServicerContext
    ) -> Empty:
        """Removes a member, or lets the caller leave."""
        call = current_call()
        member_id = check_id(MEMBER, request.member_id, "member_id")
        members.remove_member(call.connection, call.caller, call.now, member_id)
        return Empty()

    def CreateInvitation(
        self, request: event_service_pb2.CreateInvitationRequest, context: grpc.ServicerContext
    ) -> event_pb2.Invitation:
        """Makes an invitation."""
        call = current_call()
        if request.member_id:
            check_id(MEMBER, request.member_id, "member_id")
        ttl = _parse_ttl(request)
        invitation = invitations.create_invitation(
            call.connection,
            call.caller,
            call.now,
            role=parse_role(request.role, "role"),
            member_id=request.member_id,
            email=request.email,
            max_uses=request.max_uses,
            ttl=ttl,
        )
        return invitation_message(invitation)

    def ListInvitations(
        self, request: event_service_pb2.ListInvitationsRequest, context: grpc.ServicerContext
    ) -> event_service_pb2.ListInvitationsResponse:
        """Lists the invitations that still work."""
        call = current_call()
        page = parse_page(request.page_size, request.page_token, "invitations", request.event_id)
        found, token = invitations.list_invitations(call.connection, call.caller, call.now, page)
        return event_service_pb2.ListInvitationsResponse(
            invitations=[invitation_message(invitation) for invitation in found],
            next_page_token=token,
        )

    def RevokeInvitation(
        self, request: event_service_pb2.RevokeInvitationRequest, context: grpc.ServicerContext
    ) -> Empty:
        """Ends an invitation."""
        call = current_call()
        invitation_id = check_id(INVITATION, request.invitation_id, "invitation_id")
        invitations.revoke_invitation(call.connection, call.caller, call.now, invitation_id)
        return Empty()

    def GetInvitation(
        self, request: event_service_pb2.GetInvitationRequest, context: grpc.ServicerContext
    ) -> event_pb2.InvitationPreview:
        """Shows what an invitation is for."""
        call = current_call()
        invitation, event_name, inviter_name, guests = invitation_acceptance.get_invitation(
            call.connection, call.now, validation.check_token(request.token, "token")
        )
        return event_pb2.InvitationPreview(
            event_name=event_name,
            inviter_name=inviter_name,
            role=ROLES[invitation.role],
            guests=[
                event_pb2.InvitationPreview.Guest(member_id=guest.id, name=guest.name)
                for guest in guests
            ],
            expire_time=timestamp(invitation.expire_time),
        )

    def AcceptInvitation(
        self, request: event_service_pb2.AcceptInvitationRequest, context: grpc.ServicerContext
    ) -> event_pb2.Event:
        """Joins an event."""
        call = current_call()
        token = validation.check_token(request.token, "token")
        if request.member_id:
            check_id(MEMBER, request.member_id, "member_id")
        mine = invitation_acceptance.accept_invitation(
            call.connection, call.caller, call.now, token, request.member_id
        )
        return my_event_message(mine)

    def GetBalances(
        self, request: event_service_pb2.GetBalancesRequest, context: grpc.ServicerContext
    ) -> event_pb2.Balances:
        """Returns balances and debts."""
        call = current_call()
        event = call.caller.in_event.event
        return balances_message(
            event,
            balances.read_balances(call.connection, event.id),
            balances.read_debts(call.connection, event.id),
        )

    def GetSettlement(
        self, request: event_service_pb2.GetSettlementRequest, context: grpc.ServicerContext
    ) -> event_pb2.Settlement:
        """Returns the fewest payments that settle the event."""
        call = current_call()
        event = call.caller.in_event.event
        return settlement_message(event, balances.get_settlement(call.connection, event.id))

    def GetTotals(
        self, request: event_service_pb2.GetTotalsRequest, context: grpc.ServicerContext
    ) -> event_pb2.Totals:
        """Returns what the event cost."""
        call = current_call()
        event = call.caller.in_event.event
        return totals_message(event, balances.get_totals(call.connection, event.id))

    def ListChanges(
        self, request: event_service_pb2.ListChangesRequest, context: grpc.ServicerContext
    ) -> event_service_pb2.ListChangesResponse:
        """Lists the history."""
        call = current_call()
        since = _parse_since(request.since_revision)
        found, token = history.list_changes(
            call.connection,
            call.caller,
            since,
            parse_page(request.page_size, request.page_token, "changes", request.event_id, since),
        )
        return event_service_pb2.ListChangesResponse(
            changes=[change_message(change) for change in found], next_page_token=token
        )

    def WatchEvent(  # type: ignore[override]
        self,
        request: event_service_pb2.WatchEventRequest,
        context: grpc.ServicerContext,
        send: Callable[[change_pb2.Change | None], None],
    ) -> None:
        """Streams the history and what is added to it. Returns at once; the hub sends from here on."""
        call = current_call()
        since = _parse_since(request.since_revision)
        self._watchers.watch(call, context, since, send)


def _on_event(change: Callable[..., events.MyEvent]) -> event_pb2.Event:
    """Runs a use case that needs nothing but the event."""
    call = current_call()
    return my_event_message(change(call.connection, call.caller, call.now))


def _given_of_member(message: event_pb2.Member, changed: list[str]) -> dict[str, Any]:
    given: dict[str, Any] = {name: getattr(message, name) for name in changed}
    if "role" in given:
        given["role"] = parse_role(message.role, "member.role")
    if "state" in given:
        given["active"] = parse_active(given.pop("state"), "member.state")
    return given


def _parse_ttl(request: event_service_pb2.CreateInvitationRequest) -> dt.timedelta | None:
    if not request.HasField("ttl"):
        return None
    try:
        return request.ttl.ToTimedelta()
    except (OverflowError, ValueError) as error:
        raise invitations.ttl_out_of_range(str(request.ttl.seconds)) from error


def _parse_since(revision: int) -> int:
    """A revision to continue after."""
    current = current_call().caller.in_event.event.revision
    if not 0 <= revision <= current:
        raise invalid(
            "since_revision",
            "REVISION_OUT_OF_RANGE",
            f"{revision} is not between 0 and {current}, the event's revision.",
        )
    return revision
