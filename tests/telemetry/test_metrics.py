"""What Prometheus reads: numbers that are right, of one process and of several."""

import os
import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import grpc
import httpx
import psutil
import pytest

from howmuch.errors import Unavailable
from howmuch.v1 import event_service_pb2, event_service_pb2_grpc
from tests.cli.program import Running, howmuch, running
from tests.databases import closing_database, new_sqlite_url
from tests.ports import free_address
from tests.telemetry.program import metric, new_event, scraped, sign_up, spend
from tests.waiting import until

GET_ME = {"grpc_service": "howmuch.v1.UserService", "grpc_method": "GetMe"}
WATCH = {"grpc_service": "howmuch.v1.EventService", "grpc_method": "WatchEvent"}
STREAMS = 18
"""All of them on one of two processes would be one chance in half a million."""


@contextmanager
def measured(directory: Path, *arguments: str) -> Iterator[tuple[Running, str]]:
    """A program that has everything, and the address of its /metrics."""
    address = free_address()
    where = ("--data-dir", str(directory / "data"), "--grpc-listen", free_address())
    how = ("--metrics-listen", address, "--log-format", "json")
    with running(directory / "log", *where, *how, *arguments) as server:
        yield server, address


def streams(
    stack: ExitStack, server: Running, client: httpx.Client, event_id: str
) -> Sequence[grpc.Call]:
    """Streams of changes, each on a connection of its own, that have begun."""
    opened = []
    for number in range(STREAMS):
        channel = stack.enter_context(
            grpc.insecure_channel(
                server.address, [("grpc.use_local_subchannel_pool", 1), ("grpc.x", number)]
            )
        )
        call = event_service_pb2_grpc.EventServiceStub(channel).WatchEvent(
            event_service_pb2.WatchEventRequest(event_id=event_id),
            metadata=(("authorization", client.headers["authorization"]),),
        )
        next(call)
        opened.append(call)
    return opened


@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_calls_are_counted_by_code(tmp_path: Path, workers: str) -> None:
    """After n calls the numbers are n, whichever process answered them; nothing stays in flight."""
    with measured(tmp_path, "--workers", workers) as (server, address):
        read = metric(address)
        with closing(sign_up(server.rest, "ana")) as ana:
            for _ in range(30):
                # A connection each, so that all processes have some.
                assert (
                    httpx.get(f"{server.rest}/v1/users/me", headers=ana.headers).status_code == 200
                )
            for _ in range(7):
                assert httpx.get(f"{server.rest}/v1/users/me").status_code == 401
            httpx.get(f"{server.rest}/v1/events/evt_secret/expenses")
            httpx.get(f"{server.rest}/no/such/path")
        assert read("grpc_server_handled_total", grpc_code="OK", **GET_ME) == 30
        assert read("grpc_server_handled_total", grpc_code="UNAUTHENTICATED", **GET_ME) == 7
        assert read("grpc_server_handling_seconds_count", **GET_ME) == 37
        assert read("grpc_server_handling_seconds_bucket", le="+Inf", **GET_ME) == 37
        me = {"method": "GET", "route": "/v1/users/me"}
        assert read("howmuch_http_requests_total", status="200", **me) == 30
        assert read("howmuch_http_requests_total", status="401", **me) == 7
        assert read("howmuch_http_request_duration_seconds_count", **me) == 37
        assert read("howmuch_http_requests_total", method="GET", route="", status="404") == 1
        assert read("howmuch_database_connections_max") == (16 if workers == "1" else 48)
        assert read("howmuch_build_info") == 1
        assert read("process_resident_memory_bytes") > 0
        until(lambda: read("grpc_server_in_flight") == 0)
        until(lambda: read("howmuch_http_requests_in_flight") == 0)
        until(lambda: read("howmuch_http_connections") == 0)
        until(lambda: read("howmuch_database_connections_in_use") == 0)
        text = scraped(address)
        assert "evt_secret" not in text
        assert "/no/such" not in text


@pytest.mark.slow
def test_a_request_that_is_none_is_counted(tmp_path: Path) -> None:
    """What HTTP does not know has no method and no route, but a status."""
    with measured(tmp_path) as (server, address):
        host, _, port = server.rest.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(b"NONSENSE\r\n\r\n")
            while connection.recv(1000):
                continue
        read = metric(address)
        assert read("howmuch_http_requests_total", method="", route="", status="400") == 1


@pytest.mark.slow
def test_streams_are_counted_when_they_end(tmp_path: Path) -> None:
    """While it is open a stream is in flight; then it is counted, with the code that it ended with."""
    with measured(tmp_path) as (server, address), ExitStack() as stack:
        read = metric(address)
        ana = stack.enter_context(closing(sign_up(server.rest, "ana")))
        event = new_event(ana)
        opened = streams(stack, server, ana, event["id"])
        assert read("grpc_server_in_flight", **WATCH) == STREAMS
        assert read("grpc_server_handled_total", **WATCH) == 0
        for call in opened[:5]:
            call.cancel()
        until(lambda: read("grpc_server_handled_total", grpc_code="CANCELLED", **WATCH) == 5)
        assert read("grpc_server_in_flight", **WATCH) == STREAMS - 5
        refused = httpx.get(
            f"{server.rest}/v1/events/evt_01arz3ndektsv4rrffq69g5fav:watch",
            headers=ana.headers,
        )
        assert refused.status_code == 404, refused.text
        until(lambda: read("grpc_server_handled_total", grpc_code="NOT_FOUND", **WATCH) == 1)
        # Their server ends them: the session is over.
        ana.delete("/v1/sessions/current").raise_for_status()
        until(
            lambda: (
                read("grpc_server_handled_total", grpc_code="UNAUTHENTICATED", **WATCH)
                == STREAMS - 5
            )
        )
        until(lambda: read("grpc_server_in_flight") == 0)


@pytest.mark.killed
def test_what_a_killed_worker_had_in_flight_is_no_more(tmp_path: Path) -> None:
    """Gauges forget it; what it has counted stays, and its successor counts on."""
    with measured(tmp_path, "--workers", "2") as (server, address), ExitStack() as stack:
        read = metric(address)
        ana = stack.enter_context(closing(sign_up(server.rest, "ana")))
        event = new_event(ana)
        opened = streams(stack, server, ana, event["id"])
        until(lambda: read("grpc_server_in_flight", **WATCH) == STREAMS)
        counted = read("grpc_server_handled_total", grpc_code="OK")
        assert counted >= 3
        first = {line["worker"]: line["pid"] for line in server.logged("worker serves")}
        assert set(first) == {0, 1}
        for pid in first.values():
            os.kill(pid, signal.SIGKILL)
        assert {call.code() for call in opened} == {grpc.StatusCode.UNAVAILABLE}
        until(lambda: len(server.logged("worker serves")) == 4)
        until(lambda: read("grpc_server_in_flight", **WATCH) == 0)
        assert read("grpc_server_handled_total", grpc_code="OK") == counted
        assert read("howmuch_database_connections_max") == 48
        for _ in range(8):
            httpx.get(f"{server.rest}/v1/users/me", headers=ana.headers).raise_for_status()
        until(lambda: read("grpc_server_handled_total", grpc_code="OK") == counted + 8)
        successor = psutil.Process(server.logged("worker serves")[-1]["pid"])
        directory = Path(successor.environ()["PROMETHEUS_MULTIPROC_DIR"])
        assert directory.stat().st_mode & 0o777 == 0o700
        assert server.stop() == 0
        assert not directory.exists()


@pytest.mark.slow
def test_mails_and_changes_of_the_parent_are_in_it(tmp_path: Path) -> None:
    """With several workers the mails are the parent's: its numbers are among theirs."""
    with measured(tmp_path, "--workers", "2") as (server, address):
        read = metric(address)
        with closing(sign_up(server.rest, "ana")) as ana:
            spend(ana, new_event(ana), "Dinner").raise_for_status()
        until(lambda: read("howmuch_mails_total", result="sent") == 1)
        until(lambda: read("howmuch_outbox_messages") == 0)
        until(lambda: read("howmuch_messages_published_total") >= 3)
        text = scraped(address)
        for worker in ("parent", "0", "1"):
            assert f'process_cpu_seconds_total{{worker="{worker}"}}' in text


@pytest.mark.parametrize(
    "command",
    [
        pytest.param("serve", marks=pytest.mark.slow),
        pytest.param("gateway", marks=pytest.mark.slow),
        "worker",
    ],
)
def test_an_address_that_is_taken_is_an_error_of_one_line(tmp_path: Path, command: str) -> None:
    """The program does not run without the metrics that it was asked for."""
    where = () if command == "gateway" else ("--database-url", new_sqlite_url(tmp_path))
    flag = "--listen" if command == "gateway" else "--grpc-listen"
    listening = () if command == "worker" else (flag, "127.0.0.1:0")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = howmuch(command, *where, *listening, "--metrics-listen", address, cwd=tmp_path)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert "the metrics cannot start" in last
    assert "Traceback" not in done.stderr


class Watched:
    """A PoolObserver that writes down what it sees."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def taken(self) -> None:
        self.seen.append("taken")

    def given_back(self) -> None:
        self.seen.append("given back")

    def waits(self) -> None:
        self.seen.append("waits")

    def refused(self) -> None:
        self.seen.append("refused")


def test_a_pool_says_when_it_is_empty(tmp_path: Path) -> None:
    """Who finds no connection waits, and is refused; each one taken is given back, also after an error."""
    url = f"sqlite:///{tmp_path / 'howmuch.db'}"
    with closing_database(url, pool_size=1, pool_timeout_seconds=0.01) as database:
        watched = database.pool_observer = Watched()
        with database.read(), pytest.raises(Unavailable), database.read():
            raise AssertionError("there was one connection")
        with pytest.raises(ZeroDivisionError), database.read():
            raise ZeroDivisionError
    assert watched.seen == ["taken", "waits", "refused", "given back", "taken", "given back"]
