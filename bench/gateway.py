"""REST through our gateway and through Envoy's grpc_json_transcoder, in front of the same server.

Run: python -m bench.gateway
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psutil

from bench import http_load
from bench.data import event_id, numbered_id
from bench.machine import cpu_seconds
from bench.report import goal, spread
from tests.cli.program import running
from tests.gateway.envoy import envoy_config, running_envoy, why_no_envoy

ROUNDS = 7
SECONDS = 2.0
CONNECTIONS = 16
SERVICES = ["howmuch.v1.ExpenseService"]
EXPENSES = f"/v1/events/{event_id(1)}/expenses"


@dataclass(frozen=True, slots=True)
class Work:
    """What is asked for, and how much of Envoy's rate it is to reach."""

    name: str
    target: str
    goal: float


WORK = (
    Work("one expense", f"{EXPENSES}/{numbered_id('exp', 1)}", 0.8),
    Work("a list of 100", EXPENSES, 1.5),
)


@dataclass(frozen=True, slots=True)
class Gateway:
    """A running one."""

    name: str
    port: int
    pid: int


@contextmanager
def gateways() -> Iterator[tuple[Gateway, Gateway, int]]:
    """Ours and Envoy's, one worker each, and the process id of the server behind both."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="howmuch-bench-")))
        server = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", "bench.ready_answers"], stdout=subprocess.PIPE, text=True
            )
        )
        stack.callback(server.kill)
        assert server.stdout is not None
        upstream = int(server.stdout.readline())
        where = ("--upstream", f"127.0.0.1:{upstream}", "--listen", "127.0.0.1:0")
        ours = stack.enter_context(running(directory / "log", *where, command="gateway"))
        descriptors = stack.enter_context(as_file(files("howmuch.v1") / "descriptor_set.binpb"))
        before = set(psutil.Process().children())
        config = envoy_config(descriptors, SERVICES, 0, upstream, strict=False)
        envoy_port = stack.enter_context(running_envoy(config, directory))
        (envoy,) = set(psutil.Process().children()) - before
        yield (
            Gateway("ours", int(ours.rest.rpartition(":")[2]), ours.process.pid),
            Gateway("Envoy", envoy_port, envoy.pid),
            server.pid,
        )


@dataclass(frozen=True, slots=True)
class Round:
    """One of them, measured once. cpu_us: processor time of the gateway for a request."""

    rate: float
    p50_ms: float
    p99_ms: float
    cpu_us: float


def measure(gateway: Gateway, work: Work) -> Round:
    """Sends requests for a while."""
    before = cpu_seconds(gateway.pid)
    requests = [http_load.request("GET", work.target)] * CONNECTIONS
    result = http_load.run(http_load.Requests(gateway.port, requests, SECONDS))
    cpu = cpu_seconds(gateway.pid) - before
    return Round(result.rate, result.p50_ms, result.p99_ms, cpu / result.requests * 1e6)


def report(work: Work, ours: list[Round], envoys: list[Round]) -> None:
    """Ratios first."""
    rates = [our.rate / envoy.rate for our, envoy in zip(ours, envoys, strict=True)]
    cpus = [our.cpu_us / envoy.cpu_us for our, envoy in zip(ours, envoys, strict=True)]
    reached = goal(median(rates) >= work.goal)
    print(f"{work.name}: {spread(rates)} times the rate of Envoy, goal {work.goal}: {reached}")
    print(f"  processor time of the gateway for a request: {spread(cpus)} times Envoy's")
    for name, rounds in (("ours", ours), ("Envoy", envoys)):
        print(
            f"  {name:<6} {spread([r.rate for r in rounds], '{:.0f}')} requests/s,"
            f" CPU {spread([r.cpu_us for r in rounds], '{:.0f}')} us,"
            f" p50 {median(r.p50_ms for r in rounds):.1f} ms,"
            f" p99 {spread([r.p99_ms for r in rounds], '{:.1f}')} ms"
        )


def main() -> None:
    """Ours and Envoy's take turns in each round."""
    if (reason := why_no_envoy()) is not None:
        raise SystemExit(f"There is nothing to measure beside: {reason}.")
    with gateways() as (ours, envoy, _):
        for work in WORK:
            measure(ours, work), measure(envoy, work)
            rounds = [(measure(ours, work), measure(envoy, work)) for _ in range(ROUNDS)]
            report(work, [our for our, _ in rounds], [their for _, their in rounds])


if __name__ == "__main__":
    main()
