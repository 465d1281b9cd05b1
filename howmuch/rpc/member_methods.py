"""The methods of EventService that are about members and invitations."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import grpc
from google.api.httpbody_pb2 import HttpBody
from google.protobuf.empty_pb2 import Empty

from howmuch.errors import Violations, invalid
from howmuch.ids import INVITATION, MEMBER, check_id, optional_id
from howmuch.model import Invitation, Member
from howmuch.rpc.call import Call, current_call
from howmuch.rpc.convert import invitation_message, member_message, my_event_message
from howmuch.rpc.html_pages import join
from howmuch.rpc.html_pages.join_words import accepted_words
from howmuch.rpc.mapping import ROLES, settable_fields, timestamp
from howmuch.rpc.pages import page_of
from howmuch.rpc.parse import fields_to_change, parse_active, parse_role, set_fields
from howmuch.rpc.parse_split import parse_weight_of
from howmuch.rpc.read_only import check_read_only
from howmuch.rpc.server_options import PageLinks
from howmuch.usecases import (
    accounts,
    invitation_acceptance,
    invitation_preview,
    invitations,
    members,
    validation,
)
from howmuch.usecases.appearance import check_colour
from howmuch.usecases.member_rows import find_namesake, read_member
from howmuch.usecases.names import check_name
from howmuch.usecases.paging import parse_page
from howmuch.usecases.usable_invitations import Refusal
from howmuch.v1 import event_pb2, event_service_pb2
from howmuch.weights import Weight

_MEMBER_FIELDS = settable_fields(event_pb2.Member)


class MemberMethods:
    """A part of EventServicer. page_links: called once the server listens."""

    def __init__(self, page_links: Callable[[], PageLinks]) -> None:
        self._page_links = page_links

    def AddMember(
        self, request: event_service_pb2.AddMemberRequest, context: grpc.ServicerContext
    ) -> event_pb2.Member:
        """Adds a guest."""
        call = current_call()
        wrong = Violations()
        with wrong:
            name, email = invitations.check_new_member(request.name, request.email)
        with wrong:
            role = parse_role(request.role, "role")
        with wrong:
            weight = validation.check_weight(_or_one(parse_weight_of(request, "")), "weight")
        wrong.raise_any()
        member = invitations.add_member(
            call.connection,
            call.caller,
            call.now,
            name=name,
            email=email,
            role=role,
            weight=weight,
        )
        return _named_message(call, member)

    def ListMembers(
        self, request: event_service_pb2.ListMembersRequest, context: grpc.ServicerContext
    ) -> event_service_pb2.ListMembersResponse:
        """Lists the members."""
        call = current_call()
        query = ("members", request.event_id, request.show_inactive)
        found = members.list_members(
            call.connection,
            call.caller,
            parse_page(request.page_size, request.page_token, *query),
            inactive=request.show_inactive,
        )
        my_id = call.caller.in_event.member_id
        listed, tokens = page_of(found, lambda member: member_message(member, my_id))
        return event_service_pb2.ListMembersResponse(members=listed, **tokens)

    def UpdateMember(
        self, request: event_service_pb2.UpdateMemberRequest, context: grpc.ServicerContext
    ) -> event_pb2.Member:
        """Changes a member."""
        call = current_call()
        wrong, changed = Violations(), set_fields(request.member, _MEMBER_FIELDS)
        with wrong:
            changed = fields_to_change(request.member, request.update_mask, _MEMBER_FIELDS)
        with wrong:
            member_id = check_id(MEMBER, request.member.id, "member.id")
            check_read_only(
                request.member,
                "member",
                lambda: _present_member(call, member_id),
                request.update_mask,
            )
        with wrong:
            given = _given_of_member(request.member, changed)
        wrong.raise_any()
        member = members.update_member(call.connection, call.caller, call.now, member_id, given)
        if "name" in changed:
            return _named_message(call, member)
        return member_message(member, call.caller.in_event.member_id)

    def RemoveMember(
        self, request: event_service_pb2.RemoveMemberRequest, context: grpc.ServicerContext
    ) -> Empty:
        """Removes a member, or lets the caller leave."""
        call = current_call()
        member_id = check_id(MEMBER, request.member_id, "member_id")
        members.remove_member(call.connection, call.caller, call.now, member_id, bar=request.bar)
        return Empty()

    def CreateInvitation(
        self, request: event_service_pb2.CreateInvitationRequest, context: grpc.ServicerContext
    ) -> event_pb2.Invitation:
        """Makes an invitation."""
        call = current_call()
        wrong, ttl = Violations(), invitations.DEFAULT_TTL
        with wrong:
            role = parse_role(request.role, "role")
        with wrong:
            ttl = _parse_ttl(request)
        with wrong:
            uses = request.max_uses if request.HasField("max_uses") else 1
            terms = invitations.check_terms(request.member_id, request.email, uses, ttl)
        wrong.raise_any()
        invitation = invitations.create_invitation(
            call.connection, call.caller, call.now, role=role, terms=terms
        )
        message = self._with_link(invitation)
        if invitation.email:
            verified = accounts.get_user(call.connection, call.caller.user_id).email_verified
            message.mail = (
                event_pb2.INVITATION_MAIL_REQUESTED
                if verified
                else event_pb2.INVITATION_MAIL_SENDER_NOT_VERIFIED
            )
        return message

    def ListInvitations(
        self, request: event_service_pb2.ListInvitationsRequest, context: grpc.ServicerContext
    ) -> event_service_pb2.ListInvitationsResponse:
        """Lists the invitations that still work."""
        call = current_call()
        page = parse_page(request.page_size, request.page_token, "invitations", request.event_id)
        found = invitations.list_invitations(call.connection, call.caller, call.now, page)
        listed, tokens = page_of(found, self._with_link)
        return event_service_pb2.ListInvitationsResponse(invitations=listed, **tokens)

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
        preview = invitation_preview.get_invitation(
            call.connection, call.now, validation.check_token(request.token, "token")
        )
        message = event_pb2.InvitationPreview(
            event_name=preview.event_name,
            inviter_name=preview.inviter_name,
            role=ROLES[preview.invitation.role],
            expire_time=timestamp(preview.invitation.expire_time),
            currency_code=preview.currency_code,
            member_names=preview.member_names,
            member_count=preview.member_count,
            member_id=preview.invitation.member_id or "",
            archived=preview.archived,
        )
        for guest in preview.guests:
            message.guests.add(member_id=guest.id, name=guest.name)
        return message

    def ShowInvitation(
        self, request: event_service_pb2.ShowInvitationRequest, context: grpc.ServicerContext
    ) -> HttpBody:
        """Shows the page of an invitation."""
        call = current_call()
        token = validation.check_token(request.token, "token")
        words = accepted_words(call.header("accept-language"))
        links = self._page_links()
        found = invitation_preview.preview_or_refusal(call.connection, call.now, token)
        if isinstance(found, Refusal):
            return join.say_unusable(context, words, found, links)
        return join.ask_to_join(context, words, token, found, links)

    def AcceptInvitation(
        self, request: event_service_pb2.AcceptInvitationRequest, context: grpc.ServicerContext
    ) -> event_pb2.Event:
        """Joins an event."""
        call = current_call()
        wrong = Violations()
        with wrong:
            token = validation.check_token(request.token, "token")
        with wrong:
            optional_id(MEMBER, request.member_id, "member_id")
        wrong.raise_any()
        mine = invitation_acceptance.accept_invitation(
            call.connection, call.caller, call.now, token, request.member_id
        )
        return my_event_message(mine)

    def _with_link(self, invitation: Invitation) -> event_pb2.Invitation:
        message = invitation_message(invitation)
        message.link = self._page_links().invitation.replace("{token}", invitation.token)
        return message


def _named_message(call: Call, member: Member) -> event_pb2.Member:
    """A member whose name was given just now, with another member of this name."""
    message = member_message(member, call.caller.in_event.member_id)
    message.namesake_member_id = find_namesake(call.connection, member)
    return message


def _present_member(call: Call, member_id: str) -> event_pb2.Member:
    mine = call.caller.in_event
    return member_message(read_member(call.connection, mine.event.id, member_id), mine.member_id)


_WEIGHTS = ("weight", "weight_decimal")
"""Two fields for one value: a mask with either means both."""


def _or_one(weight: Weight | None) -> Weight:
    return 1 if weight is None else weight


def _given_of_member(message: event_pb2.Member, changed: list[str]) -> dict[str, Any]:
    given: dict[str, Any] = {name: getattr(message, name) for name in changed}
    wrong = Violations()
    if "name" in given:
        with wrong:
            # Whether it may be empty, only the stored member says.
            check_name(message.name, "member.name", required=False)
    if "colour" in given:
        with wrong:
            check_colour(message.colour, message.id)
    if not given.keys().isdisjoint(_WEIGHTS):
        given = {name: value for name, value in given.items() if name not in _WEIGHTS}
        with wrong:
            given["weight"] = _changed_weight(message, changed)
    if "role" in given:
        with wrong:
            given["role"] = parse_role(message.role, "member.role")
    if "state" in given:
        with wrong:
            given["active"] = parse_active(given.pop("state"), "member.state")
    wrong.raise_any()
    return given


def _changed_weight(message: event_pb2.Member, changed: list[str]) -> Weight:
    """The weight that a member is to have. A field that the mask names goes before the other one."""
    set_here = {field.name for field, _ in message.ListFields()}
    named = [name for name in _WEIGHTS if name in changed and name in set_here]
    weighed = message
    if named:
        weighed = event_pb2.Member(**{name: getattr(message, name) for name in named})
    weight = parse_weight_of(weighed, "member.")
    if weight is None:
        raise invalid(
            "member.weight",
            "WEIGHT_REQUIRED",
            "The mask names the weight; set `weight` or `weight_decimal` of the member.",
        )
    return validation.check_weight(weight, "member.weight")


def _parse_ttl(request: event_service_pb2.CreateInvitationRequest) -> dt.timedelta:
    if not request.HasField("ttl"):
        return invitations.DEFAULT_TTL
    try:
        return request.ttl.ToTimedelta()
    except (OverflowError, ValueError) as error:
        raise invitations.ttl_out_of_range(str(request.ttl.seconds)) from error
