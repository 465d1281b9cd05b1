"""A campaign: clients call while faults come and go; then everything heals, and the evidence is collected."""

import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field

import grpc

from tests.chaos import collect
from tests.chaos.clients import Client
from tests.chaos.evidence import Balances, Evidence
from tests.chaos.faults import Fault
from tests.chaos.journal import Journal
from tests.chaos.places import Ground, Place, prepared, session_of
from tests.chaos.visitors import Visitor
from tests.chaos.watchers import GrpcFollower, SseFollower, Watcher
from tests.chaos.ways import OverGrpc, OverRest, Way
from tests.chaos.world import World
from tests.chaos.writers import Writer
from tests.databases import closing_database
from tests.mail_delivery.counts import unsent
from tests.service.api import Api
from tests.waiting import comes_true

WRITERS = 4
EVENTS = 3
CALLS_BETWEEN = 40
"""How many calls must be acknowledged between two faults."""
RECOVERY_SECONDS = 60.0
"""How long that may take, and how long each server may take to answer in the end."""
SHORTEST_SHARE = 0.3
"""Of the longest time of a fault, how long it lasts at least."""
SETTLED_SECONDS = 120.0
"""How long the mails, and the watchers, may take in the end."""
ENDED_SECONDS = 150.0

Say = Callable[[str], None]
Enough = Callable[[int], bool]


@dataclass
class Campaign:
    """enough: whether so many faults are enough, asked before each. say: takes one line for each fault.

    only: parts of the names of the faults to run; empty means all.
    """

    world: World
    seed: int
    enough: Enough
    say: Say
    only: Sequence[str] = ()
    journal: Journal = field(default_factory=Journal)
    faults: Counter[str] = field(default_factory=Counter)
    stuck: list[str] = field(default_factory=list)
    watchers: list[Watcher] = field(default_factory=list)
    _repeating: int = 0

    def run(self) -> Evidence:
        """All of it."""
        with ExitStack() as stack:
            ground = self._prepare()
            first = self._revisions(ground)
            self._disturb(stack, ground, first)
            return self._collect(stack, ground, first)

    def _prepare(self) -> Ground:
        url = self.world.database_url
        with closing_database(url) as database, grpc.insecure_channel(self.world.target) as channel:
            api = Api(channel, database, self.world.target)
            return prepared(api, database, writers=WRITERS, events=EVENTS)

    def _disturb(self, stack: ExitStack, ground: Ground, first: dict[str, int]) -> None:
        """Clients, watchers and faults, until the faults are enough and everything is healed."""
        stop, stop_watchers = threading.Event(), threading.Event()
        self.watchers = self._made_watchers(ground, first)
        runs = [*self._made_writers(stack, ground), self._made_visitor(stack, ground).run]
        with ThreadPoolExecutor(len(runs) + len(self.watchers)) as threads:
            clients = [threads.submit(run, stop) for run in runs]
            watching = [threads.submit(each.run, stop_watchers) for each in self.watchers]
            try:
                self._run_faults(ground)
                self._wait_for_calls("the last fault")
                stop.set()
                self._end(clients)
                self._settle(ground, first)
            finally:
                stop.set()
                stop_watchers.set()
                for watcher in self.watchers:
                    watcher.stop()
            self._end(watching)

    def _revisions(self, ground: Ground) -> dict[str, int]:
        url = self.world.database_url
        with closing_database(url) as database, database.read() as connection:
            return collect.revisions(connection, ground.places)

    def _chance(self, name: str) -> random.Random:
        """Each client has its own, so that the threads do not share one."""
        return random.Random(f"{self.seed} {name}")

    def _client(self, stack: ExitStack, name: str, way: Way, user_id: str) -> Client:
        stack.callback(way.close)
        return Client(name, way, self.journal, self._chance(name), user_id)

    def _made_writers(
        self, stack: ExitStack, ground: Ground
    ) -> Iterator[Callable[[threading.Event], None]]:
        """Every other one over REST."""
        for number, person in enumerate(ground.writers):
            way = OverRest(self.world.rest) if number % 2 else OverGrpc(self.world.target)
            client = self._client(stack, person.name, way, person.user_id)
            yield Writer(client, session_of(person), list(ground.places)).run

    def _made_visitor(self, stack: ExitStack, ground: Ground) -> Visitor:
        person = ground.visitor
        over_grpc, over_rest = OverGrpc(self.world.target), OverRest(self.world.rest)
        return Visitor(
            person,
            list(ground.places),
            driver=self._client(stack, "v1d", OverGrpc(self.world.target), person.user_id),
            writers=[
                self._client(stack, "v1g", over_grpc, person.user_id),
                self._client(stack, "v1r", over_rest, person.user_id),
            ],
            owners={
                place.event_id: self._client(
                    stack, f"v1o{index}", OverGrpc(self.world.target), place.owner.user_id
                )
                for index, place in enumerate(ground.places)
            },
        )

    def _made_watchers(self, ground: Ground, first: dict[str, int]) -> list[Watcher]:
        """One over gRPC and one over SSE for each event; from now, or from the beginning."""
        return [
            Watcher(follower, place.event_id, since, person.token)
            for place, person in zip(ground.places, ground.writers[1:], strict=False)
            for follower, since in (
                (GrpcFollower(OverGrpc(self.world.target)), first[place.event_id]),
                (SseFollower(OverRest(self.world.rest)), 0),
            )
        ]

    def _run_faults(self, ground: Ground) -> None:
        chance = self._chance("faults")
        faults = self._faults_of(ground)
        deck: list[Fault] = []
        last = "the start"
        while not self.enough(self.faults.total()) and self._wait_for_calls(last):
            if not deck:  # Each comes once before any comes again.
                deck = chance.sample(faults, len(faults))
            fault = deck.pop()
            last = fault.name
            seconds = fault.longest_seconds * chance.uniform(SHORTEST_SHARE, 1)
            self.say(f"{self.journal.seconds:7.1f} s  {fault.name}, for {seconds:.1f} s")
            self.faults[fault.name] += 1
            self._repeating += fault.repeats_mails
            if not self._run_fault(fault, seconds):
                return

    def _faults_of(self, ground: Ground) -> list[Fault]:
        found = [*self.world.faults, self.world.lock(ground.places[0].event_id)]
        return [
            fault
            for fault in found
            if not self.only or any(text in fault.name for text in self.only)
        ]

    def _run_fault(self, fault: Fault, seconds: float) -> bool:
        """False means that a program did not stop or start as it should."""
        try:
            fault.start()
            threading.Event().wait(seconds)
            fault.heal()
        except (AssertionError, subprocess.SubprocessError) as error:
            self.stuck.append(f"{fault.name}: {error}")
            return False
        return True

    def _wait_for_calls(self, after: str) -> bool:
        """Whether the clients get on."""
        if self.journal.wait_for_acknowledged(CALLS_BETWEEN, RECOVERY_SECONDS):
            return True
        self.stuck.append(
            f"fewer than {CALLS_BETWEEN} calls were acknowledged in {RECOVERY_SECONDS:.0f} s"
            f" after {after}"
        )
        return False

    def _end(self, runs: Sequence[Future[None]]) -> None:
        give_up_at = time.monotonic() + ENDED_SECONDS
        for each in runs:
            error = each.exception(max(1.0, give_up_at - time.monotonic()))
            if error is not None:
                self.stuck.append(f"a client broke off: {error!r}")

    def _settle(self, ground: Ground, first: dict[str, int]) -> None:
        """Until all mails are out, and the watchers have seen all."""
        readers = [person.user_id for person in ground.writers]
        with closing_database(self.world.database_url) as database:
            with database.read() as connection:
                last = collect.revisions(connection, ground.places)
            comes_true(
                lambda: not unsent(database) and collect.told(database, readers, first),
                seconds=SETTLED_SECONDS,
                every=0.5,
            )
            if waiting := unsent(database):
                text = f"{waiting} messages and mails are not out after {SETTLED_SECONDS:.0f} s"
                self.stuck.append(text)
            comes_true(
                lambda: all(
                    watcher.has_seen(*each) for watcher in self.watchers for each in last.items()
                ),
                seconds=SETTLED_SECONDS,
                every=0.1,
            )

    def _balances(self, way: Way, source: str, place: Place) -> Balances | None:
        """What this server says, once it answers."""
        found: list[Balances | None] = []

        def answered() -> bool:
            found.append(collect.balances(way, source, place))
            return found[-1] is not None

        if not comes_true(answered, seconds=RECOVERY_SECONDS, every=0.5):
            self.stuck.append(f"{source} does not answer GetBalances of {place.event_id}")
        return found[-1]

    def _collect(self, stack: ExitStack, ground: Ground, first: dict[str, int]) -> Evidence:
        url = self.world.database_url
        ways: dict[str, Way] = {target: OverGrpc(target) for target in self.world.targets}
        ways["REST"] = OverRest(self.world.rest)
        said = []
        for source, way in ways.items():
            stack.callback(way.close)
            for place in ground.places:
                found = self._balances(way, source, place)
                said += [found] if found else []
        people = [*ground.writers, ground.visitor]
        with closing_database(url) as database, database.read() as connection:
            events = [place.event_id for place in ground.places]
            return Evidence(
                calls=self.journal.calls(),
                history={each: collect.history(connection, each) for each in events},
                revisions=collect.revisions(connection, ground.places),
                first=first,
                watches=[watcher.watch() for watcher in self.watchers],
                balances=said,
                differences=collect.differences(url),
                readers={each: [person.user_id for person in ground.writers] for each in events},
                notices=collect.notices(connection),
                mails=collect.mails(
                    self.world.sink, {person.email: person.user_id for person in people}
                ),
                repeats_allowed=self._repeating * EVENTS * len(people),
                dead_letters=collect.dead_letters(url, self.world.broker_url),
                stuck=self.stuck,
            )
