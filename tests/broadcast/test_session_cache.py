"""A session that ends is refused by every server at once, also by those that remember it."""

import datetime as dt
from collections.abc import Callable

import grpc
import pytest
from sqlalchemy import delete

from howmuch.broadcast.local import Broadcast
from howmuch.ids import SESSION, USER, new_id
from howmuch.model import Caller
from howmuch.rpc import session_cache
from howmuch.rpc.session_cache import SessionCache
from howmuch.storage.tables import sessions
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import user_service_pb2 as us
from tests.broadcast.conftest import Cluster
from tests.redis_server import RedisServer
from tests.service.api import DELETE_ME, Person, failure, failure_of
from tests.waiting import until

NOW = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
PASSWORD = "correct horse battery"


class Hearing(Broadcast):
    """Of a process that hears the others, and of which the test says when it does not."""

    hears = True

    @property
    def heard(self) -> bool:
        return self.hears

    def lose(self) -> None:
        self.hears = False
        self._gap()

    def find(self) -> None:
        self.hears = True
        self._gap()


def works(person: Person) -> bool:
    """Whether the session is accepted."""
    try:
        person.users.GetMe(us.GetMeRequest())
    except grpc.RpcError as error:
        if failure_of(error).reason != "SESSION_INVALID":
            raise
        return False
    return True


def forget_in_database(cluster: Cluster, person: Person) -> None:
    """Takes the session away behind the back of all servers."""
    with cluster.database.begin() as connection:
        connection.execute(delete(sessions).where(sessions.c.user_id == person.user_id))


def test_session_is_remembered(cluster: Cluster) -> None:
    """A server that has seen a session does not ask the database again, neither for it nor in an event."""
    with cluster.server() as api:
        ana = api.person()
        event = ana.event()
        ana.users.GetMe(us.GetMeRequest())
        forget_in_database(cluster, ana)
        ana.users.GetMe(us.GetMeRequest())
        assert ana.events.GetEvent(es.GetEventRequest(event_id=event.id)).id == event.id


def test_remembered_session_gives_no_access_to_events(cluster: Cluster) -> None:
    """Membership and role are asked of the database each time."""
    with cluster.server() as api:
        ana, bo = api.person("Ana"), api.person("Bo")
        assert works(bo)
        event = ana.event()
        get = es.GetEventRequest(event_id=event.id)
        assert failure(lambda: bo.events.GetEvent(get)).code == "NOT_FOUND"
        bo.join(ana, event.id)
        members = ana.events.ListMembers(es.ListMembersRequest(event_id=event.id)).members
        leaving = next(member.id for member in members if member.name == "Bo")
        ana.events.RemoveMember(es.RemoveMemberRequest(event_id=event.id, member_id=leaving))
        assert failure(lambda: bo.events.GetEvent(get)).code == "NOT_FOUND"


def test_nothing_is_remembered_without_redis() -> None:
    """Other processes could not be heard."""
    cache = SessionCache(Broadcast(), 60.0)
    caller = Caller(new_id(USER), new_id(SESSION), NOW + dt.timedelta(days=1))
    cache.remember(b"token", caller, cache.moment, 1)
    assert cache.get(b"token", NOW, 1) is None


@pytest.mark.parametrize(
    "end",
    [
        lambda ana: ana.users.LogOut(us.LogOutRequest()),
        lambda ana: ana.users.RevokeSession(
            us.RevokeSessionRequest(
                session_id=ana.users.ListSessions(us.ListSessionsRequest()).sessions[0].id
            )
        ),
        lambda ana: ana.users.DeleteMe(DELETE_ME),
    ],
    ids=["log out", "revoke", "delete account"],
)
def test_end_of_a_session_is_heard_everywhere(
    cluster: Cluster, end: Callable[[Person], object]
) -> None:
    """Each server has seen the session; it ends at one of them, and no other accepts it any more."""
    with cluster.server() as one, cluster.server() as two:
        ana = one.person()
        elsewhere = two.caller(ana.token)
        assert works(ana)
        assert works(elsewhere)
        end(ana)
        assert not works(ana)
        until(lambda: not works(elsewhere), "the other server refuses the session")


def test_new_password_ends_the_other_sessions_everywhere(cluster: Cluster) -> None:
    """Who changes the password stays, and every other session is refused by every server."""
    with cluster.server() as one, cluster.server() as two:
        nobody = one.nobody()
        email = f"{new_id(USER)}@example.com"
        user = us.SignUpRequest(email=email, password=PASSWORD, name="Ana")
        nobody.users.SignUp(user)
        log_in = us.LogInRequest(email=email, password=PASSWORD)
        mine, other = (one.caller(nobody.users.LogIn(log_in).token) for _ in range(2))
        elsewhere = two.caller(other.token)
        assert works(elsewhere)
        mine.users.ChangePassword(
            us.ChangePasswordRequest(current_password=PASSWORD, new_password=PASSWORD + "!")
        )
        until(lambda: not works(elsewhere), "the other server refuses the session")
        assert works(mine)
        assert works(two.caller(mine.token))


def test_redis_is_killed_and_comes_back(own_cluster: Cluster, own_redis: RedisServer) -> None:
    """Without Redis every server asks the database, so that nothing wrong is believed; later it remembers."""
    with own_cluster.server() as one, own_cluster.server() as two:
        ana = one.person()
        elsewhere = two.caller(ana.token)
        assert works(elsewhere)
        own_redis.kill()
        forget_in_database(own_cluster, ana)
        until(lambda: not works(elsewhere), "the database is asked")

        bo = one.person("Bo")
        elsewhere = two.caller(bo.token)
        assert works(elsewhere)
        bo.users.LogOut(us.LogOutRequest())
        assert not works(elsewhere)

        own_redis.start()

        def remembered() -> bool:
            cy = one.person("Cy")
            assert works(cy)
            forget_in_database(own_cluster, cy)
            return works(cy)

        until(remembered, "sessions are remembered again")


def test_redis_hangs(own_cluster: Cluster, own_redis: RedisServer) -> None:
    """A Redis that does not answer is as good as none."""
    with own_cluster.server() as one, own_cluster.server() as two:
        ana = one.person()
        elsewhere = two.caller(ana.token)
        assert works(elsewhere)
        own_redis.hang()
        ana.users.LogOut(us.LogOutRequest())
        until(lambda: not works(elsewhere), "the other server believes Redis no longer")
        own_redis.go_on()


def test_server_starts_without_redis(own_cluster: Cluster, own_redis: RedisServer) -> None:
    """It serves, and uses Redis once it is there."""
    own_redis.kill()
    with own_cluster.server(wait=False) as one, own_cluster.server(wait=False) as two:
        ana = one.person()
        assert works(two.caller(ana.token))
        ana.users.LogOut(us.LogOutRequest())
        assert not works(two.caller(ana.token))


def test_installations_with_other_prefixes_do_not_meet(cluster: Cluster) -> None:
    """The end of a session of one is not heard by the other, whose session goes on being remembered."""
    other = Cluster(cluster.database, cluster.redis_url)
    with cluster.server() as one, other.server() as two, other.server() as three:
        ana = one.person()
        assert works(two.caller(ana.token))
        ana.users.LogOut(us.LogOutRequest())
        # What `three` says arrives after what `one` said, if that arrives at all.
        bo = three.person("Bo")
        assert works(two.caller(bo.token))
        bo.users.LogOut(us.LogOutRequest())
        until(lambda: not works(two.caller(bo.token)), "the servers of one prefix hear each other")
        assert works(two.caller(ana.token))


def test_session_that_ends_while_it_is_read_is_not_remembered() -> None:
    """The database was asked before the end and answers after it."""
    cache = SessionCache(Hearing(), 60.0)
    caller = Caller(new_id(USER), new_id(SESSION), NOW + dt.timedelta(days=1))
    moment = cache.moment
    cache.forget(caller.user_id)
    cache.remember(b"token", caller, moment, 1)
    assert cache.get(b"token", NOW, 1) is None
    cache.remember(b"token", caller, cache.moment, 1)
    assert cache.get(b"token", NOW, 1) == caller


def test_nothing_is_remembered_over_a_gap() -> None:
    """Before, while and after nothing is heard: what was seen before the gap is not believed after it."""
    broadcast = Hearing()
    cache = SessionCache(broadcast, 60.0)
    caller = Caller(new_id(USER), new_id(SESSION), NOW + dt.timedelta(days=1))
    cache.remember(b"token", caller, cache.moment, 1)
    moment = cache.moment
    broadcast.lose()
    assert cache.get(b"token", NOW, 1) is None
    cache.remember(b"token", caller, cache.moment, 1)
    broadcast.find()
    assert cache.get(b"token", NOW, 1) is None
    cache.remember(b"token", caller, moment, 1)
    assert cache.get(b"token", NOW, 1) is None


def test_what_is_believed_no_longer_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither sessions that nobody uses any more, nor more of them than there is room for."""
    monkeypatch.setattr(session_cache, "MOST_SESSIONS", 3)
    cache = SessionCache(Hearing(), 60.0)
    clock = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: clock)
    later = NOW + dt.timedelta(days=1)
    callers = [Caller(new_id(USER), new_id(SESSION), later) for _ in range(5)]

    def kept() -> list[bool]:
        tokens = [str(number).encode() for number in range(5)]
        return [cache.get(token, NOW, 1) is not None for token in tokens]

    for number, caller in enumerate(callers[:4]):
        cache.remember(str(number).encode(), caller, cache.moment, 1)
    assert kept() == [False, True, True, True, False]
    clock += 61.0
    cache.remember(b"4", callers[4], cache.moment, 1)
    clock -= 61.0
    assert kept() == [False, False, False, False, True]


def test_remembered_session_expires() -> None:
    """A session ends by itself in the cache as in the database."""
    cache = SessionCache(Hearing(), 60.0)
    caller = Caller(new_id(USER), new_id(SESSION), NOW + dt.timedelta(seconds=1))
    cache.remember(b"token", caller, cache.moment, 1)
    assert cache.get(b"token", NOW, 1) == caller
    assert cache.get(b"token", NOW + dt.timedelta(seconds=1), 1) is None


def test_session_read_over_an_earlier_connection_is_not_remembered() -> None:
    """A new connection may lead to a database in which the session has ended, or never was."""
    cache = SessionCache(Hearing(), 60.0)
    caller = Caller(new_id(USER), new_id(SESSION), NOW + dt.timedelta(days=1))
    cache.remember(b"token", caller, cache.moment, 1)
    assert cache.get(b"token", NOW, 2) is None
    assert cache.get(b"token", NOW, 1) == caller
