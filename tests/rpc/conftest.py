"""A database and a server that only these tests use."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import QueuePool

from howmuch.rpc.grpc_server import GrpcServer
from howmuch.storage.database import Database
from tests.databases import closing_database, new_postgres_url
from tests.rpc.running import running
from tests.service.api import Api
from tests.waiting import until


@pytest.fixture(scope="module")
def database(postgres_server_url: str) -> Iterator[Database]:
    """A database of these tests alone: they count what waits in it, and cut its connections."""
    with new_postgres_url(postgres_server_url) as url, closing_database(url) as opened:
        yield opened
        pool = opened.engine.pool
        assert isinstance(pool, QueuePool)
        # A call that its server has cut off ends a little later than the server.
        until(lambda: pool.checkedout() == 0, "all connections are free")


@pytest.fixture
def server(database: Database) -> Iterator[tuple[GrpcServer, Api]]:
    """A server as it is by default."""
    with running(database) as both:
        yield both


@pytest.fixture
def both(database: Database) -> Iterator[tuple[Api, Api]]:
    """Two servers over one database."""
    with running(database) as (_, one), running(database) as (_, other):
        yield one, other


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Threads to call from."""
    with ThreadPoolExecutor(24) as threads:
        yield threads
