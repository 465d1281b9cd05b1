"""A program that is frozen, or out of descriptors or memory: its clients go on, and it recovers or ends."""

import resource
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import grpc
import httpx
import psutil
import pytest

from howmuch.client.retries import channel_options
from howmuch.storage.database import Database
from howmuch.v1 import user_service_pb2, user_service_pb2_grpc
from tests.cli.program import Running, running
from tests.databases import closing_database, new_postgres_url
from tests.gateway.worst_requests import MIB, worst_requests
from tests.rpc.worst_messages import LOCAL, Caller, balances_of, cost_of, new_caller, worst_messages
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


def test_gateway_leaves_a_frozen_server(database: Database, tmp_path: Path) -> None:
    """Requests on their way to it are 503 in time to be repeated; later ones go to the other server."""
    with (
        serving(database, tmp_path / "one.log") as one,
        serving(database, tmp_path / "two.log") as two,
        running(
            tmp_path / "gateway.log",
            *("--upstream", f"ipv4:{one.address},{two.address}", "--listen", "127.0.0.1:0"),
            command="gateway",
        ) as gateway,
        grpc.insecure_channel(one.address) as direct,
        httpx.Client(base_url=gateway.rest, timeout=CALL_SECONDS) as client,
    ):
        ana = Api(direct, database, one.address).person()
        client.headers["authorization"] = f"Bearer {ana.token}"

        def statuses() -> set[int]:
            """Of more requests than there are servers."""
            with ThreadPoolExecutor(8) as threads:
                return set(threads.map(lambda _: client.get("/v1/users/me").status_code, range(8)))

        until(lambda: statuses() == {200})
        one.process.send_signal(signal.SIGSTOP)
        try:
            assert statuses() <= {200, 503}
            assert statuses() == {200}
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


@pytest.mark.parametrize("command", ["run", "gateway", "serve"])
def test_program_without_memory_ends_or_recovers(
    database: Database, tmp_path: Path, command: str
) -> None:
    """Its supervisor starts one that has ended anew. None hangs, not even in its stop."""
    with ExitStack() as stack:
        server = stack.enter_context(serving(database, tmp_path / "serve.log"))
        program = server
        if command == "run":
            where = ("--data-dir", str(tmp_path), "--grpc-listen", "127.0.0.1:0")
            program = server = stack.enter_context(running(tmp_path / "log", *where))
        elif command == "gateway":
            to = ("--upstream", server.address, "--listen", "127.0.0.1:0")
            program = stack.enter_context(running(tmp_path / "log", *to, command="gateway"))
        channel = stack.enter_context(grpc.insecure_channel(server.address))
        caller = new_caller(channel)
        limit = memory_of(program.process.pid) + 8 * MIB
        resource.prlimit(program.process.pid, resource.RLIMIT_AS, (limit, limit))
        send = starve_grpc if command == "serve" else starve_rest
        for _ in range(3):
            send(program, caller)
        call = grpc_answers if command == "serve" else rest_answers
        until(lambda: program.process.poll() or call(program, caller), "it has ended, or answers")
        ended = program.process.poll()
        assert ended is None or ended != 0
        if ended is None:
            program.stop()


def memory_of(pid: int) -> int:
    """Of addresses, in bytes, which is what the limit counts."""
    return int(psutil.Process(pid).memory_info().vms)


def starve_grpc(server: Running, caller: Caller) -> None:
    """Sends large requests, whatever becomes of them."""
    worst = next(each for each in worst_messages(caller) if each.name == "50,000 messages")
    with suppress(Exception):
        cost_of(worst, server.address, server.process.pid, seconds=CALL_SECONDS / 2)


def starve_rest(gateway: Running, caller: Caller) -> None:
    """As `starve_grpc`."""
    worst = next(each for each in worst_requests(caller.token) if each.name == "50,000 messages")

    def send(_: int) -> None:
        with suppress(httpx.HTTPError):
            where = f"{gateway.rest}{worst.target}"
            httpx.post(where, content=worst.body, headers=worst.headers, timeout=CALL_SECONDS / 2)

    with ThreadPoolExecutor(16) as clients:
        list(clients.map(send, range(16)))


def grpc_answers(server: Running, caller: Caller) -> bool:
    with suppress(grpc.RpcError), grpc.insecure_channel(server.address, LOCAL) as channel:
        return bool(balances_of(channel, caller).event_id)
    return False


def rest_answers(gateway: Running, caller: Caller) -> bool:
    session = {"authorization": f"Bearer {caller.token}"}
    with suppress(httpx.HTTPError):
        return httpx.get(f"{gateway.rest}/v1/users/me", headers=session).status_code == 200
    return False
