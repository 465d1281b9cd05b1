"""A howmuch server with TLS, and channels to it. Only its health is asked for: TLS is below all services."""

from collections.abc import Iterator
from contextlib import contextmanager

import grpc
from grpc_health.v1 import health_pb2

from howmuch.client.channel import open_channel
from howmuch.rpc.grpc_server import build_server
from howmuch.rpc.server_options import ServerOptions
from howmuch.runtime.certificates import TlsFiles
from howmuch.storage.database import Database
from tests.gateway.http_client import WAIT_SECONDS
from tests.health import Health

SERVING = health_pb2.HealthCheckResponse.SERVING


@contextmanager
def serving(database: Database, tls: TlsFiles | None) -> Iterator[int]:
    """A server in this process; its port."""
    server = build_server(database, ServerOptions(listen="127.0.0.1:0", tls=tls))
    server.start()
    try:
        yield server.port
    finally:
        server.stop(grace_seconds=1.0)


def check(channel: grpc.Channel) -> int:
    """One call: the status of the server. Raises grpc.RpcError."""
    answer = Health(channel).check(health_pb2.HealthCheckRequest(), timeout=WAIT_SECONDS)
    return int(answer.status)


def answers(port: int, tls: TlsFiles | None) -> bool:
    """Whether a call over a connection of its own is answered; otherwise it must be UNAVAILABLE."""
    with open_channel(f"127.0.0.1:{port}", tls) as channel:
        try:
            return check(channel) == SERVING
        except grpc.RpcError as error:
            if error.code() is not grpc.StatusCode.UNAVAILABLE:
                raise
            return False
