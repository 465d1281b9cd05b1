"""Workers and the broker are killed while people write: everybody is told of everything, once."""

import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from howmuch.storage.database import Database
from tests.brokers import Node, node
from tests.cli.program import Running, running
from tests.contract.summary import PROPERTY
from tests.databases import closing_database, new_postgres_url
from tests.mail_delivery.counts import changes_noticed, unsent
from tests.mail_delivery.people import Friend, Trip, made_trip
from tests.mail_delivery.sink import Server, Sink
from tests.waiting import until

pytestmark = pytest.mark.killed

EVENTS = 20
MEMBERS = 5
CHANGES = 500
WORKERS = 2
WORKER_KILLS = 8
BROKER_KILLS = 3
SENDERS = 4
WRITING_SECONDS = 25.0
CONFIG = """
mail:
  window_seconds: 1
  threads: {senders}
  smtp: {{host: 127.0.0.1, port: {port}, timeout_seconds: 3}}
broker:
  retry_delays_seconds: [1, 2]
log: {{level: warning}}
"""


class Workers:
    """Some worker processes, each of which is started again when it has been killed."""

    def __init__(self, directory: Path, url: str, broker: str) -> None:
        self._directory = directory
        self._arguments = (
            *("--config", str(directory / "howmuch.yaml")),
            *("--database-url", url, "--broker-url", broker),
        )
        self._stacks = [ExitStack() for _ in range(WORKERS)]
        self._running: list[Running | None] = [None] * WORKERS
        self.starts = 0

    def start(self, index: int) -> None:
        self.starts += 1
        log = self._directory / f"worker-{self.starts}.log"
        self._running[index] = self._stacks[index].enter_context(
            running(log, *self._arguments, command="worker")
        )

    def kill(self, index: int) -> None:
        worker = self._running[index]
        assert worker is not None
        worker.process.kill()
        worker.process.wait()
        self._stacks[index].close()

    def close(self) -> None:
        for stack in self._stacks:
            stack.close()


@contextmanager
def writing(trips: list[Trip]) -> Iterator[Counter[tuple[str, str]]]:
    """Changes, spread over a while; counts what each recipient is to be told of: address and reason."""
    expected: Counter[tuple[str, str]] = Counter()

    def write() -> None:
        pause = WRITING_SECONDS / CHANGES
        for number in range(CHANGES):
            trip = trips[number % EVENTS]
            author = number // EVENTS % MEMBERS
            reason = f"change-{number:03}"
            trip.spend(by=author, reason=reason)
            for friend in trip.people:
                if friend is not trip.people[author]:
                    expected[friend.email, reason] += 1
            time.sleep(pause)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield expected
    finally:
        thread.join()


def torment(workers: Workers, broker: Node, chance: random.Random) -> None:
    """Kills them in turn, in the middle of whatever they do."""
    kills = ["worker"] * WORKER_KILLS + ["broker"] * BROKER_KILLS
    chance.shuffle(kills)
    for victim in kills:
        time.sleep(chance.uniform(0.2, 2.0))
        if victim == "broker":
            broker.kill()
            time.sleep(chance.uniform(0.1, 1.0))
            broker.start()
        else:
            index = chance.randrange(WORKERS)
            workers.kill(index)
            workers.start(index)


def finished(database: Database) -> bool:
    return changes_noticed(database) >= CHANGES and not unsent(database)


@pytest.mark.timeout(400)
def test_everybody_is_told_of_everything_once(
    postgres_server_url: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """500 changes, 2,000 notices; a mail that comes twice has the Message-ID of the first."""
    chance = random.Random(20261125)
    sink = Sink()
    with ExitStack() as stack:
        server = Server(sink)
        server.start()
        stack.callback(server.stop)
        (tmp_path / "howmuch.yaml").write_text(CONFIG.format(senders=SENDERS, port=sink.port))
        url = stack.enter_context(new_postgres_url(postgres_server_url))
        database = stack.enter_context(closing_database(url))
        broker = stack.enter_context(node())
        workers = Workers(tmp_path, url, broker.url())
        stack.callback(workers.close)
        for index in range(WORKERS):
            workers.start(index)
        trips = [made_trip(database, MEMBERS, name=f"Trip {index}") for index in range(EVENTS)]
        with writing(trips) as expected:
            torment(workers, broker, chance)
        until(lambda: finished(database), seconds=200, every=0.5)
        silent = quiet(trips, database, sink)
    told: Counter[tuple[str, str]] = Counter()
    sent: Counter[str] = Counter()
    for recipient, mail in sink.mails():
        sent[mail["message-id"]] += 1
        if sent[mail["message-id"]] == 1:
            body = mail.get_body(("plain",))
            assert body is not None
            for reason in set(re.findall(r"change-\d{3}", body.get_content())):
                told[recipient, reason] += 1
    repeated = sum(count - 1 for count in sent.values())
    record_property(
        PROPERTY,
        f"{CHANGES} changes in {EVENTS} events, {sum(expected.values())} notices, {len(sent)} mails;"
        f" killed: workers {WORKER_KILLS} times, RabbitMQ {BROKER_KILLS} times;"
        f" mails that came twice, with the same Message-ID: {repeated}",
    )
    assert told == expected
    assert silent == []
    # Only what a killed worker had handed over, and not yet noted, can come again.
    assert repeated <= SENDERS * WORKER_KILLS


def quiet(trips: list[Trip], database: Database, sink: Sink) -> list[str]:
    """Who muted or wants no mails any more, and still got one, of changes made after."""
    muted: list[Friend] = [trip.people[1] for trip in trips]
    off: list[Friend] = [trip.people[2] for trip in trips]
    for trip, friend, other in zip(trips, muted, off, strict=True):
        trip.mute(friend)
        trip.set_user(other, mail_mode="OFF")
    before = len(sink.received)
    for trip in trips:
        trip.spend(reason="later")
    until(lambda: len(sink.received) >= before + 2 * EVENTS, seconds=60, every=0.2)
    silent = {friend.email for friend in (*muted, *off)}
    return [to for to, _ in sink.received[before:] if to in silent]
