"""The gateway as the cases want it started, each with its options."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.gateway import schema
from tests.gateway.backend import Backend, running_backend

STOP_SECONDS = 1.0


@contextmanager
def running_gateway(upstream_port: int, **options: Any) -> Iterator[int]:
    """A gateway for the schema of the cases, in a block; yields its port.

    options: fields of GatewayOptions that are not as by default.
    """
    # Imported here, so that the harness can be used on other engines alone.
    from howmuch.gateway.http_server import GatewayServer
    from howmuch.gateway.options import GatewayOptions

    server = GatewayServer(
        schema.descriptor_set(),
        upstream=f"127.0.0.1:{upstream_port}",
        options=GatewayOptions(listen="127.0.0.1:0", **options),
    )
    server.start()
    try:
        yield server.port
    finally:
        server.stop(grace_seconds=STOP_SECONDS)


@contextmanager
def configured(config: Mapping[str, Any]) -> Iterator[tuple[int, Backend]]:
    """The gateway that the `config` of a case asks for: its port, and what is behind it."""
    options = dict(config)
    down = options.pop("backend", "up") == "down"
    backend_options = {}
    if (received := options.pop("grpc_max_receive", None)) is not None:
        backend_options["max_receive_message_length"] = received
    assert options.pop("gzip", True), "gzip is what the gateway does anyway"
    if "cors_origins" in options:
        options["cors_origins"] = tuple(options["cors_origins"])
    with (
        running_backend(**backend_options) as backend,
        closed_port() as closed,
        running_gateway(closed if down else backend.port, **options) as port,
    ):
        yield port, backend


@contextmanager
def closed_port() -> Iterator[int]:
    """A port that refuses connections: it is taken, so nobody else can, and nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]
