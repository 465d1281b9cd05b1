"""Servers that hear of each other by Redis, as the processes of a deployment do."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from howmuch.broadcast.redis import RedisBroadcast
from howmuch.storage.database import Database
from tests.redis_server import RedisServer
from tests.rpc.running import running
from tests.service.api import Api
from tests.service.conftest import UNLIMITED
from tests.waiting import until

STOP_SECONDS = 5.0


@dataclass(frozen=True)
class Cluster:
    """A database, a Redis, and as many servers as are started."""

    database: Database
    redis_url: str
    prefix: str = field(default_factory=lambda: f"test-{secrets.token_hex(6)}:")

    @contextmanager
    def server(self, *, wait: bool = True, **options: Any) -> Iterator[Api]:
        """One of its servers, which remembers sessions for a minute. wait: until it hears the others."""
        broadcast = RedisBroadcast(self.redis_url, self.prefix)
        broadcast.start()
        if wait:
            until(lambda: broadcast.heard, "Redis is connected")
        shared = {"redis_url": self.redis_url, "redis_prefix": self.prefix}
        given = {"session_cache_seconds": 60.0, "rate_limits": UNLIMITED, **shared, **options}
        try:
            with running(self.database, broadcast=broadcast, **given) as (_, api):
                yield api
        finally:
            broadcast.stop(time.monotonic() + STOP_SECONDS)


@pytest.fixture
def cluster(postgres_database: Database, redis_url: str) -> Iterator[Cluster]:
    """On the Redis that all tests share."""
    cluster = Cluster(postgres_database, redis_url)
    yield cluster
    with Redis.from_url(redis_url) as client:
        for key in client.scan_iter(f"{cluster.prefix}*"):
            client.delete(key)


@pytest.fixture
def own_redis(redis_url: str, tmp_path: Path) -> Iterator[RedisServer]:
    """One that a test may do anything to; where the tests have none to share, there is none to start."""
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def own_cluster(postgres_database: Database, own_redis: RedisServer) -> Cluster:
    """On a Redis that may be broken."""
    return Cluster(postgres_database, own_redis.url)
