"""Members and invitations: how people come in, who they are then, how they go and come back."""

import datetime as dt
from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from sqlalchemy import update

from howmuch.storage.tables import invitations
from howmuch.v1 import event_pb2, user_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from howmuch.v1 import user_service_pb2 as us
from tests.service.api import Api, Failure, Person, failure

ACTIVE, INACTIVE = event_pb2.MEMBER_STATE_ACTIVE, event_pb2.MEMBER_STATE_INACTIVE


def members(person: Person, event_id: str, *, inactive: bool = False) -> list[event_pb2.Member]:
    """All of an event."""
    request = es.ListMembersRequest(event_id=event_id, show_inactive=inactive)
    return list(person.events.ListMembers(request).members)


def invite(person: Person, event_id: str, **fields: Any) -> event_pb2.Invitation:
    """Makes an invitation."""
    return person.events.CreateInvitation(es.CreateInvitationRequest(event_id=event_id, **fields))


def accept(person: Person, token: str, member_id: str = "") -> event_pb2.Event:
    """Uses an invitation."""
    return person.events.AcceptInvitation(
        es.AcceptInvitationRequest(token=token, member_id=member_id)
    )


def preview(api: Api, token: str) -> event_pb2.InvitationPreview:
    """What an invitation shows to anybody."""
    return api.nobody().events.GetInvitation(es.GetInvitationRequest(token=token))


def remove(person: Person, event_id: str, member_id: str) -> None:
    """Removes a member."""
    person.events.RemoveMember(es.RemoveMemberRequest(event_id=event_id, member_id=member_id))


def change(person: Person, event_id: str, member_id: str, **fields: Any) -> event_pb2.Member:
    """Changes a member."""
    mask = FieldMask(paths=list(fields))
    member = event_pb2.Member(event_id=event_id, id=member_id, **fields)
    return person.events.UpdateMember(es.UpdateMemberRequest(member=member, update_mask=mask))


def listed_ids(person: Person, event_id: str) -> list[str]:
    """Ids of the invitations that are shown."""
    request = es.ListInvitationsRequest(event_id=event_id)
    return [i.id for i in person.events.ListInvitations(request).invitations]


def test_add_member_with_an_address_invites(ana: Person, bo: Person) -> None:
    """A guest is added and, where there is an address, an invitation to become that guest."""
    event = ana.event()
    guest = ana.guest(event.id, "Bo", email="Bo@Example.com", weight=3)
    assert (guest.user_id, guest.weight, guest.state) == ("", 3, ACTIVE)
    request = es.ListInvitationsRequest(event_id=event.id)
    (invitation,) = ana.events.ListInvitations(request).invitations
    assert (invitation.member_id, invitation.email) == (guest.id, "bo@example.com")
    assert (invitation.max_uses, ana.revision(event.id)) == (1, 3)
    assert accept(bo, invitation.token).member_id == guest.id
    assert listed_ids(ana, event.id) == []


def test_claiming_a_guest_keeps_what_they_owe(ana: Person, bo: Person, api: Api) -> None:
    """Who says to be a guest takes over its place, with the role of the invitation; nobody else can."""
    event = ana.event()
    guest = ana.guest(event.id, "Bobby", weight=2)
    ana.guest(event.id, "Cy")
    ana.spend(event.id, event.member_id, "9.00", guest.id)
    invitation = invite(ana, event.id, role=event_pb2.ROLE_VIEWER, max_uses=3)
    shown = preview(api, invitation.token)
    assert (shown.event_name, shown.inviter_name) == ("Lisbon", "Ana")
    assert (shown.role, shown.expire_time) == (event_pb2.ROLE_VIEWER, invitation.expire_time)
    assert [g.name for g in shown.guests] == ["Bobby", "Cy"]
    assert accept(bo, invitation.token, guest.id).member_id == guest.id
    now = next(m for m in members(bo, event.id) if m.id == guest.id)
    assert (now.name, now.user_id, now.weight) == ("Bo", bo.user_id, 2)
    assert now.role == event_pb2.ROLE_VIEWER
    assert bo.nets(event.id)["EUR", guest.id] == "-9.00"
    assert [g.name for g in preview(api, invitation.token).guests] == ["Cy"]
    failed = failure(lambda: accept(api.person("Di"), invitation.token, guest.id))
    assert (failed.code, failed.reason) == ("FAILED_PRECONDITION", "GUEST_TAKEN")
    failed = failure(lambda: invite(ana, event.id, member_id=guest.id))
    assert failed.reason == "GUEST_TAKEN"


def test_invitation_for_one_guest(ana: Person, bo: Person, api: Api) -> None:
    """It shows only that guest, makes its user that guest, and nobody else."""
    event = ana.event()
    guest, other = ana.guest(event.id, "Bobby"), ana.guest(event.id, "Cy")
    invitation = invite(ana, event.id, member_id=guest.id)
    shown = preview(api, invitation.token)
    assert (shown.member_id, [g.member_id for g in shown.guests]) == (guest.id, [guest.id])
    failed = failure(lambda: accept(bo, invitation.token, other.id))
    assert (failed.reason, list(failed.fields)) == ("INVITATION_OF_OTHER_GUEST", ["member_id"])
    assert accept(bo, invitation.token).member_id == guest.id
    assert preview(api, invite(ana, event.id).token).member_id == "", "of anybody"
    failed = failure(lambda: invite(ana, event.id, member_id=other.id, max_uses=2))
    assert failed.reason == "GUEST_IS_ONE"


def test_invitation_is_used_as_often_as_it_says(ana: Person, bo: Person, api: Api) -> None:
    """A member who uses it again gets the event and uses nothing up; then it is gone for all."""
    event = ana.event()
    invitation = invite(ana, event.id, max_uses=2)
    first = accept(bo, invitation.token)
    assert accept(bo, invitation.token) == first
    assert accept(ana, invitation.token).revision == first.revision
    accept(api.person("Cy"), invitation.token)
    assert_unusable(api, invitation.token)
    assert listed_ids(ana, event.id) == []


def assert_unusable(api: Api, token: str) -> None:
    """An invitation that has ended, whyever, has code and reason of one that never was."""
    ended: list[Failure] = []
    for one in (token, "x" * 43):
        ended.append(failure(preview, api, one))
        ended.append(failure(accept, api.person("Late"), one))
    assert {(f.code, f.reason) for f in ended} == {("NOT_FOUND", "INVITATION_NOT_FOUND")}
    assert token not in str(ended)


@pytest.mark.parametrize("how", ["revoked", "expired", "event deleted"])
def test_invitation_that_has_ended(api: Api, ana: Person, how: str) -> None:
    """Revoked, expired or of a deleted event: it neither shows nor opens anything."""
    event = ana.event()
    invitation = invite(ana, event.id, ttl=Duration(seconds=60))
    assert (invitation.expire_time.ToDatetime() - invitation.create_time.ToDatetime()).seconds == 60
    if how == "revoked":
        request = es.RevokeInvitationRequest(event_id=event.id, invitation_id=invitation.id)
        ana.events.RevokeInvitation(request)
        ana.events.RevokeInvitation(request)
    elif how == "expired":
        now = dt.datetime.now(dt.UTC)
        with api.database.begin() as connection:
            statement = update(invitations).where(invitations.c.id == invitation.id)
            connection.execute(
                statement.values(create_time=now - dt.timedelta(minutes=2), expire_time=now)
            )
    else:
        ana.events.DeleteEvent(es.DeleteEventRequest(event_id=event.id))
    assert listed_ids(ana, event.id) == ([invitation.id] if how == "event deleted" else [])
    assert_unusable(api, invitation.token)


def test_who_left_comes_back_as_themselves(ana: Person, bo: Person) -> None:
    """An invitation brings a user back to the place they had, with its role; RemoveMember tells who went."""
    event = ana.event()
    mine = bo.join(ana, event.id).member_id
    ana.spend(event.id, mine, "1.00", mine)
    remove(bo, event.id, mine)
    gone = next(m for m in members(ana, event.id, inactive=True) if m.id == mine)
    assert (gone.state, gone.user_id) == (INACTIVE, bo.user_id)
    assert [m.id for m in members(ana, event.id)] == [event.member_id]
    assert failure(lambda: bo.revision(event.id)).code == "NOT_FOUND"
    back = bo.join(ana, event.id, event_pb2.ROLE_VIEWER)
    assert (back.member_id, back.role) == (mine, event_pb2.ROLE_VIEWER)
    # Without history a member goes for good, and comes back as somebody new.
    other = ana.event()
    first = bo.join(ana, other.id).member_id
    remove(ana, other.id, first)
    assert bo.join(ana, other.id).member_id != first


def test_remove_member_with_an_open_balance(ana: Person) -> None:
    """Whoever owes or is owed stays; the answer says how much, in each currency."""
    event = ana.event()
    bo = ana.guest(event.id, "Bo").id
    ana.spend(event.id, bo, "3.00", event.member_id)
    ana.spend(event.id, event.member_id, "500", bo, currency_code="JPY")
    failed = failure(lambda: remove(ana, event.id, bo))
    assert (failed.code, failed.reason) == ("FAILED_PRECONDITION", "BALANCE_OPEN")
    assert failed.metadata == {"balance_EUR": "3.00", "balance_JPY": "-500"}
    assert "3.00 EUR, -500 JPY" in failed.message


def test_guest_who_left_takes_no_new_part_until_brought_back(ana: Person) -> None:
    """Equal splits over everybody leave them out; naming them is refused; setting ACTIVE has them back."""
    event = ana.event()
    bo = ana.guest(event.id, "Bo").id
    old = ana.spend(event.id, bo, "1.00", bo)
    remove(ana, event.id, bo)
    everybody = ana.spend(event.id, event.member_id, "4.00")
    assert [share.member_id for share in everybody.shares] == [event.member_id]
    for payer, beneficiary in ((bo, event.member_id), (event.member_id, bo)):
        failed = failure(ana.spend, event.id, payer, "1.00", beneficiary)
        assert (failed.code, failed.reason) == ("FAILED_PRECONDITION", "MEMBER_INACTIVE")
        assert failed.metadata["member_id"] == bo
    key = {"event_id": event.id, "expense_id": old.id}
    ana.expenses.DeleteExpense(xs.DeleteExpenseRequest(**key))
    ana.expenses.UndeleteExpense(xs.UndeleteExpenseRequest(**key))
    assert change(ana, event.id, bo, state=ACTIVE).state == ACTIVE
    assert len(ana.spend(event.id, event.member_id, "4.00").shares) == 2


def test_names(ana: Person, bo: Person) -> None:
    """A user's name shows until the member has one of its own; an empty one goes back to the user's."""
    event = ana.event()
    mine = bo.join(ana, event.id).member_id

    def shown() -> str:
        return next(m.name for m in members(ana, event.id) if m.id == mine)

    bo.users.UpdateMe(us.UpdateMeRequest(user=user_pb2.User(name="Bob")))
    assert shown() == "Bob"
    assert change(bo, event.id, mine, name="Robert").name == "Robert"
    bo.users.UpdateMe(us.UpdateMeRequest(user=user_pb2.User(name="Bobby")))
    assert shown() == "Robert"
    assert change(bo, event.id, mine, name="").name == "Bobby"
    guest = ana.guest(event.id, "Cy").id
    failed = failure(lambda: change(ana, event.id, guest, name=""))
    assert (failed.reason, list(failed.fields)) == ("FIELD_REQUIRED", ["member.name"])


def test_mute_is_seen_by_its_member_only_in_themselves(ana: Person, bo: Person) -> None:
    """Muting is recorded as a change, but history does not say who reads their mail."""
    event = ana.event()
    mine = bo.join(ana, event.id).member_id
    assert change(bo, event.id, mine, muted=True).muted
    last = ana.events.ListChanges(es.ListChangesRequest(event_id=event.id)).changes[-1]
    assert not last.after.member.muted


def test_member_limit(api: Api, ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full event takes nobody more, by whatever way; the limit is no matter of time."""
    event = ana.event()
    token = invite(ana, event.id).token
    ana.guest(event.id, "Bo")
    monkeypatch.setattr("howmuch.usecases.member_rows.MOST_MEMBERS", 2)
    for call in (
        lambda: ana.guest(event.id, "Cy"),
        lambda: accept(api.person("Di"), token),
    ):
        failed = failure(call)
        assert (failed.code, failed.reason) == ("RESOURCE_EXHAUSTED", "TOO_MANY_MEMBERS")
        assert "RetryInfo" not in failed.details
