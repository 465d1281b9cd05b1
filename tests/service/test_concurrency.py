"""Many writers on one event, at once: nothing is lost, nothing is done twice, nothing differs."""

import itertools
import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import grpc
import pytest

from howmuch.model import Expense, etag
from howmuch.usecases.history import Change, read_changes
from howmuch.usecases.ledger_check import check_event
from howmuch.v1 import expense_pb2
from howmuch.v1 import expense_service_pb2 as xs
from tests.service.api import Api, Person, failure_of

WRITERS = 32
OPERATIONS = 2_000
# How a write may be refused here: somebody else was faster.
REFUSALS = {"ETAG_STALE", "EXPENSE_DELETED", "EXPENSE_NOT_DELETED"}


@dataclass
class Trip:
    """One event and what its writers know. answers: what was answered, beside what must have done it."""

    event_id: str
    member_ids: list[str]
    lock: threading.Lock = field(default_factory=threading.Lock)
    seen: dict[str, str] = field(default_factory=dict)
    created: dict[str, set[str]] = field(default_factory=dict)
    answers: list[tuple[str, expense_pb2.Expense]] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)

    def answered(self, kind: str, expense: expense_pb2.Expense) -> None:
        """Notes an answer, and what the expense was then, for anybody to build on."""
        with self.lock:
            self.answers.append((kind, expense))
            self.seen[expense.id] = expense.etag


class Writer:
    """A member who does things at random; two writers are one user, and send the same creations."""

    def __init__(self, trip: Trip, person: Person, number: int) -> None:
        self.trip = trip
        self.calls = person.expenses
        self.name = f"writer-{number}"
        self.user_id = person.user_id
        self.random = random.Random(number)
        self.twin_keys = itertools.count()

    def run(self, operations: int) -> None:
        """Does so many operations."""
        kinds = (self.create, self.update, self.update, self.delete, self.undelete)
        for number in range(operations):
            write = self.create if number < 3 else self.random.choice(kinds)
            try:
                write(f"{self.name}, {number}")
            except grpc.RpcError as error:
                reason = failure_of(error).reason
                with self.trip.lock:
                    self.trip.refusals[reason] += 1

    def create(self, _reason: str) -> None:
        """An expense that both twins send, by the same key."""
        number = next(self.twin_keys)
        key = f"{self.user_id}/{number}"
        choice = random.Random(key)
        expense = expense_pb2.Expense(
            reason=key,
            date="2026-11-22",
            amount=f"{choice.randint(1, 10**6) / 100:.2f}",
            payments=[expense_pb2.Payment(member_id=choice.choice(self.trip.member_ids))],
            split=self.split(choice),
        )
        request = xs.CreateExpenseRequest(event_id=self.trip.event_id, expense=expense)
        made = self.send(self.calls.CreateExpense, request, key)
        with self.trip.lock:
            self.trip.created.setdefault(key, set()).add(made.id)
            self.trip.seen.setdefault(made.id, made.etag)

    def update(self, reason: str) -> None:
        """Another reason, which no other update gives, and perhaps another split."""
        expense_id, known = self.pick()
        expense = expense_pb2.Expense(
            id=expense_id, event_id=self.trip.event_id, reason=reason, etag=known
        )
        if self.random.random() < 0.5:
            expense.split.CopyFrom(self.split(self.random))
        self.write(
            "EXPENSE_UPDATED", self.calls.UpdateExpense, xs.UpdateExpenseRequest(expense=expense)
        )

    def delete(self, _reason: str) -> None:
        """A deletion."""
        expense_id, known = self.pick()
        request = xs.DeleteExpenseRequest(
            event_id=self.trip.event_id, expense_id=expense_id, etag=known
        )
        self.write("EXPENSE_DELETED", self.calls.DeleteExpense, request)

    def undelete(self, _reason: str) -> None:
        """A deletion taken back."""
        expense_id, known = self.pick()
        request = xs.UndeleteExpenseRequest(
            event_id=self.trip.event_id, expense_id=expense_id, etag=known
        )
        self.write("EXPENSE_UNDELETED", self.calls.UndeleteExpense, request)

    def write(self, kind: str, method: Callable[..., expense_pb2.Expense], request: object) -> None:
        """A write by a key of its own."""
        self.trip.answered(kind, self.send(method, request, f"{self.name}/{self.random.random()}"))

    def send(
        self, method: Callable[..., expense_pb2.Expense], request: object, key: str
    ) -> expense_pb2.Expense:
        """Sends a request, now and then once more, as if the answer had been lost."""
        answer = method(request, metadata=(("idempotency-key", key),))
        if self.random.random() < 0.2:
            assert method(request, metadata=(("idempotency-key", key),)) == answer
        return answer

    def pick(self) -> tuple[str, str]:
        """An expense and its etag: the last that anybody saw, a stale one, or none."""
        with self.trip.lock:
            expense_id, known = self.random.choice(list(self.trip.seen.items()))
        return expense_id, self.random.choice((known, known, "v1", ""))

    def split(self, choice: random.Random) -> expense_pb2.Split:
        """Equally over some."""
        some = choice.sample(self.trip.member_ids, choice.randint(1, 8))
        return expense_pb2.Split(equal=expense_pb2.EqualSplit(member_ids=some))


def made_trip(api: Api) -> tuple[Trip, list[Person]]:
    """An event with half as many editors as there are writers."""
    people = [api.person(f"P{number}") for number in range(WRITERS // 2)]
    event = people[0].event()
    joined = [person.join(people[0], event.id).member_id for person in people[1:]]
    return Trip(event.id, [event.member_id, *joined]), people


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["postgresql", "pgbouncer"], indirect=True)
def test_two_thousand_operations_of_32_writers_at_once(api: Api) -> None:
    """Every answered write is in history once, stale ones are refused, and the books are right."""
    trip, people = made_trip(api)
    writers = [Writer(trip, people[number // 2], number) for number in range(WRITERS)]
    with ThreadPoolExecutor(WRITERS) as threads:
        shares = [len(range(number, OPERATIONS, WRITERS)) for number in range(WRITERS)]
        list(threads.map(Writer.run, writers, shares))

    with api.database.read() as connection:
        assert check_event(connection, trip.event_id) == []
        history = read_changes(connection, trip.event_id, 0, 10 * OPERATIONS)
    assert [change.revision for change in history] == list(range(1, len(history) + 1))
    assert history[-1].revision == people[0].revision(trip.event_id)
    assert set(trip.refusals) <= REFUSALS, trip.refusals
    assert trip.refusals["ETAG_STALE"] > 100
    assert len(trip.answers) > 100
    check_history(trip, history)


def check_history(trip: Trip, history: list[Change]) -> None:
    """That history has what was answered, and nothing else."""
    written = {}
    last: Counter[str] = Counter()
    for change in history:
        if isinstance(change.after, Expense):
            # Each change builds on the one before it: none is lost.
            last[change.subject_id] += 1
            assert change.after.version == last[change.subject_id]
            written[change.subject_id, change.after.version] = change
    made = [change.subject_id for change in history if change.kind == "EXPENSE_CREATED"]
    assert all(len(ids) == 1 for ids in trip.created.values())
    assert sorted(made) == sorted(expense_id for (expense_id,) in trip.created.values())
    answered = set()
    for kind, expense in trip.answers:
        change = written[expense.id, expense.version]
        assert (change.kind, etag(expense.version)) == (kind, expense.etag)
        assert isinstance(change.after, Expense)
        assert change.after.draft.reason == expense.reason
        answered.add((expense.id, expense.version))
    assert answered == {key for key, change in written.items() if change.kind != "EXPENSE_CREATED"}
