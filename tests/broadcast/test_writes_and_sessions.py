"""Servers that remember sessions read them again before they write."""

import pytest

from howmuch.rpc.methods import Method
from howmuch.v1 import event_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import user_service_pb2 as us
from tests.broadcast.conftest import Cluster
from tests.broadcast.test_session_cache import forget_in_database, works
from tests.redis_server import RedisServer
from tests.service.api import failure
from tests.service.requests import FACTORIES, METHODS, call, name_of
from tests.service.world import World

WRITES = [method for method in METHODS.values() if method.writes and not method.public]


@pytest.mark.parametrize("method", WRITES, ids=name_of)
def test_write_never_goes_by_the_cache(cluster: Cluster, method: Method) -> None:
    """A server that remembers the session reads with it, and asks the database before it writes."""
    with cluster.server() as api:
        world = World(api)
        request = FACTORIES[name_of(method)](world, "owner")
        assert works(world.owner)
        forget_in_database(cluster, world.owner)
        assert works(world.owner)
        assert failure(lambda: call(world.owner, method, request)).reason == "SESSION_INVALID"


def test_write_while_redis_hangs(own_cluster: Cluster, own_redis: RedisServer) -> None:
    """No server hears of the log-out, and none writes for the session after it."""
    with own_cluster.server() as one, own_cluster.server() as two:
        world = World(one)
        elsewhere = two.caller(world.owner.token)
        assert works(elsewhere)
        event = event_pb2.Event(id=world.event_id, name="Oslo")
        own_redis.hang()
        try:
            world.owner.users.LogOut(us.LogOutRequest())
            # Before the silence of Redis is noticed, a read may still be answered, and no write.
            for _ in range(10):
                request = es.UpdateEventRequest(event=event)
                refused = failure(lambda: elsewhere.events.UpdateEvent(request))  # noqa: B023
                assert refused.reason == "SESSION_INVALID"
        finally:
            own_redis.go_on()
