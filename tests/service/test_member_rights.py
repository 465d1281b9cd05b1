"""What members may do to each other depends on who they are, and is decided behind the declared access."""

from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from howmuch.v1 import event_pb2
from howmuch.v1 import event_service_pb2 as es
from tests.service.api import Api, Person, failure
from tests.service.world import World

VIEWER, EDITOR, OWNER = event_pb2.ROLE_VIEWER, event_pb2.ROLE_EDITOR, event_pb2.ROLE_OWNER
ACTIVE, INACTIVE = event_pb2.MEMBER_STATE_ACTIVE, event_pb2.MEMBER_STATE_INACTIVE
TOO_SMALL = ("PERMISSION_DENIED", "ROLE_TOO_SMALL")
TOO_HIGH = ("PERMISSION_DENIED", "ROLE_TOO_HIGH")
NOT_YOURS = ("PERMISSION_DENIED", "MUTE_OF_OTHERS")
LAST_OWNER = ("FAILED_PRECONDITION", "LAST_OWNER")
RENAMED = ("PERMISSION_DENIED", "NAME_OF_OTHERS")
NOT_SETTABLE = ("INVALID_ARGUMENT", "STATE_NOT_SETTABLE")


def check(call: Callable[[], object], refused: tuple[str, str] | None) -> None:
    """That the call is answered, or refused like this."""
    if refused is None:
        call()
    else:
        failed = failure(call)
        assert (failed.code, failed.reason) == refused


def left_guest(world: World) -> str:
    """A guest who took part, is settled and has been removed."""
    owner, owners = world.owner, world.member_id("owner")
    guest = owner.guest(world.event_id, "Gone").id
    owner.spend(world.event_id, owners, "10.00", guest)
    owner.spend(world.event_id, guest, "10.00", owners, reason="Back")
    owner.events.RemoveMember(es.RemoveMemberRequest(event_id=world.event_id, member_id=guest))
    return guest


def target(world: World, whom: str) -> str:
    """The member that a table below names."""
    return left_guest(world) if whom == "left guest" else world.member_id(whom)


@pytest.mark.parametrize(
    ("who", "whom", "field", "value", "refused"),
    [
        ("viewer", "viewer", "name", "Vi", None),
        ("viewer", "viewer", "muted", True, None),
        ("viewer", "viewer", "role", VIEWER, None),
        ("viewer", "viewer", "role", OWNER, TOO_SMALL),
        ("viewer", "viewer", "weight", 2, TOO_SMALL),
        ("viewer", "guest", "name", "Gu", TOO_SMALL),
        ("viewer", "editor", "weight", 2, TOO_SMALL),
        ("viewer", "guest", "muted", True, NOT_YOURS),
        ("viewer", "left guest", "state", ACTIVE, TOO_SMALL),
        ("editor", "editor", "muted", True, None),
        ("editor", "viewer", "name", "Vi", RENAMED),
        ("editor", "guest", "name", "Gu", None),
        ("editor", "owner", "weight", 3, None),
        ("editor", "left guest", "state", ACTIVE, None),
        ("editor", "viewer", "role", EDITOR, TOO_SMALL),
        ("editor", "guest", "role", VIEWER, TOO_SMALL),
        ("editor", "editor", "role", OWNER, TOO_SMALL),
        ("editor", "owner", "muted", True, NOT_YOURS),
        ("owner", "viewer", "role", OWNER, None),
        ("owner", "guest", "role", VIEWER, None),
        ("owner", "viewer", "muted", True, NOT_YOURS),
        ("owner", "owner", "role", EDITOR, LAST_OWNER),
        ("owner", "guest", "state", INACTIVE, NOT_SETTABLE),
        ("owner", "viewer", "state", INACTIVE, NOT_SETTABLE),
    ],
)
def test_update_member(
    api: Api, who: str, whom: str, field: str, value: Any, refused: tuple[str, str] | None
) -> None:
    """Own name and mute: everybody; names, weights and guests who left: editors; roles: owners."""
    world = World(api)
    world(who)
    member = event_pb2.Member(event_id=world.event_id, id=target(world, whom), **{field: value})
    revision = world.owner.revision(world.event_id)
    request = es.UpdateMemberRequest(member=member)
    if refused is None:
        assert getattr(world(who).events.UpdateMember(request), field) == value
    else:
        check(lambda: world(who).events.UpdateMember(request), refused)
        assert world.owner.revision(world.event_id) == revision


@pytest.mark.parametrize(
    ("who", "whom", "refused"),
    [
        ("viewer", "viewer", None),
        ("viewer", "guest", TOO_SMALL),
        ("viewer", "editor", TOO_SMALL),
        ("editor", "editor", None),
        ("editor", "guest", None),
        ("editor", "viewer", TOO_SMALL),
        ("editor", "owner", TOO_SMALL),
        ("owner", "guest", None),
        ("owner", "editor", None),
        ("owner", "left guest", None),
        ("owner", "owner", LAST_OWNER),
    ],
)
def test_remove_member(api: Api, who: str, whom: str, refused: tuple[str, str] | None) -> None:
    """Everybody may leave, editors remove guests, owners anybody; the last owner stays."""
    world = World(api)
    world(who)
    request = es.RemoveMemberRequest(event_id=world.event_id, member_id=target(world, whom))
    check(lambda: world(who).events.RemoveMember(request), refused)


@pytest.mark.parametrize(
    ("who", "role", "refused"),
    [
        ("editor", VIEWER, None),
        ("editor", EDITOR, None),
        ("editor", OWNER, TOO_HIGH),
        ("owner", OWNER, None),
    ],
)
def test_nobody_gives_a_role_above_their_own(
    api: Api, who: str, role: "event_pb2.Role.ValueType", refused: tuple[str, str] | None
) -> None:
    """Neither to a guest who may be claimed, nor by an invitation."""
    world = World(api)
    person, event_id = world(who), world.event_id
    guest = es.AddMemberRequest(event_id=event_id, name="Guest", role=role)
    check(lambda: person.events.AddMember(guest), refused)
    invitation = es.CreateInvitationRequest(event_id=event_id, role=role)
    check(lambda: person.events.CreateInvitation(invitation), refused)


def test_last_owner_counts_only_active_users(api: Api) -> None:
    """A guest with the role of owner, or an owner who has left, keeps no event; a second owner does."""
    world = World(api)
    owner, event_id, mine = world.owner, world.event_id, world.member_id("owner")
    leave = es.RemoveMemberRequest(event_id=event_id, member_id=mine)
    owner.guest(event_id, "Guest", role=OWNER)
    check(lambda: owner.events.RemoveMember(leave), LAST_OWNER)
    second = api.person("Second")
    joined = second.join(owner, event_id, OWNER)
    second.events.RemoveMember(
        es.RemoveMemberRequest(event_id=event_id, member_id=joined.member_id)
    )
    check(lambda: owner.events.RemoveMember(leave), LAST_OWNER)
    second.join(owner, event_id, OWNER)
    owner.events.RemoveMember(leave)
    assert failure(lambda: owner.revision(event_id)).code == "NOT_FOUND"


@pytest.mark.parametrize("field", ["muted", "mail_only_mine"])
@pytest.mark.parametrize("stored", [False, True])
def test_private_choice_of_another_cannot_be_found_out(api: Api, field: str, stored: bool) -> None:
    """Everybody reads false: to send that back changes nothing, and true is refused, whatever is stored."""
    world = World(api)
    viewer, his = world("viewer"), world.member_id("viewer")

    def choose(person: Person, value: bool) -> event_pb2.Member:
        given: dict[str, Any] = {"event_id": world.event_id, "id": his, field: value}
        member = event_pb2.Member(**given)
        mask = FieldMask(paths=[field])
        return person.events.UpdateMember(es.UpdateMemberRequest(member=member, update_mask=mask))

    choose(viewer, stored)
    assert not getattr(choose(world.owner, False), field)
    refused = failure(choose, world.owner, True)
    assert (refused.code, refused.reason) == NOT_YOURS
    assert refused.message.startswith(f"member.{field}: ")
    assert getattr(choose(viewer, stored), field) is stored
