"""What metrics and traces cost: CreateExpense and GetEvent with neither, with metrics, and with both.

Run: python -m bench.observability

The server is `howmuch serve`: nobody sends mails. The collector takes everything and looks at nothing. The
processor time is the server's alone; the rate also pays for the collector, which shares the cores.
"""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench import create_expense, data, load, machine
from bench.report import goal, spread
from howmuch.v1 import event_service_pb2
from tests.cli.program import free_address

ROUNDS = 11
SECONDS = 1.0
IN_FLIGHT = 8
"""As many as connections: six servers are more than PostgreSQL takes with what they would have by default."""
GOAL = 1.10
GET_EVENT = "/howmuch.v1.EventService/GetEvent"
NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Round:
    """One server, measured once. cpu_ms: processor time of the server for a call. rate: calls a second."""

    cpu_ms: float
    rate: float


@contextmanager
def collector() -> Iterator[str]:
    """The endpoint of one that runs."""
    command = [sys.executable, "-m", "bench.span_sink"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()


@contextmanager
def servers(url: str) -> Iterator[Mapping[str, machine.Running]]:
    """The same server four times: what it does beside its work is different."""
    with ExitStack() as stack:
        endpoint = stack.enter_context(collector())

        def plain(workers: int = 1, **settings: Any) -> machine.Running:
            settings["database"] = {"pool_size": IN_FLIGHT}
            return stack.enter_context(
                machine.server(url, workers=workers, settings=settings, command="serve")
            )

        def started(ratio: float | None = None, workers: int = 1) -> machine.Running:
            traced = {} if ratio is None else {"endpoint": endpoint, "sample_ratio": ratio}
            return plain(tracing=traced, metrics={"listen": free_address()}, workers=workers)

        yield {
            NEITHER: plain(),
            "metrics": started(),
            "metrics, traces at 0.1": started(0.1),
            "metrics, traces at 1.0": started(1.0),
            "2 workers, neither": plain(workers=2),
            "2 workers, metrics": started(workers=2),
        }


def calls(name: str, target: str) -> load.Calls:
    """What the clients are to do."""
    numbers = range(1, IN_FLIGHT + 1)
    requests = {
        "CreateExpense": create_expense.request_of,
        "GetEvent": lambda event: event_service_pb2.GetEventRequest(event_id=data.event_id(event)),
    }
    paths = {"CreateExpense": create_expense.PATH, "GetEvent": GET_EVENT}
    return load.Calls(
        target=target,
        path=paths[name],
        requests=[requests[name](event).SerializeToString().hex() for event in numbers],
        tokens=[data.token(event) for event in numbers],
        seconds=SECONDS,
    )


def measure(name: str, server: machine.Running) -> Round:
    """One round of load."""
    before = machine.cpu_seconds(server.process.pid)
    result = load.run(calls(name, server.address))
    spent = machine.cpu_seconds(server.process.pid) - before
    return Round(spent / result.calls * 1000, result.rate)


def report(name: str, rounds: Mapping[str, Sequence[Round]]) -> None:
    """Ratios first: to the same server, with as many workers, that does neither, in the same round."""
    print(f"{name}, {IN_FLIGHT} in flight:")
    for server, measured in rounds.items():
        plain = rounds["2 workers, neither" if server.startswith("2 workers") else NEITHER]
        if measured is plain:
            ratio = "1"
        else:
            cpus = [own.cpu_ms / base.cpu_ms for own, base in zip(measured, plain, strict=True)]
            rates = [own.rate / base.rate for own, base in zip(measured, plain, strict=True)]
            ratio = (
                f"{spread(cpus)} times the CPU, goal {GOAL} {goal(median(cpus) <= GOAL)};"
                f" {spread(rates)} times the rate"
            )
        print(
            f"  {server:<24} {ratio}; {spread([each.cpu_ms for each in measured], '{:.3f}')} ms CPU a call,"
            f" {spread([each.rate for each in measured], '{:.0f}')} calls/s"
        )


def main() -> None:
    """Servers take turns within each round."""
    with machine.scratch_database() as (url, database):
        data.add_events(database, IN_FLIGHT)
        database.dispose()
        with servers(url) as running:
            for name in ("CreateExpense", "GetEvent"):
                rounds: dict[str, list[Round]] = {server: [] for server in running}
                turns = list(running.items())
                for _ in range(ROUNDS):
                    for server, program in turns:
                        rounds[server].append(measure(name, program))
                    turns.reverse()  # So that nobody always comes after the same one.
                report(name, rounds)


if __name__ == "__main__":
    main()
