"""The product over each kind of database, once per process, and people who call it over REST."""

from collections.abc import Iterator

import pytest

from howmuch.storage.database import Database
from tests.rest.client import Rest
from tests.rest.serving import serving
from tests.service.api import Api
from tests.service.test_access_matrix import worlds

__all__ = ["worlds"]  # a fixture of the gRPC suite

BothWays = tuple[Api, Rest]


@pytest.fixture(scope="session")
def both_ways(database: Database) -> Iterator[BothWays]:
    """The running product; tests that use it run on both kinds of database."""
    with serving(database) as running:
        yield running


@pytest.fixture(scope="session")
def api(both_ways: BothWays) -> Api:
    """The server over gRPC, to prepare what is then called over REST."""
    return both_ways[0]


@pytest.fixture(scope="session")
def rest(both_ways: BothWays) -> Rest:
    """The same server over REST, for somebody without a session."""
    return both_ways[1]


@pytest.fixture
def ana(api: Api, rest: Rest) -> Rest:
    """Somebody who calls over REST."""
    return rest.signed_in(api.person("Ana").token)


@pytest.fixture
def bo(api: Api, rest: Rest) -> Rest:
    """Somebody else."""
    return rest.signed_in(api.person("Bo").token)
