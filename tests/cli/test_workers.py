"""`--workers 2`: processes behind one address each for gRPC and REST."""

import http.client
import os
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import grpc
import psutil
import pytest
from grpc_health.v1 import health_pb2

from tests.cli.program import WAIT_SECONDS, Running, howmuch, in_process, running
from tests.health import Health
from tests.ports import free_address
from tests.waiting import until


def serves(address: str) -> bool:
    with grpc.insecure_channel(address) as channel:
        try:
            answer = Health(channel).check(
                health_pb2.HealthCheckRequest(), timeout=5, wait_for_ready=True
            )
        except grpc.RpcError:
            return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def worker_ids(server: Running) -> list[int]:
    """Process ids of the workers that have served so far, in order."""
    return [line["pid"] for line in server.logged("worker serves")]


def has_ended(pid: int) -> bool:
    """Whether there is no such process, or only what its parent has yet to collect of it."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def connect(server: Running) -> http.client.HTTPConnection:
    """A connection for REST, of which the server does not know yet."""
    return http.client.HTTPConnection(server.rest.removeprefix("http://"), timeout=WAIT_SECONDS)


def get(client: http.client.HTTPConnection) -> int:
    """The status of an answer; the connection stays."""
    client.request("GET", "/healthz")
    with client.getresponse() as response:
        response.read()
        return response.status


def connections(server: Running, workers: Sequence[int]) -> Counter[int]:
    """Process id to how many connections of REST it has not closed."""
    port = int(server.rest.rpartition(":")[2])
    return Counter(
        pid
        for pid in workers
        for each in psutil.Process(pid).net_connections("tcp4")
        if each.laddr.port == port and each.raddr
    )


def halt(pid: int) -> None:
    """SIGSTOP; returns once no thread runs any more, which takes a moment."""
    os.kill(pid, signal.SIGSTOP)
    tasks = Path("/proc", str(pid), "task")
    until(lambda: all(is_halted(task) for task in tasks.iterdir()))


def is_halted(task: Path) -> bool:
    """Whether a thread does not run, or is no more."""
    try:
        return ") T " in (task / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


@contextmanager
def two_workers(tmp_path: Path) -> Iterator[tuple[Running, list[int]]]:
    """The program, and the process ids of its workers."""
    address = free_address()
    where = ("--data-dir", str(tmp_path / "data"), "--grpc-listen", address)
    how = ("--workers", "2", "--log-format", "json")
    with running(tmp_path / "log", *where, *how) as server:
        assert server.address == address
        yield server, worker_ids(server)


def check_even(counts: Counter[int]) -> None:
    """Each of two has about half of 40. One that is kept from running for 2 ms is passed over."""
    assert counts.total() == 40
    assert min(counts.values()) >= 14


@pytest.mark.slow
def test_connections_are_spread_evenly(tmp_path: Path) -> None:
    """Each worker has half of them; and the next ones go where some have ended."""
    with two_workers(tmp_path) as (server, workers), ExitStack() as stack:
        clients = [stack.enter_context(closing(connect(server))) for _ in range(40)]
        assert [get(client) for client in clients] == [200] * 40
        check_even(connections(server, workers))

        for client in clients[:25]:
            client.close()
        until(lambda: connections(server, workers).total() == 15, "they have ended")
        more = [stack.enter_context(closing(connect(server))) for _ in range(25)]
        assert [get(client) for client in more] == [200] * 25
        check_even(connections(server, workers))


@pytest.mark.killed
def test_worker_that_hangs_holds_up_no_connection(tmp_path: Path) -> None:
    """It has the fewest connections, and accepts none: the other one does."""
    with two_workers(tmp_path) as (server, workers), ExitStack() as stack:
        halt(workers[0])
        try:
            clients = [stack.enter_context(closing(connect(server))) for _ in range(8)]
            assert [get(client) for client in clients] == [200] * 8
        finally:
            os.kill(workers[0], signal.SIGCONT)


@pytest.mark.killed
def test_worker_that_dies_takes_no_connection_with_it_that_waits(tmp_path: Path) -> None:
    """Those that nobody has accepted yet are answered by the other one."""
    with two_workers(tmp_path) as (server, workers), ExitStack() as stack:
        for worker in workers:
            halt(worker)
        clients = [stack.enter_context(closing(connect(server))) for _ in range(8)]
        for client in clients:
            client.connect()
        os.kill(workers[0], signal.SIGKILL)
        os.kill(workers[1], signal.SIGCONT)
        assert [get(client) for client in clients] == [200] * 8


@pytest.mark.killed
def test_workers_share_a_port_and_are_replaced(tmp_path: Path) -> None:
    """Two processes serve one address; one that is killed has a successor; SIGTERM ends all."""
    with two_workers(tmp_path) as (server, first):
        assert len(first) == 2
        os.kill(first[0], signal.SIGKILL)
        until(lambda: len(worker_ids(server)) == 3, "a successor")
        until(lambda: serves(server.address), "gRPC")
        assert howmuch("demo", "--server", server.address).returncode == 0
        assert server.stop() == 0
        assert all(has_ended(pid) for pid in worker_ids(server))


@pytest.mark.killed
def test_workers_end_with_their_parent(tmp_path: Path) -> None:
    """A parent that is killed leaves no worker behind."""
    with two_workers(tmp_path) as (server, workers):
        server.process.kill()
        server.process.wait(WAIT_SECONDS)
        until(lambda: all(has_ended(pid) for pid in workers), "the end of the workers")


def test_workers_refuse_port_0(tmp_path: Path) -> None:
    """Each worker would take a free port of its own."""
    done = in_process(
        "run", "--workers", "2", "--grpc-listen", "127.0.0.1:0", "--data-dir", str(tmp_path)
    )
    assert done.returncode == 2
    assert "expected grpc.listen to name a port, not 0, for 2 workers" in done.stderr
