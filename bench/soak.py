"""A server under a steady, mixed load for a while: what grows, what slows down, what fails.

Run: python -m bench.soak --minutes 10

First the capacity is measured with as much load as clients can make; then calls start at 60 % of that rate,
whether or not those before them have been answered. One line a minute. Minutes differ by
more than what is looked for where the machine's speed changes: so at the end the server takes turns with a
new one over a new database, which is as it was itself at first. Last, a verdict on what grew.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from statistics import median

from bench import data, machine, mixed_load
from bench.load import elsewhere
from bench.log_in_storm import set_passwords
from bench.report import goal, spread
from tests.cli.program import Running

# All clients come from one address, which the limits would stop.
UNLIMITED = {"rate_limits": {"log_in_by_peer": "1000000 per minute"}}
EVENTS = 64
EXPENSES = 50
CAPACITY_SECONDS = 20.0
SHARE_OF_CAPACITY = 0.6
MEMORY_GOAL_PERCENT_AN_HOUR = 20.0
LATENCY_GOAL_TIMES = 1.25
TURNS = 10
TURN_SECONDS = 10.0
# The first is the warm-up; fewer tell nothing.
FEWEST_MINUTES = 7


@dataclass(frozen=True, slots=True)
class Minute:
    """What a minute was like. rss_mib, fds, threads: of all processes of the server together."""

    load: mixed_load.Result
    rss_mib: float
    fds: int
    threads: int


Turn = tuple[mixed_load.Result, mixed_load.Result]
"""Of the server and of the new one."""


@dataclass
class Soak:
    """The minutes so far."""

    minutes: list[Minute] = field(default_factory=list)

    def add(self, minute: Minute) -> None:
        """One more, as a line of the table."""
        self.minutes.append(minute)
        load = minute.load
        print(
            f"{len(self.minutes):4}  {load.rate:7.0f}  {load.errors:6}  {load.p50_ms:7.1f}"
            f"  {load.p99_ms:7.1f}  {minute.rss_mib:8.1f}  {minute.fds:5}  {minute.threads:7}",
            flush=True,
        )

    def verdict(self, turns: Sequence[Turn]) -> bool:
        """Says how it went; False where a goal was missed."""
        errors = sum(minute.load.errors for minute in self.minutes)
        print(f"errors: {errors}, goal 0: {goal(not errors)}")
        good = not errors
        for each in (minute for minute in self.minutes if minute.load.texts):
            print(f"  {'; '.join(each.load.texts)}")
        if len(self.minutes) < FEWEST_MINUTES:
            print(f"fewer than {FEWEST_MINUTES} minutes tell nothing of what grows")
            return good
        slope = percent_an_hour([minute.rss_mib for minute in self.minutes[1:]])
        p50 = beside_new([(old.p50_ms, new.p50_ms) for old, new in turns])
        p99 = beside_new([(old.p99_ms, new.p99_ms) for old, new in turns])
        for said, value, limit in (
            (f"memory: {slope:+.1f} % an hour", slope, MEMORY_GOAL_PERCENT_AN_HOUR),
            (f"p50: {p50:.2f} times that of a new one", p50, LATENCY_GOAL_TIMES),
            (f"p99: {p99:.2f} times that of a new one", p99, LATENCY_GOAL_TIMES),
        ):
            good &= value <= limit
            print(f"{said}, goal at most {limit:g}: {goal(value <= limit)}")
        return good


def beside_new(turns: Sequence[tuple[float, float]]) -> float:
    """The median of the server's milliseconds to that of the new one's, as a line of all turns, too."""
    old, new = (spread(each, "{:.1f}") for each in zip(*turns, strict=True))
    print(f"in {len(turns)} turns: {old} ms, a new one {new} ms")
    return median(ms for ms, _ in turns) / median(ms for _, ms in turns)


def percent_an_hour(by_minute: Sequence[float]) -> float:
    """The slope beside the mean, by Theil and Sen: the median of those between any two."""
    slopes = sorted(
        (later - earlier) / (j - i)
        for i, earlier in enumerate(by_minute)
        for j, later in enumerate(by_minute)
        if j > i
    )
    mean = sum(by_minute) / len(by_minute)
    return slopes[len(slopes) // 2] * 60 / mean * 100


def work(target: str, seconds: float, rate: float | None) -> mixed_load.Work:
    """What the clients are to do. rate: calls a second; None: as many as there can be."""
    return mixed_load.Work(target=target, events=EVENTS, seconds=seconds, rate=rate)


def run(given: mixed_load.Work) -> mixed_load.Result:
    """Does it from another process."""
    return mixed_load.Result(**elsewhere("bench.mixed_load", asdict(given)))


def take_turns(old: str, new: str, rate: float) -> list[Turn]:
    """The same load on two servers, once the new one is warm, too."""
    run(work(new, CAPACITY_SECONDS, rate))
    return [
        (run(work(old, TURN_SECONDS, rate)), run(work(new, TURN_SECONDS, rate)))
        for _ in range(TURNS)
    ]


@contextmanager
def serving(redis_url: str, workers: int) -> Iterator[Running]:
    """A server over a database with events, expenses and owners who can log in."""
    with ExitStack() as stack:
        url, database = stack.enter_context(machine.scratch_database())
        data.add_events(database, EVENTS)
        for event in range(1, EVENTS + 1):
            data.add_expenses(database, event, EXPENSES)
        set_passwords(database)
        database.dispose()
        settings = UNLIMITED | ({"redis": {"url": redis_url}} if redis_url else {})
        yield stack.enter_context(
            machine.server(url, workers=workers, settings=settings, command="serve")
        )


def main() -> int:
    """The exit code is 1 where a goal was missed."""
    parser = argparse.ArgumentParser(prog="bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=int, default=10)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--redis-url", default="", help="default: without Redis")
    options = parser.parse_args()
    soak = Soak()
    with serving(options.redis_url, options.workers) as server:
        pid, target = server.process.pid, server.address
        capacity = run(work(target, CAPACITY_SECONDS, None))
        rate = capacity.rate * SHARE_OF_CAPACITY
        print(
            f"capacity {capacity.rate:.0f} calls/s ({capacity.errors} errors);"
            f" {options.minutes} min at {rate:.0f}"
        )
        print("min  calls/s  errors  p50, ms  p99, ms  RSS, MiB   fds  threads")
        for _ in range(options.minutes):
            load = run(work(target, 60.0, rate))
            soak.add(Minute(load, *machine.resources(pid)))
        turns: list[Turn] = []
        if options.minutes >= FEWEST_MINUTES:
            with serving(options.redis_url, options.workers) as new:
                turns = take_turns(target, new.address, rate)
    return int(not soak.verdict(turns))


if __name__ == "__main__":
    sys.exit(main())
