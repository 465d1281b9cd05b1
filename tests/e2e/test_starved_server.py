"""A server that is frozen or out of descriptors: its clients go on, and it recovers."""

import resource
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import grpc
import pytest

from howmuch.client.retries import channel_options
from howmuch.storage.database import Database
from howmuch.v1 import user_service_pb2, user_service_pb2_grpc
from tests.cli.program import Running, running
from tests.databases import closing_database, new_postgres_url
from tests.service.api import Api, Person
from tests.waiting import until

pytestmark = pytest.mark.killed

CALL_SECONDS = 10.0
"""Far more than the 4.5 s after which a frozen server is left, and less than a minute."""


@pytest.fixture
def database(postgres_server_url: str) -> Iterator[Database]:
    with new_postgres_url(postgres_server_url) as url, closing_database(url) as opened:
        yield opened


@contextmanager
def serving(database: Database, log: Path) -> Iterator[Running]:
    url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with running(
        log, "--database-url", url, "--grpc-listen", "127.0.0.1:0", command="serve"
    ) as server:
        yield server


def names(channel: grpc.Channel, token: str, calls: int) -> list[str]:
    """Answers to GetMe, one call after the other."""
    stub = user_service_pb2_grpc.UserServiceStub(channel)
    session = (("authorization", f"Bearer {token}"),)
    request = user_service_pb2.GetMeRequest()
    return [stub.GetMe(request, metadata=session, timeout=CALL_SECONDS).name for _ in range(calls)]


def test_clients_leave_a_frozen_server(database: Database, tmp_path: Path) -> None:
    """Calls of a client with the shipped options are answered by the other server."""
    with (
        serving(database, tmp_path / "one.log") as one,
        serving(database, tmp_path / "two.log") as two,
        grpc.insecure_channel(one.address) as direct,
        grpc.insecure_channel(f"ipv4:{one.address},{two.address}", channel_options()) as both,
    ):
        ana = Api(direct, database, one.address).person()
        assert names(both, ana.token, 20) == ["Ana"] * 20
        one.process.send_signal(signal.SIGSTOP)
        try:
            assert names(both, ana.token, 20) == ["Ana"] * 20
        finally:
            one.process.send_signal(signal.SIGCONT)


def answers(server: Running, ana: Person) -> bool:
    try:
        with grpc.insecure_channel(server.address) as channel:
            return names(channel, ana.token, 1) == ["Ana"]
    except grpc.RpcError:
        return False


def test_server_without_descriptors_recovers(database: Database, tmp_path: Path) -> None:
    """Once connections are closed, it accepts new ones."""
    with (
        serving(database, tmp_path / "serve.log") as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        ana = Api(channel, database, server.address).person()
        pid = server.process.pid
        soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        assert soft == hard
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (64, 64))
        host, _, port = server.address.rpartition(":")
        with ExitStack() as stack:
            for _ in range(100):
                stack.enter_context(socket.create_connection((host, int(port)), timeout=10))
            until(lambda: descriptors(pid) >= 63, "all descriptors are in use")
        until(lambda: answers(server, ana), "it answers again")


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))
