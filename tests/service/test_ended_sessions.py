"""A write that waits for a lock is refused if its caller lost the right to it meanwhile.

PostgreSQL only: on SQLite a write waits before it reads anything.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, text

from howmuch.model import Role
from howmuch.rpc.methods import Method
from howmuch.storage.tables import events
from howmuch.v1 import event_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import user_service_pb2 as us
from tests.rpc.running import locked, refusal, wait_for_waiting
from tests.service.adding import table_locked
from tests.service.api import DELETE_ME, Api, Person
from tests.service.requests import FACTORIES, METHODS, call, name_of
from tests.service.world import ROLES, World, contents

WRITES = [method for method in METHODS.values() if method.writes and method.role is not None]
"""The writes to an event, each of which waits for its lock."""

OF_EDITORS = [
    method
    for method in WRITES
    if method.role is Role.EDITOR and name_of(method) not in ("RemoveMember", "UpdateMember")
]
"""A viewer may still leave, and rename themselves."""
UPDATE_EVENT = "/howmuch.v1.EventService/UpdateEvent"

Ending = Callable[[World, Person], Any]


def log_out(_world: World, person: Person) -> None:
    person.users.LogOut(us.LogOutRequest())


def revoke(world: World, person: Person) -> None:
    other = world.api.caller(person.token)
    [session] = person.users.ListSessions(us.ListSessionsRequest()).sessions
    other.users.RevokeSession(us.RevokeSessionRequest(session_id=session.id))


def delete_account(_world: World, person: Person) -> None:
    person.users.DeleteMe(DELETE_ME)


def remove(world: World, _person: Person) -> None:
    request = es.RemoveMemberRequest(event_id=world.event_id, member_id=world.member_id("editor"))
    world.owner.events.RemoveMember(request)


def demote(world: World, _person: Person) -> None:
    member = event_pb2.Member(
        event_id=world.event_id, id=world.member_id("editor"), role=event_pb2.ROLE_VIEWER
    )
    world.owner.events.UpdateMember(es.UpdateMemberRequest(member=member))


@pytest.fixture
def threads() -> Any:
    with ThreadPoolExecutor(4) as pool:
        yield pool


@pytest.mark.parametrize("method", WRITES, ids=name_of)
@pytest.mark.parametrize("end", [log_out, revoke], ids=lambda end: end.__name__)
def test_write_that_waits_while_its_session_ends(
    postgres_api: Api, threads: ThreadPoolExecutor, method: Method, end: Ending
) -> None:
    """The session ends at once, without waiting for the write, and the write is refused."""
    world = World(postgres_api)
    request = FACTORIES[name_of(method)](world, "owner")
    database, owner = postgres_api.database, world.owner
    before = revision_of(postgres_api, world.event_id)
    with locked(database, world.event_id):
        write = threads.submit(call, owner, method, request)
        wait_for_waiting(database, 1)
        end(world, owner)
        assert not write.done()
    assert refusal(write).reason == "SESSION_INVALID"
    assert revision_of(postgres_api, world.event_id) == before


@pytest.mark.parametrize("method", WRITES, ids=name_of)
def test_write_that_waits_behind_the_deletion_of_its_account(
    postgres_api: Api, threads: ThreadPoolExecutor, method: Method
) -> None:
    """The deletion is first in the queue of the event; its member was an owner, and is one no more."""
    world = World(postgres_api)
    postgres_api.person("Heir").join(world.owner, world.event_id, ROLES["owner"])
    request = FACTORIES[name_of(method)](world, "owner")
    write = refused_behind(world, threads, delete_account, world.owner, method, request)
    assert refusal(write).reason == "SESSION_INVALID"


@pytest.mark.parametrize("method", OF_EDITORS, ids=name_of)
@pytest.mark.parametrize(
    ("end", "reason"), [(remove, "EVENT_NOT_FOUND"), (demote, "ROLE_TOO_SMALL")]
)
def test_write_that_waits_behind_the_loss_of_its_role(
    postgres_api: Api, threads: ThreadPoolExecutor, method: Method, end: Ending, reason: str
) -> None:
    """The removal and the demotion of an editor are first in the queue of the event."""
    world = World(postgres_api)
    request = FACTORIES[name_of(method)](world, "editor")
    write = refused_behind(world, threads, end, world("editor"), method, request)
    assert refusal(write).reason == reason


def refused_behind(
    world: World,
    threads: ThreadPoolExecutor,
    end: Ending,
    person: Person,
    method: Method,
    request: Any,
) -> "Future[Any]":
    """A write of `person` that has waited behind `end`, which has succeeded."""
    database = world.api.database
    with locked(database, world.event_id):
        ending = threads.submit(end, world, person)
        wait_for_waiting(database, 1)
        write = threads.submit(call, person, method, request)
        wait_for_waiting(database, 2)
    ending.result(timeout=30)
    return write


def revision_of(api: Api, event_id: str) -> int:
    with api.database.read() as connection:
        statement = select(events.c.revision).where(events.c.id == event_id)
        return int(connection.execute(statement).scalar_one())


LOCK_USER = text("SELECT 1 FROM users WHERE id = :id FOR UPDATE")
OF_ACCOUNT = ["CreateEvent", "UpdateMe", "DeleteMe", "ChangePassword"]


@pytest.mark.parametrize("name", OF_ACCOUNT)
def test_write_to_the_account_that_waits_while_its_session_ends(
    postgres_api: Api, threads: ThreadPoolExecutor, name: str
) -> None:
    """Writes that wait for the account, not for an event, are refused in the same way."""
    world = World(postgres_api)
    method = next(each for each in METHODS.values() if name_of(each) == name)
    request = FACTORIES[name](world, "owner")
    database, owner = postgres_api.database, world.owner
    with database.begin() as connection:
        connection.execute(LOCK_USER, {"id": owner.user_id})
        write = threads.submit(call, owner, method, request)
        wait_for_waiting(database, 1)
        log_out(world, owner)
        before = contents(database)
    assert refusal(write).reason == "SESSION_INVALID"
    assert contents(database) == before


def test_invitation_accepted_while_the_session_ends(
    postgres_api: Api, threads: ThreadPoolExecutor
) -> None:
    """Who joins waits for the event, and has no role in it yet."""
    world = World(postgres_api)
    stranger = world("stranger")
    request = es.AcceptInvitationRequest(token=world.invitation.token)
    before = revision_of(postgres_api, world.event_id)
    with locked(postgres_api.database, world.event_id):
        write = threads.submit(stranger.events.AcceptInvitation, request)
        wait_for_waiting(postgres_api.database, 1)
        log_out(world, stranger)
    assert refusal(write).reason == "SESSION_INVALID"
    assert revision_of(postgres_api, world.event_id) == before


def test_log_out_waits_for_a_write_that_holds_its_session(
    postgres_api: Api, threads: ThreadPoolExecutor
) -> None:
    """A write that has passed its last check is there before the log-out is answered."""
    world = World(postgres_api)
    owner, database = world.owner, postgres_api.database
    request = FACTORIES["UpdateEvent"](world, "owner")
    with table_locked(database, "outbox"):
        # It has the event and its session, and waits for the table of its message.
        write = threads.submit(call, owner, METHODS[UPDATE_EVENT], request)
        wait_for_waiting(database, 1)
        ending = threads.submit(log_out, world, owner)
        wait_for_waiting(database, 2)
    write.result(timeout=30)
    ending.result(timeout=30)
    assert revision_of(postgres_api, world.event_id) == world.event.revision + 1
