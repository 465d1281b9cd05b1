"""One backend, one gateway and one Envoy for all cases that want nothing special."""

from collections.abc import Iterator

import pytest

from tests.gateway import schema, summary
from tests.gateway.backend import Backend, running_backend
from tests.gateway.engine import running_gateway
from tests.gateway.envoy import envoy_config, running_envoy, why_no_envoy


def pytest_configure(config: pytest.Config) -> None:
    """The summary is printed by the process that prints, which may read no test of this directory."""
    if not config.pluginmanager.has_plugin(summary.__name__):
        config.pluginmanager.register(summary, summary.__name__)


@pytest.fixture(scope="session")
def backend() -> Iterator[Backend]:
    """The server behind whatever is tested, which does not call it at once with another."""
    with running_backend() as running:
        yield running


@pytest.fixture(scope="session")
def gateway_port(backend: Backend) -> Iterator[int]:
    """Where the gateway answers, with default options."""
    with running_gateway(backend.port) as port:
        yield port


@pytest.fixture(scope="session")
def envoy_port(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where a strict Envoy answers for the services that it accepts."""
    if reason := why_no_envoy():
        pytest.skip(reason)
    directory = tmp_path_factory.mktemp("envoy")
    descriptor_path = directory / "conformance.binpb"
    descriptor_path.write_bytes(schema.descriptor_set())
    # It does not start with a response_body that is no HttpBody.
    services = [name for name in schema.services() if not name.endswith(".ResponseBodies")]
    config = envoy_config(descriptor_path, services, 0, backend.port, strict=True)
    with running_envoy(config, directory) as port:
        yield port
