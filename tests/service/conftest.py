"""A real server over a real, migrated database, once per process and kind of database."""

from collections.abc import Iterator

import grpc
import pytest

from howmuch.rpc.interceptors.rate_limit import RateLimits
from howmuch.rpc.server import ServerOptions, build_server
from howmuch.storage.database import Database
from tests.service.api import Api, Person

# Tests come from one address and mean no harm.
UNLIMITED = RateLimits(
    sign_up_by_peer="100000 per second",
    log_in_by_peer="100000 per second",
    log_in_by_account="100000 per second",
    reset_by_peer="100000 per second",
    reset_by_account="100000 per second",
    link_by_peer="100000 per second",
)


@pytest.fixture(scope="session")
def api(database: Database) -> Iterator[Api]:
    """The server; tests that use it run on both kinds of database."""
    yield from serve(database)


@pytest.fixture(scope="session")
def postgres_api(postgres_database: Database) -> Iterator[Api]:
    """The server over PostgreSQL only."""
    yield from serve(postgres_database)


def serve(database: Database, **options: object) -> Iterator[Api]:
    """Starts a server in this process, and stops it."""
    given = {"listen": "127.0.0.1:0", "rate_limits": UNLIMITED, **options}
    server = build_server(database, ServerOptions(**given))
    server.start()
    target = f"127.0.0.1:{server.port}"
    try:
        with grpc.insecure_channel(target) as channel:
            yield Api(channel, database, target)
    finally:
        server.stop(grace_seconds=5.0)


@pytest.fixture
def ana(api: Api) -> Person:
    """Somebody."""
    return api.person("Ana")


@pytest.fixture
def bo(api: Api) -> Person:
    """Somebody else."""
    return api.person("Bo")
