"""Names by the interface: who may give them, and which are refused in an event."""

from collections.abc import Callable
from functools import partial

import pytest

from howmuch.v1 import event_pb2, user_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import user_service_pb2 as us
from tests.service.api import Api, Person, failure

LOOKS_LIKE = "NAME_LOOKS_LIKE_ANOTHER"
CYRILLIC = "Аnа"
HIDDEN = "An\u200ba"


def rename(person: Person, event_id: str, member_id: str, name: str) -> event_pb2.Member:
    member = event_pb2.Member(event_id=event_id, id=member_id, name=name)
    return person.events.UpdateMember(es.UpdateMemberRequest(member=member))


def update_me(person: Person, name: str) -> user_pb2.User:
    return person.users.UpdateMe(us.UpdateMeRequest(user=user_pb2.User(name=name)))


def violation(call: Callable[[], object]) -> tuple[str, str, list[str]]:
    failed = failure(call)
    return failed.code, failed.reason, sorted(failed.fields)


def test_invisible_characters_are_refused_in_every_name(api: Api) -> None:
    """Of users, events and members."""
    ana = api.person("Ana")
    event = ana.event()
    update = es.UpdateEventRequest(event=event_pb2.Event(id=event.id, name=HIDDEN))
    sign_up = us.SignUpRequest(email="x@example.com", password="correct horse 1", name=HIDDEN)
    for call, field in (
        (partial(api.nobody().users.SignUp, sign_up), "name"),
        (partial(update_me, ana, HIDDEN), "user.name"),
        (partial(ana.event, name=HIDDEN), "event.name"),
        (partial(ana.events.UpdateEvent, update), "event.name"),
        (partial(ana.guest, event.id, HIDDEN), "name"),
        (partial(rename, ana, event.id, event.member_id, HIDDEN), "member.name"),
    ):
        assert violation(call) == ("INVALID_ARGUMENT", "CHARACTER_NOT_ALLOWED", [field])
    assert ana.guest(event.id, "👩‍👩‍👧 Bo").name == "👩‍👩‍👧 Bo"


def test_look_alike_is_refused_in_an_event(api: Api) -> None:
    """For new guests, renamed members and renamed users; in another event the name is free."""
    ana, bo = api.person("Ana"), api.person("Bo")
    event = ana.event()
    his = bo.join(ana, event.id).member_id
    guest = ana.guest(event.id, "Guest").id
    for call, field in (
        (partial(ana.guest, event.id, CYRILLIC), "name"),
        (partial(rename, ana, event.id, guest, CYRILLIC), "member.name"),
        (partial(rename, bo, event.id, his, CYRILLIC), "member.name"),
        (partial(update_me, bo, CYRILLIC), "user.name"),
    ):
        assert violation(call) == ("INVALID_ARGUMENT", LOOKS_LIKE, [field])
    assert ana.guest(event.id, "Ana").name == "Ana", "the same name is honest"
    other = bo.event()
    assert bo.guest(other.id, CYRILLIC).name == CYRILLIC


def test_look_alike_does_not_join(api: Api) -> None:
    """Neither as a new member nor as a guest; after another name they do."""
    ana, mallory = api.person("Ana"), api.person("Mallory")
    event = ana.event()
    guest = ana.guest(event.id, "Guest").id
    update_me(mallory, CYRILLIC)
    for member_id in ("", guest):
        failed = failure(mallory.join, ana, event.id, event_pb2.ROLE_EDITOR, member_id)
        assert (failed.code, failed.reason) == ("FAILED_PRECONDITION", LOOKS_LIKE)
    update_me(mallory, "Mallory")
    assert mallory.join(ana, event.id).member_id


@pytest.mark.parametrize("role", [event_pb2.ROLE_EDITOR, event_pb2.ROLE_OWNER])
def test_member_with_an_account_is_renamed_by_nobody_else(
    api: Api, role: "event_pb2.Role.ValueType"
) -> None:
    """Not by an editor, and not by an owner; guests are."""
    ana, bo, cy = api.person("Ana"), api.person("Bo"), api.person("Cy")
    event = ana.event()
    his = bo.join(ana, event.id).member_id
    cy.join(ana, event.id, role)
    failed = failure(rename, cy, event.id, his, "Fool")
    assert (failed.code, failed.reason) == ("PERMISSION_DENIED", "NAME_OF_OTHERS")
    assert rename(bo, event.id, his, "Bob").name == "Bob"
    assert rename(cy, event.id, cy.guest(event.id, "Guest").id, "Gus").name == "Gus"
