"""What metrics and traces cost: CreateExpense and GetEvent with neither, with metrics, and with both.

Run: python -m bench.observability

The server is `howmuch serve`: nobody sends mails. The collector takes everything and looks at nothing. A
server that watches itself and one that does not work in the same seconds on the same cores, each for as many
clients: what else the machine does is the same for both. No two processes are alike: each round has new ones.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

from google.protobuf.message import Message

from bench import create_expense, data, load, machine
from bench.report import goal, spread
from howmuch.v1 import event_service_pb2
from tests.cli.program import Running
from tests.ports import free_address

ROUNDS = 12
"""Even: each of the two starts first as often as the other."""
SECONDS = 3.0
WARM_UP_SECONDS = 0.5
IN_FLIGHT = 4
"""For each of the two servers."""
GOAL = 1.10
GET_EVENT = "/howmuch.v1.EventService/GetEvent"
CALLS = ("CreateExpense", "GetEvent")


@dataclass(frozen=True, slots=True)
class Watch:
    """What a server tells of itself. ratio: of traces that are recorded; None: none are begun."""

    name: str
    ratio: float | None = None
    workers: int = 1


WATCHES = (
    Watch("metrics"),
    Watch("metrics, traces at 0.1", 0.1),
    Watch("metrics, traces at 1.0", 1.0),
    Watch("2 workers, metrics", workers=2),
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Milliseconds of processor time of a call, in both servers."""

    plain_ms: float
    watched_ms: float

    @property
    def ratio(self) -> float:
        """What watching costs."""
        return self.watched_ms / self.plain_ms


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


def settings_of(watch: Watch, endpoint: str) -> Mapping[str, Any]:
    """What is switched on."""
    metrics = {"metrics": {"listen": free_address()}}
    if watch.ratio is None:
        return metrics
    return metrics | {"tracing": {"endpoint": endpoint, "sample_ratio": watch.ratio}}


def calls(name: str, target: str, first_event: int, seconds: float) -> load.Calls:
    """What the clients of one server are to do, each in an event of its own."""
    numbers = range(first_event, first_event + IN_FLIGHT)
    requests: Mapping[str, Callable[[int], Message]] = {
        "CreateExpense": create_expense.request_of,
        "GetEvent": lambda event: event_service_pb2.GetEventRequest(event_id=data.event_id(event)),
    }
    paths = {"CreateExpense": create_expense.PATH, "GetEvent": GET_EVENT}
    return load.Calls(
        target=target,
        path=paths[name],
        requests=[requests[name](event).SerializeToString().hex() for event in numbers],
        tokens=[data.token(event) for event in numbers],
        seconds=seconds,
    )


def cpu_ms(server: Running, work: load.Calls) -> float:
    """Processor time of the server for a call."""
    before = machine.cpu_seconds(server.process.pid)
    result = load.run(work)
    return (machine.cpu_seconds(server.process.pid) - before) / result.calls * 1000


def measure(url: str, watch: Watch, endpoint: str, *, plain_first: bool) -> Mapping[str, Pair]:
    """One round: two new servers, and each call from both at once."""
    with ExitStack() as stack:

        def started(watched: bool) -> Running:
            settings = settings_of(watch, endpoint) if watched else {}
            return stack.enter_context(
                machine.server(url, workers=watch.workers, settings=settings, command="serve")
            )

        servers = {watched: started(watched) for watched in (not plain_first, plain_first)}
        threads = stack.enter_context(ThreadPoolExecutor(2))

        def both(name: str, seconds: float) -> Pair:
            found = {
                watched: threads.submit(
                    cpu_ms,
                    server,
                    calls(name, server.address, 1 + watched * IN_FLIGHT, seconds),
                )
                for watched, server in servers.items()
            }
            return Pair(found[False].result(), found[True].result())

        for name in CALLS:
            both(name, WARM_UP_SECONDS)
        return {name: both(name, SECONDS) for name in CALLS}


def report(name: str, rounds: Mapping[Watch, Sequence[Mapping[str, Pair]]]) -> None:
    """Ratios first: to the same server that does neither, with as many workers, in the same seconds."""
    print(f"{name}, {IN_FLIGHT} in flight at each of two servers:")
    for watch, measured in rounds.items():
        pairs = [each[name] for each in measured]
        ratios = [pair.ratio for pair in pairs]
        print(
            f"  {watch.name:<22} {spread(ratios)} times the CPU, {judged(watch, median(ratios))}"
            f"{spread([pair.plain_ms for pair in pairs])} ms a call without,"
            f" {spread([pair.watched_ms for pair in pairs])} with"
        )


def judged(watch: Watch, ratio: float) -> str:
    """All traces are not meant to be recorded where many calls come."""
    return "" if watch.ratio == 1.0 else f"goal {GOAL} {goal(ratio <= GOAL)}; "


def main() -> None:
    """Round by round, so that the machine's slow minutes are everybody's."""
    with machine.scratch_database() as (url, database), collector() as endpoint:
        data.add_events(database, 2 * IN_FLIGHT)
        database.dispose()
        rounds: dict[Watch, list[Mapping[str, Pair]]] = {watch: [] for watch in WATCHES}
        for number in range(ROUNDS):
            for watch, measured in rounds.items():
                measured.append(measure(url, watch, endpoint, plain_first=number % 2 == 0))
        for name in CALLS:
            report(name, rounds)


if __name__ == "__main__":
    main()
