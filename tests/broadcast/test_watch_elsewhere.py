"""A stream hears at once of what another server writes."""

from contextlib import closing

import pytest

from howmuch.rpc import watch
from tests.broadcast.conftest import Cluster
from tests.redis_server import RedisServer
from tests.service.test_watch import Stream


def test_change_elsewhere_wakes_the_stream(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the database is not asked for an hour."""
    monkeypatch.setattr(watch, "POLL_SECONDS", 3600.0)
    with cluster.server() as one, cluster.server() as two:
        ana = one.person()
        event = ana.event()
        with closing(Stream(two.caller(ana.token), event.id, event.revision)) as stream:
            ana.guest(event.id, "Bo")
            ana.guest(event.id, "Cy")
            assert stream.wait(event.revision + 2) == [event.revision + 1, event.revision + 2]


def test_changes_while_redis_is_away_are_found(
    own_cluster: Cluster, own_redis: RedisServer
) -> None:
    """Without Redis a stream finds them by itself, and after it comes back at once again."""
    with own_cluster.server() as one, own_cluster.server() as two:
        ana = one.person()
        event = ana.event()
        with closing(Stream(two.caller(ana.token), event.id, event.revision)) as stream:
            own_redis.kill()
            ana.guest(event.id, "Bo")
            stream.wait(event.revision + 1)
            own_redis.start()
            ana.guest(event.id, "Cy")
            assert stream.wait(event.revision + 2) == [event.revision + 1, event.revision + 2]
