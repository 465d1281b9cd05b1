"""The server is killed while people write: what was answered is there, the rest is whole or absent."""

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest

from howmuch.model import Expense
from howmuch.storage.database import Database
from howmuch.usecases.history import read_changes
from howmuch.usecases.ledger_check import check_event, check_ledger
from howmuch.v1 import event_pb2, expense_pb2
from howmuch.v1 import expense_service_pb2 as xs
from tests.cli.program import Running, running
from tests.databases import closing_database
from tests.service.api import Api, Person

KILLS = 20
CLIENTS = 4
# So many writes are answered before the kill, which then falls on any moment of those in flight.
ANSWERS = (5, 60)


@dataclass
class Writes:
    """What clients sent. answered: reasons to answers; cut_off: calls that nobody answered, to repeat."""

    event: event_pb2.Event
    answered: dict[str, expense_pb2.Expense] = field(default_factory=dict)
    cut_off: list[Callable[[Person], expense_pb2.Expense]] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)


@contextmanager
def served(url: str, database: Database, log: Path) -> Iterator[tuple[Running, Api]]:
    """The program, and a view of it for its clients."""
    with (
        running(log, "--database-url", url, "--grpc-listen", "127.0.0.1:0") as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        yield server, Api(channel, database, server.address)


def create(writes: Writes, reason: str) -> Callable[[Person], expense_pb2.Expense]:
    """A call that adds an expense. The reason, which no other write gives, is its idempotency key too."""
    member_id = writes.event.member_id
    key = (("idempotency-key", reason),)
    return lambda person: person.spend(
        writes.event.id, member_id, "10.00", member_id, reason=reason, metadata=key
    )


def update(expense: expense_pb2.Expense, reason: str) -> Callable[[Person], expense_pb2.Expense]:
    """A call that changes it."""
    changed = expense_pb2.Expense(
        event_id=expense.event_id, id=expense.id, etag=expense.etag, reason=reason, amount="12.00"
    )
    request = xs.UpdateExpenseRequest(expense=changed)
    key = (("idempotency-key", reason),)
    return lambda person: person.expenses.UpdateExpense(request, metadata=key)


def write_until_cut_off(person: Person, writes: Writes, client: int, answers: int) -> None:
    """Adds and changes expenses until the server is gone."""
    made: expense_pb2.Expense | None = None
    number = 0
    while True:
        reason = f"{writes.event.id}/{client}/{number}"
        call = update(made, reason) if made else create(writes, reason)
        try:
            answer = call(person)
        except grpc.RpcError as error:
            if error.code() is not grpc.StatusCode.UNAVAILABLE:
                raise
            writes.cut_off.append(call)
            return
        writes.answered[reason] = answer
        made = None if made else answer
        number += 1
        if len(writes.answered) >= answers:
            writes.enough.set()


def kill_during_writes(server: Running, person: Person, answers: int) -> Writes:
    """Lets clients write, each call without a pause after the last, and kills the server."""
    writes = Writes(person.event())
    with ThreadPoolExecutor(CLIENTS) as threads:
        clients: list[Future[Any]] = [
            threads.submit(write_until_cut_off, person, writes, client, answers)
            for client in range(CLIENTS)
        ]
        assert writes.enough.wait(30)
        server.process.kill()
        for client in clients:
            client.result()
    server.process.wait()
    return writes


def check_writes(database: Database, writes: Writes, person: Person) -> None:
    """What was answered is in history as it was answered; repeated, the rest is there once."""
    with database.read() as connection:
        assert check_event(connection, writes.event.id) == []
    for call in writes.cut_off:
        answer = call(person)
        assert call(person) == answer
        writes.answered[answer.reason] = answer
    with database.read() as connection:
        assert check_event(connection, writes.event.id) == []
        history = read_changes(connection, writes.event.id, 1, 100_000)
    found = [change.after for change in history if isinstance(change.after, Expense)]
    assert len(found) == len(history)
    assert sorted(after.draft.reason for after in found) == sorted(writes.answered)
    for after in found:
        answer = writes.answered[after.draft.reason]
        assert (answer.id, answer.version) == (after.id, after.version)


@pytest.mark.killed
@pytest.mark.timeout(240)
@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_kill_loses_nothing_that_was_answered(
    dialect: str, fresh_database: Callable[[str], str], tmp_path: Path
) -> None:
    """Ten times: every answered write is there, none is half there, repeating does nothing twice."""
    url = fresh_database(dialect)
    chance = random.Random(1)
    writes: Writes | None = None
    token = ""
    with closing_database(url, pool_size=2) as database:
        for _ in range(KILLS + 1):
            with served(url, database, tmp_path / "log") as (server, api):
                person = api.caller(token) if token else api.person()
                token = person.token
                if writes:
                    check_writes(database, writes, person)
                writes = kill_during_writes(server, person, chance.randint(*ANSWERS))
        with database.read() as connection:
            assert check_ledger(connection) == []
