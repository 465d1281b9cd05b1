"""Mails: changes per second from commit to the mail server's 250, and one change told to 50 members.

One worker process, PostgreSQL, RabbitMQ and a mail server on this machine that takes everything. The changes
are committed while no worker runs; then it is started, and the time counts from its first sign of life.
Run: python -m bench.mail
"""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.machine import cpu_seconds, scratch_database
from bench.report import goal
from howmuch.storage.database import Database
from tests.brokers import virtual_host
from tests.cli.program import running
from tests.mail_delivery.people import Trip, made_trip

RABBITMQ = "amqp://guest:guest@127.0.0.1:5672/"
GOAL = 300
EVENTS = 200
MEMBERS = 5
FANOUT_MEMBERS = 50
FANOUT_CHANGES = 20
LONGEST_SECONDS = 120.0


class Sink:
    """A mail server in a process of its own, and how many mails it has taken."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.smtp_sink"], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self.count = 0
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        assert self.process.stdout is not None
        for _ in self.process.stdout:
            self.count += 1

    def wait_for(self, count: int) -> float:
        """When the last of so many mails came."""
        until = time.monotonic() + LONGEST_SECONDS
        while self.count < count:
            if time.monotonic() > until:
                raise SystemExit(f"only {self.count} of {count} mails came")
            time.sleep(0.01)
        return time.perf_counter()

    def stop(self) -> None:
        """Ends it."""
        self.process.kill()
        self.process.wait()


@contextmanager
def worker(url: str, broker: str, smtp_port: int, directory: Path) -> Iterator[int]:
    """A worker; its process id."""
    config = directory / "howmuch.yaml"
    config.write_text(
        f"mail:\n  window_seconds: 0\n  smtp:\n    host: 127.0.0.1\n    port: {smtp_port}\n"
        "log:\n  level: warning\n"
    )
    where = ("--config", str(config), "--database-url", url, "--broker-url", broker)
    with running(directory / "log", *where, command="worker") as program:
        yield program.process.pid


def measure(database: Database, url: str, trips: list[Trip], changes: int, title: str) -> float:
    """Mails per second."""
    for trip in trips:
        trip.spend(changes)
    expected = sum(len(trip.others) for trip in trips)
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="howmuch-bench-")))
        broker = stack.enter_context(virtual_host(RABBITMQ))
        sink = Sink()
        stack.callback(sink.stop)
        pid = stack.enter_context(worker(url, broker, sink.port, directory))
        first = sink.wait_for(1)
        done, cpu = sink.count, cpu_seconds(pid)
        last = sink.wait_for(expected)
        seconds = last - first
        used = cpu_seconds(pid) - cpu
    count = expected - done
    rate = count / seconds
    print(
        f"{title}: {rate:.0f} mails/s ({count} mails of {changes} changes each in {seconds:.2f} s;"
        f" worker's processor time {used / count * 1e3:.2f} ms a mail)"
    )
    return rate


def main() -> None:
    """Both measurements, three times each."""
    with scratch_database() as (url, database):
        rates = []
        for _ in range(3):
            trips = [made_trip(database, MEMBERS) for _ in range(EVENTS)]
            rates.append(measure(database, url, trips, 1, f"{EVENTS} events of {MEMBERS}"))
        rate = median(rates)
        print(f"median: {rate:.0f} mails/s, goal {GOAL}: {goal(rate >= GOAL)}")
        for _ in range(3):
            trip = made_trip(database, FANOUT_MEMBERS)
            measure(database, url, [trip], 1, f"one change to {FANOUT_MEMBERS} members")


if __name__ == "__main__":
    main()
