"""Rate limits hold over all servers, and over each while Redis is away."""

import pytest
from redis import Redis

from howmuch.rpc import throttle
from howmuch.rpc.interceptors.rate_limit import RateLimits
from howmuch.v1 import user_service_pb2 as us
from tests.broadcast.conftest import Cluster
from tests.redis_server import RedisServer
from tests.service.api import Api, failure

THREE = RateLimits(log_in_by_account="3 per hour", log_in_by_peer="1000 per second")
TOO_OFTEN = "TOO_MANY_REQUESTS"


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Redis answers late on a busy machine is not counted elsewhere."""
    monkeypatch.setattr(throttle, "TIMEOUT_SECONDS", 2.0)


def try_to_log_in(api: Api, email: str = "nobody@example.com") -> str:
    """Why it was refused."""
    request = us.LogInRequest(email=email, password="wrong")
    return failure(lambda: api.nobody().users.LogIn(request)).reason


def test_limits_are_shared(cluster: Cluster) -> None:
    """Tries at two servers count together, and both say when the next is allowed."""
    with cluster.server(rate_limits=THREE) as one, cluster.server(rate_limits=THREE) as two:
        assert [try_to_log_in(api) for api in (one, two, one)] == ["CREDENTIALS_WRONG"] * 3
        assert try_to_log_in(one) == TOO_OFTEN
        request = us.LogInRequest(email="nobody@example.com", password="wrong")
        failed = failure(lambda: two.nobody().users.LogIn(request))
        assert failed.reason == TOO_OFTEN
        assert 3000 < failed.details["RetryInfo"].retry_delay.seconds <= 3600
        assert try_to_log_in(two, "somebody@example.com") == "CREDENTIALS_WRONG"


@pytest.mark.parametrize("fault", ["killed", "hangs"])
def test_limits_hold_while_redis_is_away(
    own_cluster: Cluster, own_redis: RedisServer, fault: str
) -> None:
    """Each server counts for itself: nobody is shut out, and nobody may try without end."""
    with own_cluster.server(rate_limits=THREE) as api:
        assert try_to_log_in(api) == "CREDENTIALS_WRONG"
        if fault == "killed":
            own_redis.kill()
        else:
            own_redis.hang()
        assert [try_to_log_in(api) for _ in range(4)] == ["CREDENTIALS_WRONG"] * 3 + [TOO_OFTEN]
        if fault == "hangs":
            own_redis.go_on()


def test_redis_holds_no_addresses_and_no_tokens(cluster: Cluster) -> None:
    """Keys are hashes of what is counted."""
    with cluster.server(rate_limits=THREE) as api:
        ana = api.person()
        try_to_log_in(api, ana.email)
        change = us.ChangePasswordRequest(current_password="wrong", new_password="new password")
        failure(lambda: ana.users.ChangePassword(change))
    with Redis.from_url(cluster.redis_url, decode_responses=True) as client:
        keys = list(client.scan_iter(f"{cluster.prefix}*"))
        held = " ".join([*keys, *(str(client.lrange(key, 0, -1)) for key in keys)])
    assert "log_in_account" in held
    assert ana.email not in held
    assert ana.token not in held
