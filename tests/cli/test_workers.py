"""`--workers 2`: processes behind one address each for gRPC and REST."""

import http.client
import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.cli.program import WAIT_SECONDS, Running, free_address, howmuch, running
from tests.waiting import until


def serves(address: str) -> bool:
    with grpc.insecure_channel(address) as channel:
        check = health_pb2_grpc.HealthStub(channel).Check
        try:
            answer = check(health_pb2.HealthCheckRequest(), timeout=5, wait_for_ready=True)
        except grpc.RpcError:
            return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def worker_ids(log: Path) -> list[int]:
    """Process ids of the workers that have served so far, in order."""
    events = [json.loads(line) for line in log.read_text().splitlines()]
    return [event["pid"] for event in events if event["event"] == "worker serves"]


def has_ended(pid: int) -> bool:
    """Whether there is no such process, or only what its parent has yet to collect of it."""
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return state.stdout.strip()[:1] in ("", "Z")


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
    """Process id to how many connections of REST it has."""
    port = int(server.rest.rpartition(":")[2])
    lines = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    inodes = {
        f"socket:[{fields[9]}]"
        for fields in lines
        if int(fields[1].partition(":")[2], 16) == port and fields[3] == "01"  # ESTABLISHED
    }
    return Counter(
        pid
        for pid in workers
        for file in Path(f"/proc/{pid}/fd").iterdir()
        if str(file.readlink()) in inodes
    )


@contextmanager
def two_workers(tmp_path: Path) -> Iterator[tuple[Running, list[int]]]:
    """The program, and the process ids of its workers."""
    log = tmp_path / "log"
    where = ("--data-dir", str(tmp_path / "data"), "--grpc-listen", free_address())
    with running(log, *where, "--workers", "2", "--log-format", "json") as server:
        yield server, worker_ids(log)


def test_connections_are_spread_evenly(tmp_path: Path) -> None:
    """Each worker has half of them; and the next ones go where some have ended."""
    with two_workers(tmp_path) as (server, workers), ExitStack() as stack:
        clients = [stack.enter_context(closing(connect(server))) for _ in range(8)]
        assert [get(client) for client in clients] == [200] * 8
        assert sorted(connections(server, workers).values()) == [4, 4]

        for client in clients[:5]:
            client.close()
        until(lambda: connections(server, workers).total() == 3, "they have ended")
        more = [stack.enter_context(closing(connect(server))) for _ in range(5)]
        assert [get(client) for client in more] == [200] * 5
        assert sorted(connections(server, workers).values()) == [4, 4]


def test_worker_that_hangs_holds_up_no_connection(tmp_path: Path) -> None:
    """It has the fewest connections, and accepts none: the other one does."""
    with two_workers(tmp_path) as (server, workers), ExitStack() as stack:
        os.kill(workers[0], signal.SIGSTOP)
        try:
            clients = [stack.enter_context(closing(connect(server))) for _ in range(8)]
            assert [get(client) for client in clients] == [200] * 8
        finally:
            os.kill(workers[0], signal.SIGCONT)


def test_worker_that_dies_takes_no_connection_with_it_that_waits(tmp_path: Path) -> None:
    """Those that nobody has accepted yet are answered by the other one."""
    with two_workers(tmp_path) as (server, workers), ExitStack() as stack:
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)
        clients = [stack.enter_context(closing(connect(server))) for _ in range(8)]
        for client in clients:
            client.connect()
        os.kill(workers[0], signal.SIGKILL)
        os.kill(workers[1], signal.SIGCONT)
        assert [get(client) for client in clients] == [200] * 8


def test_workers_share_a_port_and_are_replaced(tmp_path: Path) -> None:
    """Two processes serve one address; one that is killed has a successor; SIGTERM ends all."""
    log, address = tmp_path / "log", free_address()
    where = ("--data-dir", str(tmp_path / "data"), "--grpc-listen", address)
    with running(log, *where, "--workers", "2", "--log-format", "json") as server:
        assert server.address == address
        first = worker_ids(log)
        assert len(first) == 2
        os.kill(first[0], signal.SIGKILL)
        give_up = time.monotonic() + WAIT_SECONDS
        while len(worker_ids(log)) < 3:
            assert time.monotonic() < give_up, server.log
            time.sleep(0.05)
        assert serves(address)
        assert howmuch("demo", "--server", address).returncode == 0
        assert server.stop() == 0
    assert all(has_ended(pid) for pid in worker_ids(log))


def test_workers_end_with_their_parent(tmp_path: Path) -> None:
    """A parent that is killed leaves no worker behind."""
    log = tmp_path / "log"
    where = ("--data-dir", str(tmp_path / "data"), "--grpc-listen", free_address())
    with running(log, *where, "--workers", "2", "--log-format", "json") as server:
        workers = worker_ids(log)
        server.process.kill()
        server.process.wait(WAIT_SECONDS)
        give_up = time.monotonic() + WAIT_SECONDS
        while not all(has_ended(pid) for pid in workers):
            assert time.monotonic() < give_up
            time.sleep(0.05)


def test_workers_refuse_port_0(tmp_path: Path) -> None:
    """Each worker would take a free port of its own."""
    done = howmuch(
        "run", "--workers", "2", "--grpc-listen", "127.0.0.1:0", "--data-dir", str(tmp_path)
    )
    assert done.returncode == 2
    assert "expected grpc.listen to name a port, not 0, for 2 workers" in done.stderr
