"""CreateExpense with three shares, beside the same reads and inserts by pgbench.

Run: python -m bench.create_expense

Every caller writes to an event of its own, so that none waits for another's lock; every write is committed
durably. Server, clients and PostgreSQL share the cores, as pgbench and PostgreSQL do.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from bench import data, floor, load, machine
from bench.report import goal, spread
from howmuch.v1 import expense_pb2, expense_service_pb2
from tests.cli.program import Running

PATH = "/howmuch.v1.ExpenseService/CreateExpense"
ROUNDS = 3
SECONDS = 3.0
MANY = 32
SHARE_OF_FLOOR_GOALS = {1: 0.25, 2: 0.40}
CPU_GOAL_MS = 1.5


@dataclass
class Series:
    """The rounds of one line of the table."""

    floors: list[float] = field(default_factory=list)
    results: list[load.Result] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        """Of each round: the server's rate to the floor's."""
        return [
            result.rate / floor_rate
            for result, floor_rate in zip(self.results, self.floors, strict=True)
        ]


def request_of(event: int) -> expense_service_pb2.CreateExpenseRequest:
    """An expense of 30.01 that the owner paid for three."""
    members = [data.member_id(event, index) for index in range(3)]
    expense = expense_pb2.Expense(
        reason="Dinner",
        date="2026-11-22",
        amount="30.01",
        payments=[expense_pb2.Payment(member_id=members[0])],
        split=expense_pb2.Split(equal=expense_pb2.EqualSplit(member_ids=members)),
    )
    return expense_service_pb2.CreateExpenseRequest(event_id=data.event_id(event), expense=expense)


def calls(target: str, in_flight: int) -> load.Calls:
    """What the client is to do."""
    numbers = range(1, in_flight + 1)
    return load.Calls(
        target=target,
        path=PATH,
        requests=[request_of(event).SerializeToString().hex() for event in numbers],
        tokens=[data.token(event) for event in numbers],
        seconds=SECONDS,
    )


def measure(server: Running, in_flight: int, series: Series) -> None:
    """One round of load on a server."""
    before = machine.cpu_seconds(server.process.pid)
    result = load.run(calls(server.address, in_flight))
    spent = machine.cpu_seconds(server.process.pid) - before
    series.results.append(result)
    series.cpu_ms.append(spent / result.calls * 1000)


def report(in_flight: int, workers: int, series: Series) -> None:
    """One line: ratio, rate, percentiles, processor time."""

    def column(of: Callable[[load.Result], float], form: str) -> str:
        return spread([of(result) for result in series.results], form)

    wanted = SHARE_OF_FLOOR_GOALS[workers] if in_flight == MANY else None
    of_floor = spread(series.ratios, "{:.0%}")
    if wanted:
        of_floor += f" of the floor, goal {wanted:.0%} {goal(median(series.ratios) >= wanted)}"
    else:
        of_floor += " of the floor"
    cpu = f"{spread(series.cpu_ms)} ms CPU a call, goal {CPU_GOAL_MS}"
    print(
        f"{in_flight:3} in flight, {workers} worker{'s' * (workers > 1)}: {of_floor};"
        f" {cpu} {goal(median(series.cpu_ms) <= CPU_GOAL_MS)};"
        f" {column(lambda result: result.rate, '{:.0f}')} calls/s"
        f" beside {spread(series.floors, '{:.0f}')};"
        f" p50 {column(lambda result: result.p50_ms, '{:.1f}')} ms,"
        f" p99 {column(lambda result: result.p99_ms, '{:.1f}')} ms"
    )


def main() -> None:
    """Floor and servers take turns, so that whatever else the machine does falls on all of them."""
    print(f"CreateExpense, three shares, PostgreSQL; {ROUNDS} rounds: median [least-most]")
    lines = {(1, 1): Series(), (MANY, 1): Series(), (MANY, 2): Series()}
    with machine.scratch_database() as (url, database):
        data.add_events(database, MANY)
        database.dispose()
        with machine.server(url) as one, machine.server(url, workers=2) as two:
            for _ in range(ROUNDS):
                for in_flight in (1, MANY):
                    rate = floor.run(url, in_flight=in_flight, seconds=SECONDS)
                    for (callers, workers), series in lines.items():
                        if callers == in_flight:
                            series.floors.append(rate)
                            measure(one if workers == 1 else two, in_flight, series)
    for (in_flight, workers), series in lines.items():
        report(in_flight, workers, series)


if __name__ == "__main__":
    main()
