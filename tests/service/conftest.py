"""A real server over a real, migrated database, once per process and kind of database."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import fields
from typing import Any

import grpc
import pytest

from howmuch.rpc.grpc_server import build_server
from howmuch.rpc.interceptors.rate_limit import RateLimits
from howmuch.rpc.quotas import Quotas
from howmuch.rpc.server_options import ServerOptions
from howmuch.storage.database import Database
from tests import speed
from tests.databases import (
    closing_database,
    new_pgbouncer_url,
    new_postgres_url,
    new_sqlite_url,
)
from tests.service.api import Api, Person

# Tests come from one address and mean no harm.
UNLIMITED = RateLimits(
    sign_up_by_peer="100000 per second",
    log_in_by_peer="100000 per second",
    log_in_by_account="100000 per second",
    slow_log_in_of_account="100000 per second",
    reset_by_peer="100000 per second",
    reset_by_account="100000 per second",
    link_by_peer="100000 per second",
)

NO_QUOTAS = Quotas(**dict.fromkeys((field.name for field in fields(Quotas)), 0))
"""Tests write more than people."""


@pytest.fixture(scope="session")
def api(database: Database) -> Iterator[Api]:
    """The server; tests that use it run on each kind of database."""
    yield from serve(database)


@pytest.fixture(scope="session")
def postgres_api(postgres_database: Database) -> Iterator[Api]:
    """The server over PostgreSQL only."""
    yield from serve(postgres_database)


@pytest.fixture(scope="module")
def own_api(
    dialect: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    """A server over a database that only the tests of one file fill; they run on each kind."""
    with ExitStack() as stack:
        if dialect == "sqlite":
            url = new_sqlite_url(tmp_path_factory.mktemp("sqlite"))
        elif dialect == "postgresql":
            server_url = request.getfixturevalue("postgres_server_url")
            url = stack.enter_context(new_postgres_url(server_url))
        else:
            servers = map(request.getfixturevalue, ("postgres_server_url", "pgbouncer_url"))
            url = stack.enter_context(new_pgbouncer_url(*servers))
        prepared = dialect != "pgbouncer"
        yield from serve(stack.enter_context(closing_database(url, prepared_statements=prepared)))


def serve(
    database: Database,
    *,
    threads: int = 16,
    rate_limits: RateLimits = UNLIMITED,
    quotas: Quotas = NO_QUOTAS,
    deletion_grace_days: int = 0,
    **more: Any,
) -> Iterator[Api]:
    """Starts a server in this process, and stops it. By default, a deleted account is gone at once."""
    options = ServerOptions(
        listen="127.0.0.1:0",
        threads=threads,
        rate_limits=rate_limits,
        quotas=quotas,
        deletion_grace_days=deletion_grace_days,
        **speed.server_options(),
        **more,
    )
    server = build_server(database, options)
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
