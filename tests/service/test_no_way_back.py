"""Nobody comes back above their place: invitations end with the right to give them; owners bar users."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from howmuch.v1 import change_pb2, event_pb2, expense_pb2
from howmuch.v1 import event_service_pb2 as es
from tests.service.api import DELETE_ME, Api, Failure, Person, failure

VIEWER, EDITOR, OWNER = event_pb2.ROLE_VIEWER, event_pb2.ROLE_EDITOR, event_pb2.ROLE_OWNER
UNUSABLE = ("NOT_FOUND", "INVITATION_NOT_FOUND")
BEFORE_LEAVING = ("FAILED_PRECONDITION", "INVITATION_BEFORE_LEAVING")
NEEDS_OWNER = ("FAILED_PRECONDITION", "GUEST_NEEDS_OWNER")


class Scene:
    """An event of Ana in which Bo is a second owner."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.ana, self.bo = api.person("Ana"), api.person("Bo")
        self.event_id = self.ana.event().id
        self.bos_id = self.bo.join(self.ana, self.event_id, OWNER).member_id

    def invite(
        self, by: Person, role: "event_pb2.Role.ValueType" = EDITOR, **more: object
    ) -> event_pb2.Invitation:
        request = es.CreateInvitationRequest(event_id=self.event_id, role=role, **more)  # type: ignore[arg-type]
        return by.events.CreateInvitation(request)

    def listed(self) -> set[str]:
        found = self.ana.events.ListInvitations(es.ListInvitationsRequest(event_id=self.event_id))
        return {invitation.id for invitation in found.invitations}

    def set_role(self, role: "event_pb2.Role.ValueType") -> None:
        member = event_pb2.Member(event_id=self.event_id, id=self.bos_id, role=role)
        self.ana.events.UpdateMember(es.UpdateMemberRequest(member=member))

    def remove(self, by: Person, **more: bool) -> None:
        request = es.RemoveMemberRequest(event_id=self.event_id, member_id=self.bos_id, **more)
        by.events.RemoveMember(request)

    def kinds(self) -> list[str]:
        changes = self.ana.events.ListChanges(
            es.ListChangesRequest(event_id=self.event_id, page_size=500)
        ).changes
        assert [each.revision for each in changes] == list(range(1, len(changes) + 1))
        return [change_pb2.ChangeKind.Name(each.kind) for each in changes]


@pytest.fixture
def scene(api: Api) -> Scene:
    return Scene(api)


def accept(
    person: Person, invitation: event_pb2.Invitation, member_id: str = ""
) -> event_pb2.Event:
    request = es.AcceptInvitationRequest(token=invitation.token, member_id=member_id)
    return person.events.AcceptInvitation(request)


def refused(call: Callable[[], object]) -> tuple[str, str]:
    failed: Failure = failure(call)
    return failed.code, failed.reason


ENDS: dict[str, Callable[[Scene], object]] = {
    "removal": lambda scene: scene.remove(scene.ana),
    "leaving": lambda scene: scene.remove(scene.bo),
    "account": lambda scene: scene.bo.users.DeleteMe(DELETE_ME),
    "viewer": lambda scene: scene.set_role(VIEWER),
}


@pytest.mark.parametrize("end", ENDS)
def test_invitations_end_with_the_right_to_invite(scene: Scene, end: str) -> None:
    """Removal, leaving, the end of the account, and the role of a viewer end all of them, in history too."""
    made = [scene.invite(scene.bo, role) for role in (VIEWER, EDITOR, OWNER)]
    kept = scene.invite(scene.ana)
    ENDS[end](scene)
    stranger = scene.api.person("Stranger")
    for invitation in made:
        assert refused(partial(accept, stranger, invitation)) == UNUSABLE
        shown = es.GetInvitationRequest(token=invitation.token)
        assert refused(partial(stranger.events.GetInvitation, shown)) == UNUSABLE
    assert scene.listed() == {kept.id}
    assert scene.kinds()[-3:] == ["CHANGE_KIND_INVITATION_REVOKED"] * 3
    assert accept(stranger, kept).role == EDITOR


def test_demotion_ends_only_invitations_above_the_new_role(scene: Scene) -> None:
    """A former owner who may still edit still invites editors; their invitation to own has ended."""
    small, large = scene.invite(scene.bo, EDITOR), scene.invite(scene.bo, OWNER)
    scene.set_role(EDITOR)
    stranger = scene.api.person("Stranger")
    assert refused(partial(accept, stranger, large)) == UNUSABLE
    assert accept(stranger, small).role == EDITOR
    assert scene.kinds().count("CHANGE_KIND_INVITATION_REVOKED") == 1


@pytest.mark.parametrize("by", ["bo", "ana"])
@pytest.mark.parametrize("end", ["removal", "leaving", "demotion, leaving"])
def test_no_invitation_made_before_lets_an_owner_back(scene: Scene, by: str, end: str) -> None:
    """Neither their own nor that of another owner; one that is made afterwards does."""
    before = scene.invite(getattr(scene, by), OWNER, max_uses=10)
    if end.startswith("demotion"):
        scene.set_role(VIEWER)
    scene.remove(scene.ana if end == "removal" else scene.bo)
    assert refused(partial(accept, scene.bo, before)) in (UNUSABLE, BEFORE_LEAVING)
    assert (
        refused(partial(scene.bo.events.GetEvent, es.GetEventRequest(event_id=scene.event_id)))[0]
        == "NOT_FOUND"
    )
    assert accept(scene.bo, scene.invite(scene.ana, VIEWER)).role == VIEWER


@pytest.mark.parametrize("at_once", [True, False])
def test_barred_user_is_kept_out_until_an_owner_lifts_it(scene: Scene, at_once: bool) -> None:
    """At the removal, or later. Nobody but an owner may lift it."""
    scene.remove(scene.ana, bar=at_once)
    if not at_once:
        # Bo takes part, so that he is still listed when he has left.
        scene.bos_id = accept(scene.bo, scene.invite(scene.ana)).member_id
        mine = scene.ana.events.GetEvent(es.GetEventRequest(event_id=scene.event_id)).member_id
        scene.ana.spend(scene.event_id, mine, "5.00", scene.bos_id)
        scene.ana.spend(
            scene.event_id, scene.bos_id, "5.00", mine, kind=expense_pb2.EXPENSE_KIND_TRANSFER
        )
        scene.remove(scene.bo)
        scene.remove(scene.ana, bar=True)
    barred = ("PERMISSION_DENIED", "BARRED")
    assert refused(partial(accept, scene.bo, scene.invite(scene.ana))) == barred
    members = scene.ana.events.ListMembers(
        es.ListMembersRequest(event_id=scene.event_id, show_inactive=True)
    ).members
    [shown] = [member for member in members if member.id == scene.bos_id]
    assert (shown.barred, shown.state) == (True, event_pb2.MEMBER_STATE_INACTIVE)
    lift = es.UpdateMemberRequest(
        member=event_pb2.Member(event_id=scene.event_id, id=scene.bos_id),
        update_mask=FieldMask(paths=["barred"]),
    )
    editor = scene.api.person("Editor")
    accept(editor, scene.invite(scene.ana))
    too_small = ("PERMISSION_DENIED", "ROLE_TOO_SMALL")
    assert refused(partial(editor.events.UpdateMember, lift)) == too_small
    assert not scene.ana.events.UpdateMember(lift).barred
    assert accept(scene.bo, scene.invite(scene.ana)).role == EDITOR


def test_bar_is_for_other_users(scene: Scene) -> None:
    """Not for guests, not for oneself, not by editors, and not for those who are still in the event."""
    guest = scene.ana.guest(scene.event_id, "Guest").id
    request = es.RemoveMemberRequest(event_id=scene.event_id, member_id=guest, bar=True)
    assert refused(partial(scene.ana.events.RemoveMember, request)) == (
        "INVALID_ARGUMENT",
        "BAR_OF_GUEST",
    )
    assert refused(partial(scene.remove, scene.bo, bar=True)) == ("INVALID_ARGUMENT", "BAR_OF_SELF")
    member = event_pb2.Member(event_id=scene.event_id, id=scene.bos_id, barred=True)
    update = partial(scene.ana.events.UpdateMember, es.UpdateMemberRequest(member=member))
    assert refused(update) == ("INVALID_ARGUMENT", "BAR_OF_ACTIVE")
    scene.set_role(EDITOR)
    assert refused(partial(scene.bo.events.RemoveMember, request)) == (
        "PERMISSION_DENIED",
        "ROLE_TOO_SMALL",
    )


def test_editors_revoke_no_invitations_of_owners(scene: Scene) -> None:
    """They revoke their own, and those of other editors."""
    editor = scene.api.person("Editor")
    accept(editor, scene.invite(scene.ana))

    def revoke(invitation: event_pb2.Invitation) -> object:
        request = es.RevokeInvitationRequest(event_id=scene.event_id, invitation_id=invitation.id)
        return editor.events.RevokeInvitation(request)

    of_owner = scene.invite(scene.ana)
    assert refused(partial(revoke, of_owner)) == ("PERMISSION_DENIED", "INVITATION_OF_OWNER")
    too_large = scene.invite(scene.ana, OWNER)
    assert refused(partial(revoke, too_large)) == ("PERMISSION_DENIED", "ROLE_TOO_SMALL")
    revoke(scene.invite(editor))
    of_other = scene.invite(scene.bo)
    scene.set_role(EDITOR)
    revoke(of_other)
    assert scene.listed() == {of_owner.id, too_large.id}


@pytest.mark.parametrize("kind", ["former", "balance", "plain"])
@pytest.mark.parametrize("by", ["owner", "editor"])
@pytest.mark.parametrize("named", [True, False], ids=["named", "open"])
def test_former_member_and_balance_need_an_owner(
    scene: Scene, kind: str, by: str, named: bool
) -> None:
    """An owner must name a former member; an open link of an editor claims no guest with a balance."""
    editor = scene.api.person("Editor")
    accept(editor, scene.invite(scene.ana))
    mine = scene.ana.events.GetEvent(es.GetEventRequest(event_id=scene.event_id)).member_id
    if kind == "former":
        guest = scene.bos_id
        scene.ana.spend(scene.event_id, guest, "10.00", mine)
        scene.bo.users.DeleteMe(DELETE_ME)
    else:
        guest = scene.ana.guest(scene.event_id, "Guest").id
        if kind == "balance":
            scene.ana.spend(scene.event_id, guest, "10.00", mine)
    allowed = {
        "former": named and by == "owner",
        "balance": named or by == "owner",
        "plain": True,
    }[kind]
    inviter = scene.ana if by == "owner" else editor
    more: dict[str, Any] = {"member_id": guest} if named else {}
    make = partial(scene.invite, inviter, **more)
    stranger = scene.api.person("Stranger")
    if named and not allowed:
        assert refused(make) == NEEDS_OWNER
        return
    invitation = make()
    shown = stranger.events.GetInvitation(es.GetInvitationRequest(token=invitation.token)).guests
    assert (guest in {one.member_id for one in shown}) is allowed
    if allowed:
        assert accept(stranger, invitation, guest).member_id == guest
    else:
        assert refused(partial(accept, stranger, invitation, guest)) == NEEDS_OWNER


def test_removal_beside_acceptance_leaves_nobody_above_their_place(api: Api) -> None:
    """While an owner is removed, they accept an invitation, and a friend accepts theirs."""
    for _ in range(6):
        scene = Scene(api)
        by_bo = scene.invite(scene.bo, OWNER, max_uses=5)
        by_ana = scene.invite(scene.ana, OWNER, max_uses=5)
        friend = api.person("Friend")

        def tried(call: Callable[[], object]) -> bool:
            try:
                call()
            except grpc.RpcError:
                return False
            return True

        with ThreadPoolExecutor(3) as pool:
            removed = pool.submit(tried, partial(scene.remove, scene.ana))
            pool.submit(tried, partial(accept, scene.bo, by_ana))
            joined = pool.submit(tried, partial(accept, friend, by_bo))
        assert removed.result()
        kinds = scene.kinds()
        # Bo is out, whatever came first; a friend is in only if that came before.
        assert refused(
            partial(scene.bo.events.GetEvent, es.GetEventRequest(event_id=scene.event_id))
        )
        last_join = max(i for i, kind in enumerate(kinds) if kind.endswith("MEMBER_JOINED"))
        removal = kinds.index("CHANGE_KIND_MEMBER_REMOVED")
        assert joined.result() == (kinds.count("CHANGE_KIND_MEMBER_JOINED") == 2)
        assert last_join < removal
        assert refused(partial(accept, scene.bo, by_ana)) == BEFORE_LEAVING
