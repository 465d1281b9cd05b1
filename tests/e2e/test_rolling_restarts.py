"""Two servers are restarted in turn under load: clients with the retry policy see no call fail."""

import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import pytest
from sqlalchemy import func, select

from howmuch.client.retries import channel_options
from howmuch.storage.database import Database
from howmuch.storage.tables import expenses
from howmuch.usecases.ledger_check import check_ledger
from howmuch.v1 import event_pb2
from howmuch.v1 import event_service_pb2 as es
from tests.cli.program import Running, running
from tests.databases import closing_database
from tests.e2e.balancer import balancer
from tests.ports import free_address
from tests.service.api import Api, Person
from tests.waiting import until

pytestmark = pytest.mark.slow

RESTARTS = int(os.environ.get("TEST_RESTARTS") or 6)
CLIENTS = 4
WRITER = re.compile(r'/CreateExpense".*"user_id":"(\w+)"')
Options = Sequence[tuple[str, str | int]]


@dataclass
class Server:
    """A `howmuch serve` that is started again on its address."""

    address: str
    arguments: Sequence[str]
    log: Path
    program: Running | None = None
    _running: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        listen = ("--grpc-listen", self.address, "--log-format", "json")
        program = running(self.log, *self.arguments, *listen, command="serve")
        self.program = self._running.enter_context(program)

    def stop(self) -> None:
        assert self.program is not None
        assert self.program.stop() == 0
        assert "Traceback" not in self.program.log
        self._running.close()

    def has_everybody(self) -> bool:
        """Whether each client has made calls to it since its start."""
        assert self.program is not None
        return len(set(WRITER.findall(self.program.log))) == CLIENTS


@dataclass
class Client:
    """Somebody who writes and reads, one call after the other, until told to stop."""

    person: Person
    event: event_pb2.Event
    written: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def run(self, stop: threading.Event) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            self._try(lambda: self._write(f"{self.event.id}/{number}"))  # noqa: B023
            # Three calls a turn: of two, the writes could all go to one server, and the reads to the other.
            self._try(self._read)
            self._try(self._read)

    def _try(self, call: Callable[[], None]) -> None:
        try:
            call()
        except grpc.RpcError as error:
            self.failed.append(f"{error.code().name}: {error.details()}")

    def _write(self, reason: str) -> None:
        member_id, key = self.event.member_id, (("idempotency-key", reason),)
        made = self.person.spend(
            self.event.id, member_id, "1.00", member_id, reason=reason, metadata=key
        )
        self.written.append(made.id)

    def _read(self) -> None:
        self.person.events.GetBalances(es.GetBalancesRequest(event_id=self.event.id))


@contextmanager
def two_servers(url: str, directory: Path) -> Iterator[list[Server]]:
    arguments = ("--database-url", url)
    servers = [Server(free_address(), arguments, directory / f"log{number}") for number in (1, 2)]
    for server in servers:
        server.start()
    try:
        yield servers
    finally:
        for server in servers:
            server._running.close()


def restart_in_turn(servers: Sequence[Server], restarts: int) -> None:
    """Each only when all have found the other one again, for which docs/retries.md says to wait."""
    for number in range(restarts):
        until(lambda: all(server.has_everybody() for server in servers), "everybody at both")
        server = servers[number % len(servers)]
        server.stop()
        server.start()
    until(lambda: all(server.has_everybody() for server in servers), "everybody at both")


def load_during(
    work: Callable[[], None], target: str, options: Options, database: Database
) -> list[Client]:
    """What clients on connections of their own saw while `work` went on."""
    options = [*options, ("grpc.use_local_subchannel_pool", 1)]
    stop = threading.Event()
    with ExitStack() as stack:
        clients = []
        for _ in range(CLIENTS):
            channel = stack.enter_context(grpc.insecure_channel(target, options))
            person = Api(channel, database, target).person()
            clients.append(Client(person, person.event()))
        threads = stack.enter_context(ThreadPoolExecutor(CLIENTS))
        stack.callback(stop.set)
        running_clients = [threads.submit(client.run, stop) for client in clients]
        work()
        stop.set()
        for client in running_clients:
            client.result()
    return clients


@pytest.mark.timeout(900)
@pytest.mark.parametrize("way", ["balancer", "both addresses"])
def test_rolling_restarts_under_load_fail_no_call(
    way: str, fresh_database: Callable[[str], str], tmp_path: Path
) -> None:
    """Through a proxy and by round robin: nothing fails, everything answered is there, once."""
    url = fresh_database("postgresql")
    with (
        closing_database(url, pool_size=2) as database,
        two_servers(url, tmp_path) as servers,
        balancer([server.address for server in servers], tmp_path) as one_address,
    ):
        both = "ipv4:" + ",".join(server.address for server in servers)
        target = one_address if way == "balancer" else both
        options = channel_options(through_proxy=way == "balancer")
        clients = load_during(lambda: restart_in_turn(servers, RESTARTS), target, options, database)
        written = [expense_id for client in clients for expense_id in client.written]
        assert [failure for client in clients for failure in client.failed] == []
        with database.read() as connection:
            assert check_ledger(connection) == []
            count = connection.execute(select(func.count()).select_from(expenses)).scalar_one()
        assert count == len(written) == len(set(written))
