"""Two authorities, one of which is trusted, and a gateway's backend."""

from collections.abc import Iterator

import pytest

from tests.gateway.backend import Backend, running_backend
from tests.security.certificates import Authority


@pytest.fixture(scope="session")
def ours() -> Authority:
    """The authority that servers and clients trust."""
    return Authority()


@pytest.fixture(scope="session")
def theirs() -> Authority:
    """Another one."""
    return Authority()


@pytest.fixture(scope="module")
def backend() -> Iterator[Backend]:
    """The service behind a gateway."""
    with running_backend() as running:
        yield running
