"""What a second worker adds: the same calls to a server with one worker and with two, and who used the cores.

Run: python -m bench.workers

Server, client and PostgreSQL share the cores. So the second column says how many cores the server itself
used: where that cannot double, neither can the rate.
"""

import os
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

import psutil
from google.protobuf.message import Message

from bench import create_expense, data, load, machine
from bench.report import goal, spread
from howmuch.v1 import event_service_pb2
from tests.cli.program import Running

ROUNDS = 5
SECONDS = 3.0
IN_FLIGHT = 32
GOAL = 1.6
COUNTS = (1, 2)
CORES = os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Round:
    """rate: calls a second. server, all: cores that the server used, and that everybody used."""

    rate: float
    server: float
    all: float


def busy_seconds() -> float:
    """Processor time that the whole machine has used."""
    times = psutil.cpu_times()
    serving = times.irq + times.softirq + times.steal
    return float(times.user + times.nice + times.system + serving)


def calls(target: str, path: str, requests: Mapping[int, Message]) -> load.Calls:
    """Each caller has an event of its own."""
    return load.Calls(
        target=target,
        path=path,
        requests=[request.SerializeToString().hex() for request in requests.values()],
        tokens=[data.token(number) for number in requests],
        seconds=SECONDS,
    )


def measure(server: Running, path: str, requests: Mapping[int, Message]) -> Round:
    """One round of load."""
    started, server_before = time.perf_counter(), machine.cpu_seconds(server.process.pid)
    all_before = busy_seconds()
    result = load.run(calls(server.address, path, requests))
    seconds = time.perf_counter() - started
    spent = machine.cpu_seconds(server.process.pid) - server_before
    return Round(result.rate, spent / seconds, (busy_seconds() - all_before) / seconds)


def main() -> None:
    """One worker and two take turns."""
    numbers = range(1, IN_FLIGHT + 1)
    kinds: Mapping[str, tuple[str, Mapping[int, Message]]] = {
        "CreateExpense": (
            create_expense.PATH,
            {number: create_expense.request_of(number) for number in numbers},
        ),
        "GetEvent": (
            "/howmuch.v1.EventService/GetEvent",
            {n: event_service_pb2.GetEventRequest(event_id=data.event_id(n)) for n in numbers},
        ),
    }
    print(f"{IN_FLIGHT} in flight, {CORES} cores; {ROUNDS} rounds: median [least-most]")
    with machine.scratch_database() as (url, database), ExitStack() as stack:
        data.add_events(database, IN_FLIGHT)
        database.dispose()
        servers = {
            count: stack.enter_context(machine.server(url, workers=count, command="serve"))
            for count in COUNTS
        }
        for name, (path, requests) in kinds.items():
            rounds: dict[int, list[Round]] = {count: [] for count in COUNTS}
            for _ in range(ROUNDS):
                for count, server in servers.items():
                    rounds[count].append(measure(server, path, requests))
            ratios = [two.rate / one.rate for one, two in zip(rounds[1], rounds[2], strict=True)]
            room = CORES / median(each.all for each in rounds[1])
            cores = f"; the cores have room for {room:.2f}" if room < GOAL else ""
            print(
                f"{name}: two workers do {spread(ratios)} times what one does,"
                f" goal {GOAL} {goal(median(ratios) >= GOAL)}{cores}"
            )
            for count, found in rounds.items():
                rates = spread([each.rate for each in found], "{:.0f}")
                server_cores = spread([each.server for each in found])
                others = spread([each.all - each.server for each in found])
                print(
                    f"  {count}: {rates} calls/s; cores used by the server {server_cores},"
                    f" by client, PostgreSQL and the rest {others}"
                )


if __name__ == "__main__":
    main()
