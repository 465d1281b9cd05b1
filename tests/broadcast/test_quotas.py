"""Quotas hold over all servers with Redis, and over each while Redis is away."""

from dataclasses import replace

import pytest
from redis import Redis

from howmuch.rpc import quotas
from howmuch.v1 import user_service_pb2 as us
from tests.broadcast.conftest import Cluster
from tests.redis_server import RedisServer
from tests.service.api import Api, Person, failure
from tests.service.conftest import NO_QUOTAS
from tests.waiting import until

FOUR = replace(NO_QUOTAS, events_per_day=4)


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers tell each other without a pause that a test would notice."""
    monkeypatch.setattr(quotas, "SYNC_SECONDS", 0.05)


def at(api: Api, person: Person) -> Person:
    return api.caller(person.token, user_id=person.user_id)


def events_of(person: Person) -> int:
    """Those that the server has counted today."""
    found = person.users.GetMyQuotas(us.GetMyQuotasRequest()).quotas
    [quota] = [quota for quota in found if quota.name == "events_per_day"]
    return quota.used


def told(cluster: Cluster) -> int:
    """The events of this day that servers have told Redis."""
    with Redis.from_url(cluster.redis_url) as redis:
        keys = [*redis.scan_iter(f"{cluster.prefix}quota:events*")]
        return sum(int(redis.get(key) or 0) for key in keys)


def test_quotas_are_shared(cluster: Cluster) -> None:
    """Writes at two servers count together, some seconds later."""
    with cluster.server(quotas=FOUR) as one, cluster.server(quotas=FOUR) as two:
        ana = one.person("Ana")
        for _ in range(3):
            at(one, ana).event()
        # A server learns the counts of the others when it tells its own.
        until(lambda: told(cluster) == 3, "the count of the first server")
        at(two, ana).event()
        until(lambda: events_of(at(two, ana)) == 4, "the counts of both")
        failed = failure(at(two, ana).event)
        assert (failed.reason, failed.metadata["used"]) == ("QUOTA_EXCEEDED", "4")
        two.person("Bo").event()


def test_quotas_hold_while_redis_is_away(own_cluster: Cluster, own_redis: RedisServer) -> None:
    """Each server counts for itself, and tells Redis all of it once Redis is back."""
    with own_cluster.server(quotas=FOUR) as api:
        ana = api.person("Ana")
        ana.event()
        own_redis.kill()
        for _ in range(3):
            ana.event()
        assert failure(ana.event).reason == "QUOTA_EXCEEDED"
        own_redis.start()

        until(lambda: told(own_cluster) >= 3, "the writes that Redis missed")
        assert failure(ana.event).reason == "QUOTA_EXCEEDED"
