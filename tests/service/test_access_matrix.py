"""Every RPC as everybody: what happens follows from the access that the proto files declare."""

import copy
import functools
from collections.abc import Callable

import pytest
from google.api import annotations_pb2
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import ServiceDescriptor

from howmuch.ids import EVENT, new_id
from howmuch.rpc.methods import SERVICES, Method, describe
from howmuch.v1 import access_pb2
from tests.service.api import Api, failure
from tests.service.requests import FACTORIES, METHODS, call, name_of, set_field
from tests.service.world import CALLERS, MEMBERS, NO_SESSION, NOT_IN_EVENT, World

pytestmark = pytest.mark.also_through_pgbouncer

OF_EVENTS = [method for method in METHODS.values() if method.role]
ALLOWED = ("OK", "")
A_READ_AND_A_WRITE = {"GetEvent", "CreateExpense"}


def is_sent_elsewhere(method: Method, who: str = "", **_: object) -> bool:
    """Whether a case runs on the other databases too: each method as its owner, two as everybody."""
    return who == "owner" or name_of(method) in A_READ_AND_A_WRITE


sliced = pytest.mark.sliced(elsewhere=is_sent_elsewhere)


@pytest.fixture(scope="module")
def worlds(api: Api) -> Callable[[str], World]:
    """Method path to a world, with everybody in it, that only refused calls of this method have seen."""

    @functools.cache
    def make(path: str) -> World:
        world = World(api)
        for who in CALLERS:
            world(who)
        return world

    return make


def expected(method: Method, who: str) -> tuple[str, str]:
    """Code and reason, from the declared access alone."""
    if method.public:
        return ALLOWED
    if who in NO_SESSION:
        return "UNAUTHENTICATED", "SESSION_REQUIRED" if who == "nobody" else "SESSION_INVALID"
    if method.role is None:
        return ALLOWED
    if who in NOT_IN_EVENT:
        return "NOT_FOUND", "EVENT_NOT_FOUND"
    return ALLOWED if MEMBERS[who] >= method.role else ("PERMISSION_DENIED", "ROLE_TOO_SMALL")


@sliced
@pytest.mark.parametrize("who", CALLERS)
@pytest.mark.parametrize("method", METHODS.values(), ids=name_of)
def test_l14_every_method_as_everybody(
    api: Api, worlds: Callable[[str], World], method: Method, who: str
) -> None:
    """Whoever has the declared access is served; all others get the answer for their member_state."""
    outcome = expected(method, who)
    world = World(api) if outcome == ALLOWED else worlds(method.path)
    person = world(who)
    request = FACTORIES[name_of(method)](world, who)
    if outcome == ALLOWED:
        call(person, method, request)
    else:
        failed = failure(lambda: call(person, method, request))
        assert (failed.code, failed.reason) == outcome


@sliced
@pytest.mark.parametrize("method", OF_EVENTS, ids=name_of)
def test_l14_existence_is_not_revealed(api: Api, method: Method) -> None:
    """A stranger, and who was removed, are told the same of an event that is and of one that is not."""
    world, nowhere = World(api), new_id(EVENT)
    people = [world(who) for who in NOT_IN_EVENT]
    request = FACTORIES[name_of(method)](world, "stranger")
    elsewhere = copy.deepcopy(request)
    set_field(elsewhere, method.event_field, nowhere)
    answers = set()
    for person in people:
        for asked, event_id in ((request, world.event_id), (elsewhere, nowhere)):
            failed = failure(call, person, method, asked)
            about = failed.details["ResourceInfo"]
            assert about.resource_name == event_id
            answers.add((failed.code, failed.reason, failed.message.replace(event_id, "ID")))
    assert len(answers) == 1


def test_every_method_has_a_request() -> None:
    """A new RPC without a factory is not tested, so it fails here."""
    declared = [method.name for service in SERVICES for method in service.methods]
    assert sorted(declared) == sorted(FACTORIES)
    assert len(METHODS) == len(declared)


def service_with(name: str, access: "access_pb2.Access.ValueType", path: str) -> ServiceDescriptor:
    """A service of one method that takes an Event."""
    file = descriptor_pb2.FileDescriptorProto(
        name=f"{name}.proto",
        package="test",
        dependency=["howmuch/v1/event.proto", "howmuch/v1/access.proto"],
    )
    method = file.service.add(name=name).method.add(
        name="Do", input_type=".howmuch.v1.Event", output_type=".howmuch.v1.Event"
    )
    if access:
        method.options.Extensions[access_pb2.access] = access
    method.options.Extensions[annotations_pb2.http].get = path
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    return pool.FindServiceByName(f"test.{name}")


@pytest.mark.parametrize(
    ("name", "access", "path", "says"),
    [
        ("Undeclared", access_pb2.ACCESS_UNSPECIFIED, "/v1/events/{id}", "does not declare"),
        ("NoEvent", access_pb2.ACCESS_VIEWER, "/v1/things/{id}", "names none"),
        ("NoVariable", access_pb2.ACCESS_OWNER, "/v1/events/all", "names none"),
        ("NoField", access_pb2.ACCESS_EDITOR, "/v1/events/{event_id}", "has no field 'event_id'"),
    ],
)
def test_method_without_access_stops_the_server(
    name: str, access: "access_pb2.Access.ValueType", path: str, says: str
) -> None:
    """A method that does not say who may call it, or in which event, cannot be served."""
    with pytest.raises(ValueError, match=says):
        describe([service_with(name, access, path)])


STAYS_POSSIBLE = {
    "EVENT_ARCHIVED": {"DeleteEvent", "UndeleteEvent", "ArchiveEvent", "UnarchiveEvent"},
    "EVENT_DELETED": {"DeleteEvent", "UndeleteEvent"},
}
READ_ONLY = [
    (state, method)
    for state, allowed in STAYS_POSSIBLE.items()
    for method in OF_EVENTS
    if name_of(method) not in allowed
]


@sliced
@pytest.mark.parametrize(
    ("state", "method"), READ_ONLY, ids=lambda value: getattr(value, "path", value)
)
def test_archived_and_deleted_events_can_only_be_read(api: Api, state: str, method: Method) -> None:
    """Every write to such an event is refused and raises no revision; every read goes on."""
    world = World(api)
    request = FACTORIES[name_of(method)](world, "owner")
    close = "ArchiveEvent" if state == "EVENT_ARCHIVED" else "DeleteEvent"
    call(world.owner, METHODS[f"/howmuch.v1.EventService/{close}"], FACTORIES[close](world, ""))
    revision = world.owner.revision(world.event_id)
    if method.writes:
        failed = failure(lambda: call(world.owner, method, request))
        assert (failed.code, failed.reason) == ("FAILED_PRECONDITION", state)
        assert failed.details["PreconditionFailure"].violations[0].type == state
    else:
        call(world.owner, method, request)
    assert world.owner.revision(world.event_id) == revision
